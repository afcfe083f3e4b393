from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import dmarc
from reconciler.mail.dmarc import Alignment, Policy, Record, TagChange

policies = st.none() | st.sampled_from(Policy)
records = st.builds(
    Record,
    policy=policies,
    subdomain_policy=policies,
    nonexistent_policy=policies,
    dkim_alignment=st.sampled_from([None, *Alignment]),
    testing=st.sampled_from([None, True, False]),
    others=st.sampled_from([(), (("pct", "0"),), (("pct", "40"),), (("pct", "100"),)]),
)


def asked(record: Record) -> list[int]:
    """What the two generations of receivers do to mail that fails: the part of it that meets each level.

    Written out from RFC 9989 §4.7 and RFC 7489 §6.6.4, in percent, for domain, sub-domains and missing ones.
    """
    level = {None: 0, Policy.NONE: 0, Policy.QUARANTINE: 1, Policy.REJECT: 2}
    domain = level[record.policy]
    below = domain if record.subdomain_policy is None else level[record.subdomain_policy]
    missing = below if record.nonexistent_policy is None else level[record.nonexistent_policy]
    percentage = int(dict(record.others).get("pct", "100"))
    new = [max(n - 1, 0) if record.testing else n for n in (domain, below, missing)]
    early = [n * percentage + max(n - 1, 0) * (100 - percentage) for n in (domain, below)]
    return [*new, *early, record.dkim_alignment is Alignment.STRICT]


@given(records, records)
def test_a_weaker_tag_is_named_exactly_when_some_receiver_refuses_less(before: Record, after: Record) -> None:
    less = any(b < a for a, b in zip(asked(before), asked(after), strict=True))
    assert bool(dmarc.weaker(before, after)) == less


@given(records, records)
def test_changes_lead_from_one_record_to_the_other(before: Record, after: Record) -> None:
    assert (dmarc.compare(before, after) == ()) == (dmarc.text(before) == dmarc.text(after))
    assert dmarc.weaker(before, before) == ()


@pytest.mark.parametrize(
    ("before", "after", "tags"),
    [
        pytest.param("p=reject", "p=none", ["p"], id="policy"),
        pytest.param("p=none", "p=reject", [], id="stronger"),
        pytest.param("p=reject", "p=reject; sp=none", ["sp"], id="sub-domains no longer follow"),
        pytest.param("p=none; sp=reject", "p=quarantine", ["sp"], id="sp dropped"),
        pytest.param("p=reject; np=reject; sp=none", "p=reject; sp=none", ["np"], id="np dropped"),
        pytest.param("p=reject", "p=reject; t=y", ["t"], id="only testing"),
        pytest.param("p=quarantine", "p=reject; t=y", [], id="trying the next step"),
        pytest.param("p=none", "p=none; t=y", [], id="none cannot be tested"),
        pytest.param("p=reject; adkim=s; aspf=s", "p=reject", ["adkim", "aspf"], id="alignment"),
        pytest.param("p=reject", "p=reject; pct=10", ["pct"], id="receivers before RFC 9989"),
        pytest.param("p=none", "p=reject; pct=10", [], id="pct with a stronger policy"),
        pytest.param("p=reject; pct=0", "p=quarantine", ["p"], id="pct is no excuse for the others"),
        pytest.param("p=reject; pct=x", "p=reject", [], id="pct that nobody can read"),
        pytest.param("p=reject; rua=mailto:a@example.org", "p=reject", [], id="reports only inform"),
    ],
)
def test_weaker_names_the_tags_to_blame(before: str, after: str, tags: list[str]) -> None:
    found = dmarc.weaker(dmarc.parse(f"v=DMARC1; {before}"), dmarc.parse(f"v=DMARC1; {after}"))
    assert [change.tag for change in found] == tags


def test_compare_shows_every_tag_that_differs() -> None:
    before = dmarc.parse("v=DMARC1; p=reject; aspf=s; rua=mailto:a@example.org; pct=50")
    after = dmarc.parse("v=DMARC1; p=none; aspf=s; sp=reject; rua=mailto:b@example.org")
    assert dmarc.compare(before, after) == (
        TagChange(tag="p", before="reject", after="none", weakens=True),
        TagChange(tag="rua", before="mailto:a@example.org", after="mailto:b@example.org", weakens=False),
        TagChange(tag="pct", before="50", after="", weakens=False),
        TagChange(tag="sp", before="", after="reject", weakens=False),
    )
