from __future__ import annotations

import pytest

from reconciler.mail import spf
from reconciler.mail.spf import Cost

TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("example.org", "MX"): ("mail.example.org",),
    ("example.org", "A"): ("203.0.113.10",),
    ("mail.example.org", "A"): ("203.0.113.10",),
    ("one.example", "TXT"): ("v=spf1 include:two.example a:mail.example.org ~all",),
    ("two.example", "TXT"): ("v=spf1 ip4:192.0.2.1 exists:mail.example.org -all",),
    ("circle.example", "TXT"): ("v=spf1 include:one.example include:circle.example -all",),
    ("wrong.example", "TXT"): ("v=spf1 ip4:host.example -all",),
    ("bare.example", "TXT"): ("something else",),
    ("crowd.example", "MX"): tuple(f"mx{n}.crowd.example" for n in range(11)),
    **{(f"mx{n}.crowd.example", "A"): ("192.0.2.1",) for n in range(11)},
    **{(f"n{n}.example", "TXT"): (f"v=spf1 include:n{n + 1}.example -all",) for n in range(300)},
}


def resolve(name: str, type_: spf.RecordType, /) -> tuple[str, ...]:
    if name.endswith(".net"):
        raise spf.UnansweredError(name, type_)
    return TABLE.get((name, type_), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ip4:192.0.2.1 ip6:2001:db8::1 -all", Cost(lookups=0), id="addresses are free"),
        pytest.param("mx a ptr exists:mail.example.org -all", Cost(lookups=4), id="one each"),
        pytest.param("include:one.example -all", Cost(lookups=4), id="through include"),
        pytest.param("mx redirect=one.example", Cost(lookups=5), id="through redirect"),
        pytest.param("mx -all a redirect=one.example", Cost(lookups=1), id="nothing behind all counts"),
        pytest.param("include:one.example include:one.example -all", Cost(lookups=8), id="asked again"),
        pytest.param(
            "include:circle.example -all", Cost(lookups=6, loops=("circle.example",)), id="includes itself"
        ),
        pytest.param(
            "include:example.org -all", Cost(lookups=1, loops=("example.org",)), id="includes the domain"
        ),
        pytest.param(
            "a:x.example mx:y.example -all", Cost(lookups=2, voids=("x.example", "y.example")), id="voids"
        ),
        pytest.param("mx:crowd.example -all", Cost(lookups=1, crowded=("crowd.example",)), id="eleven MX"),
        pytest.param(
            "include:far.net include:%{d}.example a:far2.net redirect=%{o}.example",
            Cost(lookups=4, unanswered=("far.net", "%{d}.example", "far2.net", "%{o}.example")),
            id="not known here",
        ),
        pytest.param(
            "include:far.net include:far.net", Cost(lookups=2, unanswered=("far.net",)), id="told once"
        ),
        pytest.param(f"a:{'x' * 64}.example -all", Cost(lookups=1), id="no name to ask for"),
        pytest.param(
            "include:wrong.example include:bare.example -all",
            Cost(
                lookups=2,
                faulty=(
                    'The record of wrong.example is wrong. SPF, column 11: "ip4:" takes an address, and '
                    '"host.example" is none. To name a host, write "a:host.example". (RFC 7208 §5.6)',
                    "bare.example has no SPF record.",
                ),
            ),
            id="what is included is wrong",
        ),
        pytest.param("include:n0.example -all", Cost(lookups=100), id="a chain without end is cut"),
    ],
)
def test_cost_counts_every_term_that_can_be_reached(text: str, expected: Cost) -> None:
    assert spf.cost(spf.parse(f"v=spf1 {text}"), "example.org", resolve) == expected
