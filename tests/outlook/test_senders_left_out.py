"""Taking over a domain whose SPF text names others: who would no longer be allowed to send is said."""

from __future__ import annotations

import pytest
from lint_texts import STACK
from live_by_hand import MAILBOXES, ZONE, live_of, txt

from reconciler.config.load import load_bytes
from reconciler.desired import desire
from reconciler.hints import hints
from reconciler.resource import Address

DECLARED = STACK.replace(
    "[203.0.113.10]\nacc", "[203.0.113.10]\n  mail: {spf: {include: [_spf.example.net]}}\nacc"
)
SPF = Address("record", "example.org/@/TXT/spf")


def told(stack: str, live_text: str, **given) -> list[tuple[str, str, str]]:
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    live = live_of(*MAILBOXES, txt(ZONE, live_text), **given)
    return [(f.severity, f.text, f.fix) for f in hints(desired, live) if f.rule == "SPF-08"]


def test_who_is_left_out_is_named_with_both_texts_as_one():
    assert told(DECLARED, "v=spf1 mx include:_spf.news.example ip4:198.51.100.7 ~all") == [
        (
            "warning",
            "the live SPF of example.org also lets include:_spf.news.example ip4:198.51.100.7 send, "
            "and the declared one does not",
            'if they still send for you: "v=spf1 mx include:_spf.example.net include:_spf.news.example '
            'ip4:198.51.100.7 -all"',
        )
    ]


@pytest.mark.parametrize(
    "live_text",
    [
        "v=spf1 mx include:_spf.example.net ~all",
        "v=spf1 mx ptr -all",
        "v=spf1 -all",
        "v=spf1 mx foo:bar -all",
    ],
    ids=["nobody is", "ptr", "nobody could", "cannot be read"],
)
def test_nothing_is_said_where_nobody_is_left_out(live_text):
    assert told(DECLARED, live_text) == []


def test_a_text_that_the_stack_leaves_alone_leaves_nobody_out():
    assert told(STACK, "v=spf1 mx include:_spf.news.example -all") == []


def test_what_mailstack_wrote_was_changed_on_purpose():
    assert told(DECLARED, "v=spf1 mx include:_spf.news.example -all", owned=frozenset({SPF})) == []
