"""A changed text is told by what changes in it."""

from __future__ import annotations

import pytest

from reconciler.diff import Change, Verb, field_changes
from reconciler.kinds.record import record
from reconciler.render import record_words


@pytest.mark.parametrize(
    ("owner", "before", "after", "told"),
    [
        ("example.org.", "v=spf1 mx ~all", "v=spf1 mx -all", "SPF  ~all -> -all"),
        (
            "example.org.",
            "v=spf1 mx include:a.example ~all",
            "v=spf1 mx include:b.example -all",
            "SPF  ~all -> -all · +include:b.example · -include:a.example",
        ),
        (
            "_dmarc.example.org.",
            "v=DMARC1; p=none; pct=50",
            "v=DMARC1; p=reject; np=reject",
            "DMARC  p=none -> p=reject · +np=reject · -pct=50",
        ),
        ("_dmarc.example.org.", "v=DMARC1; p=none", "v=DMARC1;p=reject", "DMARC  p=none -> p=reject"),
    ],
    ids=["the end of SPF", "senders", "tags", "blanks do not count"],
)
def test_only_what_changes_is_told(owner, before, after, told):
    present, wanted = (record("example.org.", owner, "TXT", f'"{text}"') for text in (before, after))
    change = Change(
        address=wanted.address,
        verb=Verb.CHANGE,
        before=present,
        after=wanted,
        fields=field_changes(present, wanted),
    )

    assert record_words.details(change) == told
