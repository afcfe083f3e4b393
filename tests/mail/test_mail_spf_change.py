from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import spf
from reconciler.mail.spf import Mechanism, Modifier, Record


def terms(text: str) -> list[Mechanism]:
    return [term for term in spf.parse(f"v=spf1 {text}").terms if isinstance(term, Mechanism)]


@pytest.mark.parametrize(
    ("live", "wanted", "expected"),
    [
        pytest.param(
            "mx -all", "include:_spf.example.net", "mx include:_spf.example.net -all", id="before all"
        ),
        pytest.param("mx -all", "mx", "mx -all", id="already there"),
        pytest.param(
            "a:x.example mx ~all",
            "mx ip4:192.0.2.1 -all",
            "a:x.example mx ip4:192.0.2.1 -all",
            id="their terms and order stay",
        ),
        pytest.param("mx", "ip4:192.0.2.1", "mx ip4:192.0.2.1", id="without all"),
        pytest.param("mx exp=e.example", "-all", "mx -all exp=e.example", id="all before modifiers"),
        pytest.param(
            "ip4:192.0.2.0/24 -all",
            "ip4:192.0.2.7 ip4:192.0.2.0/25",
            "ip4:192.0.2.0/24 -all",
            id="covered by a network",
        ),
        pytest.param(
            "-ip4:192.0.2.0/24 -all",
            "ip4:192.0.2.7",
            "-ip4:192.0.2.0/24 ip4:192.0.2.7 -all",
            id="not by a term that fails",
        ),
        pytest.param(
            "?include:X.example -all",
            "include:x.example",
            "include:X.example -all",
            id="another qualifier, another case",
        ),
        pytest.param("mx redirect=x.example", "a", "mx a redirect=x.example", id="redirect goes on"),
        pytest.param(
            "mx redirect=x.example", "-all", "mx include:x.example -all", id="redirect gives way to all"
        ),
        pytest.param("-all mx", "mx", "mx -all mx", id="what is behind all is not there"),
        pytest.param("", "mx -all", "mx -all", id="nothing yet"),
    ],
)
def test_merge_adds_what_is_missing(live: str, wanted: str, expected: str) -> None:
    merged = spf.merge(spf.parse(f"v=spf1 {live}".rstrip()), terms(wanted))
    assert spf.text(merged) == f"v=spf1 {expected}"


mechanisms = st.sampled_from(
    terms("mx")
    + terms("-mx")
    + terms("a:x.example ip4:192.0.2.0/24 ip4:192.0.2.1 ?ip4:192.0.2.9 include:x.example ip6:2001:db8::/32")
    + terms("-all")
    + terms("~all")
)
records = st.tuples(
    st.lists(mechanisms, max_size=6), st.sampled_from([(), (Modifier(name="redirect", value="r.example"),)])
).map(lambda both: Record(terms=(*both[0], *both[1])))


@given(
    records, st.lists(mechanisms, max_size=4, unique_by=lambda mechanism: (mechanism.name, mechanism.target))
)
def test_merge_twice_is_merge_once(record: Record, wanted: list[Mechanism]) -> None:
    once = spf.merge(record, wanted)
    assert spf.merge(once, wanted) == once


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("mx -all", "mx a include:x.example -all", (), id="more senders"),
        pytest.param("mx a -all", "mx -all", (), id="fewer senders"),
        pytest.param("mx ~all", "mx -all", (), id="stricter"),
        pytest.param(
            "mx -all",
            "mx ~all",
            (
                'It ended with "-all" and would end with "~all": receivers refuse less of what '
                "strangers send.",
            ),
            id="softer",
        ),
        pytest.param(
            "mx ~all",
            "mx",
            (
                'It ended with "~all" and would end with "nothing": receivers refuse less of what '
                "strangers send.",
            ),
            id="no end",
        ),
        pytest.param("mx", "mx ?all", (), id="neutral is the default"),
        pytest.param(
            "mx ?all",
            "+all",
            (
                'It ended with "?all" and would end with "+all": receivers refuse less of what '
                "strangers send.",
            ),
            id="everybody",
        ),
        pytest.param(
            "mx -all",
            "redirect=x.example",
            (
                'It ended with "-all" and would end with "redirect=x.example": another domain '
                "decides from now on.",
            ),
            id="to a redirect",
        ),
        pytest.param("mx redirect=x.example", "a redirect=x.example", (), id="the same redirect"),
        pytest.param(
            "mx redirect=x.example",
            "mx redirect=y.example",
            (
                'It ended with "redirect=x.example" and would end with "redirect=y.example": '
                "another domain decides from now on.",
            ),
            id="another redirect",
        ),
        pytest.param(
            "mx",
            "mx redirect=y.example",
            (),
            id="from no end to a redirect",
        ),
        pytest.param("mx redirect=x.example", "mx -all", (), id="from a redirect to fail"),
        pytest.param(
            "mx redirect=x.example",
            "mx ~all",
            (
                'It ended with "redirect=x.example" and would end with "~all": receivers refuse less '
                "of what strangers send.",
            ),
            id="from a redirect to less",
        ),
        pytest.param(
            "mx -all",
            "mx ip4:64.0.0.0/8 -all",
            ('"ip4:64.0.0.0/8" lets a good part of the internet send.',),
            id="a wide network",
        ),
        pytest.param(
            "mx -all",
            "a/0 ip6:2000::/3 -ip4:0.0.0.0/0 -all",
            (
                '"a/0" lets a good part of the internet send.',
                '"ip6:2000::/3" lets a good part of the internet send.',
            ),
            id="wider ones, and one that fails",
        ),
        pytest.param("ip4:64.0.0.0/7 -all", "ip4:64.0.0.0/8 -all", (), id="it was wider before"),
        pytest.param("mx -all", "-all ip4:64.0.0.0/8", (), id="out of reach"),
    ],
)
def test_weaker_says_why(before: str, after: str, expected: tuple[str, ...]) -> None:
    assert spf.weaker(spf.parse(f"v=spf1 {before}"), spf.parse(f"v=spf1 {after}")) == expected


def test_what_opens_wide_lets_everybody_or_a_network_that_is_nobodys_own_pass() -> None:
    record = spf.parse("v=spf1 +all -all a/8 a/9 ip6:2a00::/18 ip6:2a00::/19 -ip4:0.0.0.0/0 ra=x")
    assert [spf.term_text(term) for term in record.terms if spf.opens_wide(term)] == [
        "all",
        "a/8",
        "ip6:2a00::/18",
    ]


@given(records)
def test_no_record_is_weaker_than_itself(record: Record) -> None:
    assert spf.weaker(record, record) == ()
