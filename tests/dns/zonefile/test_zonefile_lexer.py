"""Every reading below is also put to BIND: the lexer knows owner, TTL and type as named does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.backends.dns.zonefile.lexer import scan
from reconciler.backends.dns.zonefile.zone import Zone

HEAD = b"$TTL 3600\n@ IN SOA ns1 h 1 3600 900 1209600 300\n@ NS ns.example.net.\n"

READINGS = {
    "plain": (b"a A 192.0.2.1\n", ["a 3600 A 192.0.2.1"]),
    "tabs": (b"a\tIN\tA\t192.0.2.1\n", ["a 3600 A 192.0.2.1"]),
    "owner in capitals": (b"Host-A IN a 192.0.2.1\n", ["host-a 3600 A 192.0.2.1"]),
    "blank owner": (b"a A 192.0.2.1\n  TXT x\n", ["a 3600 A 192.0.2.1", "a 3600 TXT x"]),
    "blank line keeps owner": (b"a A 192.0.2.1\n \t \n; c\n TXT x\n", ["a 3600 A 192.0.2.1", "a 3600 TXT x"]),
    "at sign": (b"@ TXT x\n", ["@ 3600 TXT x"]),
    "absolute owner": (b"a.example.org. TXT x\n", ["a 3600 TXT x"]),
    "wildcard": (b"*.b A 192.0.2.1\n", ["*.b 3600 A 192.0.2.1"]),
    "underscore": (b"_dmarc TXT x\n", ["_dmarc 3600 TXT x"]),
    "owner that looks like a class": (b"IN IN A 192.0.2.1\n", ["in 3600 A 192.0.2.1"]),
    "owner that looks like a TTL": (b"300 IN A 192.0.2.1\n", ["300 3600 A 192.0.2.1"]),
    "quoted owner": (b'"a" TXT x\n', ["a 3600 TXT x"]),
    "escaped dot": (b"a\\.b TXT x\n", ["a\\.b 3600 TXT x"]),
    "escape that is not needed": (b"\\065bc TXT x\n", ["abc 3600 TXT x"]),
    "escape that is needed": (b"x\\ y TXT x\n", ["x\\032y 3600 TXT x"]),
    "high octet in the owner": (b"b\xe9 TXT x\n", ["b\\233 3600 TXT x"]),
    "dollar in the owner": (b"a$ TXT x\n\\$x TXT x\n", ["a\\$ 3600 TXT x", "\\$x 3600 TXT x"]),
    "TTL, then class": (b"a 5 IN A 192.0.2.1\n", ["a 5 A 192.0.2.1"]),
    "class, then TTL": (b"a IN 5 A 192.0.2.1\n", ["a 5 A 192.0.2.1"]),
    "TTL alone": (b"a 5 A 192.0.2.1\n", ["a 5 A 192.0.2.1"]),
    "units": (b"a 1h30m A 192.0.2.1\n", ["a 5400 A 192.0.2.1"]),
    "units in capitals": (b"a 1W2D3H4M5S A 192.0.2.1\n", ["a 788645 A 192.0.2.1"]),
    "leading zeros in the TTL": (b"a 010 A 192.0.2.1\n", ["a 10 A 192.0.2.1"]),
    "TTL over 31 bits": (b"a 3000000000 A 192.0.2.1\n", ["a 0 A 192.0.2.1"]),
    "second $TTL": (
        b"a A 192.0.2.1\n$ttl 1d\nb A 192.0.2.1\n",
        ["a 3600 A 192.0.2.1", "b 86400 A 192.0.2.1"],
    ),
    "relative $ORIGIN": (
        b"$ORIGIN sub\na TXT x\n$ORIGIN deep\na TXT x\n",
        ["a.sub 3600 TXT x", "a.deep.sub 3600 TXT x"],
    ),
    "$ORIGIN in parentheses": (b"$ORIGIN ( \n sub ) ; c\na TXT x\n", ["a.sub 3600 TXT x"]),
    "blank owner over an $ORIGIN": (b"a TXT x\n$ORIGIN sub\n TXT y\n", ["a 3600 TXT x", "a 3600 TXT y"]),
    "parentheses": (b"b TXT ( a ; c )\n c \n ) \n A 192.0.2.1\n", ["b 3600 TXT a c", "b 3600 A 192.0.2.1"]),
    "parenthesis around everything": (b"( b A 192.0.2.1 )\n", ["b 3600 A 192.0.2.1"]),
    "parenthesis after the blank": (
        b"b TXT x\n ( A \n192.0.2.1\n )\n",
        ["b 3600 TXT x", "b 3600 A 192.0.2.1"],
    ),
    "nested parentheses": (b"b TXT ( a ( b ) \n c )\n", ["b 3600 TXT a b c"]),
    "parenthesis around the TTL": (b"a ( 5\n IN A \n192.0.2.1)\n", ["a 5 A 192.0.2.1"]),
    "parentheses without blanks": (b"c(A 192.0.2.1)\n", ["c 3600 A 192.0.2.1"]),
    "quotes without blanks": (b'b IN TXT"a b"c"d"\n', ['b 3600 TXT "a b"c"d"']),
    "semicolon in quotes": (b'a TXT "c;d" e;f\n', ['a 3600 TXT "c;d" e']),
    "escaped semicolon": (b"a TXT c\\;d\n", ["a 3600 TXT c\\;d"]),
    "parenthesis in quotes": (b'a TXT "( " ; (\nb TXT ")"\n', ['a 3600 TXT "( "', 'b 3600 TXT ")"']),
    "escaped quote": (b'a TXT "b\\"c"\n', ['a 3600 TXT "b\\"c"']),
    "escaped newline in quotes": (b'a TXT "b\\\nc"\n TXT x\n', ['a 3600 TXT "b\\010c"', "a 3600 TXT x"]),
    "high octet in the data": (b'a TXT "\xe9"\n', ['a 3600 TXT "\\233"']),
    "comment glued to the data": (b"a A 192.0.2.1;c\n", ["a 3600 A 192.0.2.1"]),
    "CR in a comment": (b"a A 192.0.2.1 ; c\rb\nb TXT x\n", ["a 3600 A 192.0.2.1", "b 3600 TXT x"]),
    "CR LF": (b'a A 192.0.2.1\r\n\r\n TXT "x" ; c\r\n', ["a 3600 A 192.0.2.1", 'a 3600 TXT "x"']),
    "no last newline": (b"a A 192.0.2.1", ["a 3600 A 192.0.2.1"]),
    "type by number": (b"a TYPE1 \\# 4 c0000201\n", ["a 3600 A \\# 4 c0000201"]),
    "class by number": (b"a CLASS1 A 192.0.2.1\n", ["a 3600 A 192.0.2.1"]),
    "unknown type": (b"a TYPE65534 \\# 0\n", ["a 3600 TYPE65534 \\# 0"]),
    "type without data": (b"a APL\n", ["a 3600 APL "]),
    "$DATE": (b"$DATE 20240101000000\na TXT x\n", ["a 3600 TXT x"]),
    "out of the zone": (b"a.other. TXT x\n TXT y\nb TXT x\n", ["b 3600 TXT x"]),
}

FAULTS = {
    "unknown directive": (b"$FOO bar\n", "unknown directive"),
    "directive not in the first column": (b" $TTL 5\n", "no record type where one must stand"),
    "two TTLs": (b"a 5 IN 5 A 192.0.2.1\n", "two TTLs on one record"),
    "two classes": (b"a IN 5 IN A 192.0.2.1\n", "two classes on one record"),
    "number without unit behind one with": (b"a 1H30 A 192.0.2.1\n", "bad TTL"),
    "hexadecimal TTL": (b"a 0x10 A 192.0.2.1\n", "bad TTL"),
    "TTL over 32 bits": (b"a 4294967296 A 192.0.2.1\n", "bad TTL"),
    "bad $TTL": (b"$TTL soon\n", "bad TTL"),
    "another class": (b"a CH A 192.0.2.1\n", "class is not IN"),
    "no type": (b"a IN\n", "record without a type"),
    "comment instead of a type": (b"a;b A 192.0.2.1\n", "record without a type"),
    "quoted type": (b'a "A" 192.0.2.1\n', "no record type where one must stand"),
    "empty label": (b"a\\.b..c A 192.0.2.1\n", "bad name"),
    "bad escape": (b"a\\12b A 192.0.2.1\n", "bad name"),
    "quote left open": (b'a TXT "b\n', "quote never closed"),
    "parenthesis left open": (b"a TXT ( b\n", "parenthesis never closed"),
    "parenthesis not opened": (b"a TXT b )\n", "closing parenthesis without an opening one"),
    "backslash at the end": (b"a TXT b\\\n", "backslash at the end of the line"),
    "two names in $ORIGIN": (b"$ORIGIN sub sub\n", "$ORIGIN takes one name"),
}


def shown(zone: Zone) -> list[str]:
    def short(owner: str) -> str:
        return "@" if owner == zone.name else owner.removesuffix("." + zone.name)

    inside = [record for record in zone.records if record.owner.endswith("example.org.")]
    return [f"{short(r.owner)} {r.ttl} {r.rrtype} {r.rdata}" for r in inside if r.rrtype not in ("SOA", "NS")]


@pytest.mark.parametrize(("text", "expected"), READINGS.values(), ids=READINGS.keys())
def test_line_reads_as(text, expected):
    zone = Zone.parse(HEAD + text, name="example.org", file="db")
    assert (expected, []) == (shown(zone), zone.problems)


@pytest.mark.parametrize(("text", "expected"), READINGS.values(), ids=READINGS.keys())
def test_bind_reads_the_line_so_too(text, expected, compiled):
    rows = compiled(HEAD + text)
    heads = sorted((e.split(" ")[0], int(e.split(" ")[1]), e.split(" ")[2]) for e in expected)
    assert heads == sorted(
        ("@" if owner == "example.org." else owner.removesuffix(".example.org."), seconds, rrtype)
        for owner, seconds, rrtype, _ in rows
        if rrtype not in ("SOA", "NS")
    )


@pytest.mark.parametrize(("text", "summary"), FAULTS.values(), ids=FAULTS.keys())
def test_line_cannot_be_read(text, summary):
    zone = Zone.parse(HEAD + text + b"good TXT x\n", name="example.org", file="db")
    assert summary == zone.problems[0].summary
    assert 4 == zone.problems[0].where.line


@pytest.mark.parametrize(("text", "summary"), FAULTS.values(), ids=FAULTS.keys())
def test_bind_does_not_load_the_line_either(text, summary, compiled):
    assert compiled(HEAD + text + b"good TXT x\n") is None


@pytest.mark.parametrize("line", [b"$TTL 5", b"$ORIGIN a ; b", b"$GENERATE 1-2 a$ A 192.0.2.$", b"$DATE 1"])
def test_a_directive_ends_with_a_newline(line, compiled):
    zone = Zone.parse(HEAD + line, name="example.org", file="db")
    assert ["no newline behind a directive"] == [problem.summary for problem in zone.problems]
    assert compiled(HEAD + line) is None


def test_lines_behind_an_open_parenthesis_are_still_read():
    zone = Zone.parse(HEAD + b"a TXT ( b\nc TXT d\n", name="example.org", file="db")
    assert ["c 3600 TXT d"] == shown(zone)


def test_a_fault_says_line_and_column():
    zone = Zone.parse(HEAD + b'a IN TXT "b\n', name="example.org", file="db.example.org")
    assert ["db.example.org:4:10"] == [str(problem.where) for problem in zone.problems]


def test_cr_alone_is_not_a_line_end_that_people_see():
    zone = Zone.parse(HEAD + b"a A 192.0.2.1\rb A 192.0.2.2\n", name="example.org", file="db")
    assert ["line ended by CR alone"] == [problem.summary for problem in zone.problems]


TTL_CHAINS = {
    "without $TTL the record before gives it": (
        b"@ 77 IN SOA ns1 h 1 2 3 4 300\n@ NS ns.example.net.\na 5 TXT x\nb TXT x\n$TTL 9\nc TXT x\n",
        [77, 77, 5, 5, 9],
    ),
    "without any TTL the SOA's last number gives it": (
        b"@ IN SOA ns1 h 1 2 3 4 5m\n@ NS ns.example.net.\na 5 TXT x\nb TXT x\n",
        [300, 300, 5, 300],
    ),
    "a $GENERATE passes its TTL on": (
        b"@ 77 IN SOA ns1 h 1 2 3 4 300\n@ NS ns.example.net.\n$GENERATE 1-1 x$ 8 A 192.0.2.1\na TXT x\n",
        [77, 77, 8],
    ),
}


@pytest.mark.parametrize(("text", "expected"), TTL_CHAINS.values(), ids=TTL_CHAINS.keys())
def test_ttl_is_inherited(text, expected):
    assert expected == scan(text, "example.org.").ttls


@pytest.mark.parametrize(("text", "expected"), TTL_CHAINS.values(), ids=TTL_CHAINS.keys())
def test_bind_inherits_the_ttl_so_too(text, expected, compiled):
    rows = compiled(text)
    owners = scan(text, "example.org.").owners
    assert sorted(zip(owners, expected, strict=True)) == sorted(
        (owner, seconds) for owner, seconds, _, _ in rows if owner != "x1.example.org."
    )


def test_ttl_behind_an_include_is_nobodys_knowledge():
    text = b"$TTL 5\n@ SOA ns1 h 1 2 3 4 5\n$INCLUDE keys\na TXT x\nb 7 TXT x\n$TTL 9\nc TXT x\n"
    assert [5, None, 7, 9] == scan(text, "example.org.").ttls


_owner = st.sampled_from(["a", "@", "b.c", "A-1", "x.example.org.", "*", ""])
_ttl = st.sampled_from(["", "5", "1h", "1w2d", "10"])
_class = st.sampled_from(["", "IN", "in"])
_rest = st.sampled_from(
    ["A 192.0.2.1", 'TXT "a;b" c', "MX 10 mail ; x", "txt a", "TYPE1 x", "SOA a b 1 2 3 4 5"]
)
_blank = st.sampled_from([" ", "\t", "  \t"])


@given(lines=st.lists(st.tuples(_owner, _ttl, _class, _rest, _blank, st.booleans()), max_size=8))
def test_the_quick_way_and_the_exact_way_read_the_same(lines):
    """A pair of empty parentheses sends a line the exact way and means nothing."""

    def text(extra: str) -> bytes:
        found = ["first 77 TXT x"]
        for owner, seconds, rrclass, rest, blank, class_first in lines:
            head = [rrclass, seconds] if class_first else [seconds, rrclass]
            found.append(owner + blank + blank.join([*filter(None, head), extra + rest]))
        return "\n".join(found).encode()

    quick, exact = scan(text(""), "example.org."), scan(text("( ) "), "example.org.")
    assert (exact.owners, exact.types, exact.ttls) == (quick.owners, quick.types, quick.ttls)
    assert len(exact.faults) == len(quick.faults)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data):
    found = scan(data, "example.org.")
    assert len(found.owners) == len(found.types) == len(found.ttls) == len(found.lines)


_pieces = [b"a", b"@", b" ", b"\t", b"\n", b"\r\n", b"(", b")", b'"', b"\\", b";"]
_pieces += [b"$TTL 5", b"$ORIGIN b", b" A 192.0.2.1", b" TXT "]


@given(st.lists(st.sampled_from(_pieces), max_size=30).map(b"".join))
def test_bytes_that_nearly_make_a_zone_can_be_read(data):
    zone = Zone.parse(data, name="example.org", file="db")
    assert len(zone) == len(list(zone.records))
