"""What the openspf suite (test_mail_spf_suite.py) does not ask: RFC 7208's own examples, words and counts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import spf
from reconciler.mail.spf import Result, Verdict, macros


class Zone:
    """Answers from a table; a value of None has no answer."""

    def __init__(self, table: Mapping[tuple[str, str], tuple[str, ...] | None]) -> None:
        self.table = table

    def __call__(self, name: str, type_: spf.RecordType, /) -> tuple[str, ...]:
        answer = self.table.get((name, type_), ())
        if answer is None:
            raise spf.UnansweredError(name, type_)
        return answer


# RFC 7208 appendix A.
EXAMPLE = {
    ("example.com", "A"): ("192.0.2.10", "192.0.2.11"),
    ("example.com", "MX"): ("mail-a.example.com", "mail-b.example.com"),
    ("amy.example.com", "A"): ("192.0.2.65",),
    ("bob.example.com", "A"): ("192.0.2.66",),
    ("mail-a.example.com", "A"): ("192.0.2.129",),
    ("mail-b.example.com", "A"): ("192.0.2.130",),
    ("example.org", "MX"): ("mail-c.example.org",),
    ("mail-c.example.org", "A"): ("192.0.2.140",),
    ("10.2.0.192.in-addr.arpa", "PTR"): ("example.com",),
    ("65.2.0.192.in-addr.arpa", "PTR"): ("amy.example.com",),
    ("140.2.0.192.in-addr.arpa", "PTR"): ("mail-c.example.org",),
}


def evaluate(
    text: str, client: str, table: Mapping[tuple[str, str], tuple[str, ...] | None] | None = None
) -> Verdict:
    zone = {**EXAMPLE, ("example.com", "TXT"): (text,), **(table or {})}
    return spf.evaluate(ipaddress.ip_address(client), "example.com", Zone(zone))


@pytest.mark.parametrize(
    ("text", "client", "result"),
    [
        pytest.param("v=spf1 +all", "203.0.113.1", Result.PASS, id="anybody"),
        pytest.param("v=spf1 a -all", "192.0.2.11", Result.PASS, id="a"),
        pytest.param("v=spf1 a -all", "192.0.2.12", Result.FAIL, id="not a"),
        pytest.param("v=spf1 a:example.org -all", "192.0.2.10", Result.FAIL, id="example.org has no address"),
        pytest.param("v=spf1 mx -all", "192.0.2.130", Result.PASS, id="mx"),
        pytest.param("v=spf1 mx:example.org -all", "192.0.2.140", Result.PASS, id="mx of another"),
        pytest.param("v=spf1 mx mx:example.org -all", "192.0.2.140", Result.PASS, id="either"),
        pytest.param("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", Result.PASS, id="beside an mx"),
        pytest.param("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", Result.FAIL, id="too far"),
        pytest.param("v=spf1 ptr -all", "192.0.2.65", Result.PASS, id="ptr"),
        pytest.param("v=spf1 ptr -all", "192.0.2.140", Result.FAIL, id="ptr of another"),
        pytest.param("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", Result.FAIL, id="outside the network"),
        pytest.param(
            "v=spf1 ip4:192.0.2.128/28 -all", "::ffff:192.0.2.129", Result.PASS, id="mapped address"
        ),
    ],
)
def test_examples_of_appendix_a(text: str, client: str, result: Result) -> None:
    assert evaluate(text, client).result is result


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param(
            "v=spf1 mx -all",
            Verdict(
                result=Result.FAIL, reason='"-all" in the record of example.com matches.', lookups=1, voids=0
            ),
            id="fail",
        ),
        pytest.param(
            "v=spf1 a:x.example a:y.example",
            Verdict(
                result=Result.NEUTRAL,
                reason="Nothing in the record of example.com matches.",
                lookups=2,
                voids=2,
            ),
            id="two voids",
        ),
        pytest.param(
            "v=spf1 a:x.example a:y.example a:z.example",
            Verdict(
                result=Result.PERMERROR,
                reason="More than 2 questions had no answer; the last was A of z.example.",
                lookups=3,
                voids=3,
            ),
            id="three voids",
        ),
        pytest.param(
            "v=spf1 a a a a a a a a a a a",
            Verdict(result=Result.PERMERROR, reason="More than 10 terms ask DNS.", lookups=11, voids=0),
            id="eleven terms",
        ),
        pytest.param(
            "v=spf1 include:gone.example -all",
            Verdict(
                result=Result.PERMERROR,
                reason='"include:gone.example" of example.com leads to no SPF record.',
                lookups=1,
                voids=0,
            ),
            id="include of nothing",
        ),
        pytest.param(
            "v=spf1 redirect=gone.example",
            Verdict(
                result=Result.PERMERROR,
                reason='"redirect=gone.example" of example.com leads to no SPF record.',
                lookups=1,
                voids=0,
            ),
            id="redirect to nothing",
        ),
        pytest.param(
            "v=spf1 include:slow.example -all",
            Verdict(
                result=Result.TEMPERROR,
                reason="There is no answer for TXT of slow.example.",
                lookups=1,
                voids=0,
            ),
            id="no answer",
        ),
        pytest.param(
            "v=spf1 ipv4:1 -all",
            Verdict(
                result=Result.PERMERROR,
                reason='The record of example.com is wrong. SPF, column 8: "ipv4:1" is not a term of '
                'SPF. Did you mean "ip4"? (RFC 7208 §4.6.1)',
                lookups=0,
                voids=0,
            ),
            id="syntax",
        ),
        pytest.param(
            "v=spf10 mx",
            Verdict(result=Result.NONE, reason="example.com has no SPF record.", lookups=0, voids=0),
            id="none",
        ),
    ],
)
def test_verdict_says_why_and_what_it_took(text: str, verdict: Verdict) -> None:
    assert evaluate(text, "203.0.113.9", {("slow.example", "TXT"): None}) == verdict


def test_two_records_are_none_that_counts() -> None:
    """RFC 7208 §4.5."""
    twice = {
        ("example.com", "TXT"): (
            "v=spf1 mx -all",
            "google-site-verification=x",
            "v=spf1 a ra=postmaster -all",
        )
    }
    assert evaluate("", "192.0.2.10", twice) == Verdict(
        result=Result.PERMERROR,
        reason="example.com has 2 SPF records, and only one is allowed.",
        lookups=0,
        voids=0,
    )


def test_eleven_mx_are_too_many() -> None:
    crowd = {("example.com", "MX"): tuple(f"mx{n}.example.com" for n in range(11))}
    assert (
        evaluate("v=spf1 mx -all", "203.0.113.9", crowd).reason
        == "example.com has 11 MX records; SPF follows 10 at most."
    )


@pytest.mark.parametrize(
    "table",
    [
        pytest.param({("10.2.0.192.in-addr.arpa", "PTR"): None}, id="no answer to PTR"),
        pytest.param({("example.com", "A"): None}, id="no answer for the name"),
    ],
)
def test_ptr_that_cannot_be_asked_matches_nothing(table: dict[tuple[str, str], None]) -> None:
    """RFC 7208 §5.5: an error there is no temperror."""
    assert evaluate("v=spf1 ptr -all", "192.0.2.10", table).result is Result.FAIL


def test_name_that_grew_too_long_loses_labels_on_the_left() -> None:
    """RFC 7208 §7.3: 253 characters at most."""
    values = MACROS | {"l": ".".join(["x" * 50] * 6)}
    assert macros.expand("%{l}.example.com", values) == ".".join(["x" * 50] * 4 + ["example.com"])


# RFC 7208 §7.4: strong-bad@email.example.com, from 192.0.2.3 or 2001:db8::cb01.
MACROS = {
    "s": "strong-bad@email.example.com",
    "l": "strong-bad",
    "o": "email.example.com",
    "d": "email.example.com",
    "i": "192.0.2.3",
    "h": "mx.example.org",
    "p": "mx.example.org",
    "v": "in-addr",
}
SIX = MACROS | {"i": "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1", "v": "ip6"}


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("%{s}", MACROS, "strong-bad@email.example.com"),
        ("%{o}", MACROS, "email.example.com"),
        ("%{d4}", MACROS, "email.example.com"),
        ("%{d2}", MACROS, "example.com"),
        ("%{d1}", MACROS, "com"),
        ("%{dr}", MACROS, "com.example.email"),
        ("%{d2r}", MACROS, "example.email"),
        ("%{l-}", MACROS, "strong.bad"),
        ("%{lr}", MACROS, "strong-bad"),
        ("%{lr-}", MACROS, "bad.strong"),
        ("%{l1r-}", MACROS, "strong"),
        ("%{ir}.%{v}._spf.%{d2}", MACROS, "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", MACROS, "bad.strong.lp._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", MACROS, "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", MACROS, "example.com.trusted-domains.example.net"),
        (
            "%{ir}.%{v}._spf.%{d2}",
            SIX,
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
        ),
    ],
)
def test_macros_expand_as_in_the_examples_of_section_7_4(
    text: str, values: dict[str, str], expected: str
) -> None:
    assert macros.expand(text, values) == expected


@given(st.text(max_size=80), st.ip_addresses())
def test_any_record_text_has_a_verdict(
    text: str, client: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    zone = Zone({("example.com", "TXT"): (f"v=spf1 {text}",)})
    assert spf.evaluate(client, "example.com", zone).result in Result
