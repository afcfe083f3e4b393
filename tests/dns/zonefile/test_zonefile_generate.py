from __future__ import annotations

import pytest

from reconciler.backends.dns.zonefile import generate
from reconciler.backends.dns.zonefile.zone import Zone

HEAD = b"$TTL 3600\n@ IN SOA ns1 h 1 3600 900 1209600 300\n@ NS ns.example.net.\n"

LINES = {
    "plain": b"$GENERATE 1-3 h$ A 10.0.0.$\n",
    "step, width, offset": b"$GENERATE 1-5/2 h${0,3,d}-${-1} 300 IN CNAME x${10,2,x}.foo\n",
    "dollar signs": b'$GENERATE 1-2 \\$$ TXT "a\\$ $$ $"\n',
    "nibbles": b"$GENERATE 7-18 ${0,3,d}.a${0,5,n} A 192.0.2.$\n",
    "capitals and octal": b"$GENERATE 200-201 a${0,0,x}b${0,4,X}c${0,3,o}d${0,5,N} A 192.0.2.$\n",
    "the apex": b"$GENERATE 1-3 @ A 192.0.2.$\n",
    "data with blanks": b'$GENERATE 1-2 a$ MX "10 b$"\n',
    "an origin": b"$ORIGIN sub\n$GENERATE 1-2 a$ CNAME b$\n",
}


def generated(text: bytes) -> list[tuple[str, str, str]]:
    zone = Zone.parse(HEAD + text, name="example.org", file="db")
    assert [] == zone.problems
    return sorted((one.owner, one.rrtype, one.value) for found in zone.generated.values() for one in found)


def test_a_generate_line_stands_for_records():
    assert [
        ("h1.example.org.", "A", "10.0.0.1"),
        ("h2.example.org.", "A", "10.0.0.2"),
        ("h3.example.org.", "A", "10.0.0.3"),
    ] == generated(LINES["plain"])


@pytest.mark.parametrize("text", LINES.values(), ids=LINES.keys())
def test_bind_generates_the_same(text, compiled):
    from reconciler.dnsdata.data import canonical

    rows = compiled(HEAD + text)
    assert generated(text) == sorted(
        (owner, rrtype, canonical(rrtype, rdata, "."))
        for owner, _, rrtype, rdata in rows
        if rrtype not in ("SOA", "NS")
    )


@pytest.mark.parametrize(
    "text",
    [
        b"$GENERATE 3-1 a$ A 192.0.2.1\n",
        b"$GENERATE 1-3/0 a$ A 192.0.2.1\n",
        b"$GENERATE 1-3 a$ A\n",
        b"$GENERATE 1-3 a$ MX 10 b$\n",
        b"$GENERATE x a$ A 192.0.2.1\n",
    ],
)
def test_a_bad_generate_line_is_a_problem_for_bind_too(text, compiled):
    assert 1 == len(Zone.parse(HEAD + text, name="example.org", file="db").problems)
    assert compiled(HEAD + text) is None


def test_a_huge_range_is_expanded_in_part():
    zone = Zone.parse(HEAD + b"$GENERATE 0-4000000000 a$ A 192.0.2.1\n", name="example.org", file="db")
    assert generate.MAX_EXPANSION == len(zone.generated)
