from __future__ import annotations

import pytest

from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.zone import Zone

HEAD = b"$TTL 3600\n@ IN SOA ns1 h 1 3600 900 1209600 300\n@ IN NS ns.example.net.\n"


def told(text: bytes) -> list[str]:
    problems = check(Zone.parse(text, name="example.org", file="db"))
    return [f"{problem.where}: {problem.rule}: {problem.summary}" for problem in problems]


FAULTY = {
    "alias beside data": (b"a CNAME b\na TXT x\n", "db:4: ZONE-02: CNAME beside other data"),
    "alias at the apex": (b"@ CNAME b\n", "db:4: ZONE-02: CNAME beside other data"),
    "two aliases": (b"a CNAME b\na CNAME c\n", "db:5: ZONE-02: two CNAMEs on one name"),
    "alias beside generated data": (
        b"a1 CNAME b\n$GENERATE 1-2 a$ A 192.0.2.$\n",
        "db:4: ZONE-02: CNAME beside other data",
    ),
    "unknown type": (b"a FOO bar\n", "db:4: zone-unknown-type: unknown record type"),
    "empty label": (b"a..b TXT x\n", "db:4: zone-bad-name: bad owner name"),
    "dot first": (b".a TXT x\n", "db:4: zone-bad-name: bad owner name"),
    "long label": (b"a" * 64 + b" TXT x\n", "db:4: zone-bad-name: bad owner name"),
    "long name": (b".".join([b"a" * 60] * 5) + b" TXT x\n", "db:4: zone-bad-name: bad owner name"),
    "long string": (b'a TXT "' + b"x" * 256 + b'"\n', "db:4:7: ZONE-05: TXT string too long"),
    "long string in parentheses": (
        b'a TXT ( "y"\n "' + b"x" * 256 + b'" )\n',
        "db:5:2: ZONE-05: TXT string too long",
    ),
    "bad TTL": (b"a 1h30 TXT x\n", "db:4:3: ZONE-13: bad TTL"),
    "quote left open": (b'a TXT "x\n', "db:4:7: zone-unreadable: quote never closed"),
    "parenthesis left open": (b"a TXT ( x\n", "db:4:7: zone-unreadable: parenthesis never closed"),
    "second SOA": (b"a SOA ns1 h 1 2 3 4 5\n", "db:4: zone-no-soa: second SOA"),
    "name server without address": (
        b"@ NS ns2\n",
        "db:4: NS-04: name server without an address",
    ),
    "name server that is an alias": (
        b"@ NS ns2\nns2 CNAME b\n",
        "db:4: NS-04: name server without an address",
    ),
}

UNWISE = {
    "cut DMARC": (b"_dmarc TXT v=DMARC1; p=none\n", "db:4:12: ZONE-06: TXT cut by a semicolon"),
    "cut DKIM": (b"x TXT ( v=dkim1; p=abc\n )\n", "db:4:9: ZONE-06: TXT cut by a semicolon"),
    "two SPF": (
        b'@ TXT "v=spf1 -all"\n@ TXT "V=SPF1 " "mx -all"\n',
        "db:5: SPF-01: two SPF texts on one name",
    ),
    "two DMARC": (
        b'_dmarc TXT "v=DMARC1; p=none"\n TXT "v=DMARC1;p=reject"\n',
        "db:5: DMARC-01: two DMARC texts on one name",
    ),
    "self": (b"a CNAME A\n", "db:4: ZONE-03: CNAME to itself"),
    "loop": (b"x CNAME a\na CNAME b\nb CNAME (c)\nc CNAME a\n", "db:5: ZONE-03: CNAME loop"),
    "out of the zone": (b"a.example.net. TXT x\n TXT y\n", "db:4: ZONE-01: owner outside of the zone"),
    "TTL over 31 bits": (b"a 3000000000 TXT x\n", "db:4:3: ZONE-13: bad TTL"),
}

GOOD = {
    "nothing special": b"a A 192.0.2.1\n",
    "alias with signature": b"a CNAME b\na RRSIG x\n",
    "alias written twice": b"a CNAME b\na CNAME B.example.org.\n",
    "alias chain": b"a CNAME b\nb CNAME c\nc A 192.0.2.1\nd CNAME b\n",
    "alias of a name outside": b"a CNAME a.example.net.\n",
    "one SPF each": b'@ TXT "v=spf1 -all"\na TXT "v=spf1 -all"\n; v=spf1\n@ TXT "spf: v=spf1 -all"\n',
    "look-alike of SPF": b'@ TXT "v=spf1 -all"\n@ TXT "v=spf10 x"\n',
    "DMARC outside of _dmarc": b'@ TXT "v=DMARC1; p=none"\n@ TXT "v=DMARC1; p=none"\n',
    "quoted tags": b'_dmarc TXT "v=DMARC1; p=none"\n',
    "escaped semicolon": b"_dmarc TXT v=DMARC1\\; p=none\n",
    "long text in pieces": b'a TXT ( "' + b"x" * 255 + b'"\n"' + b"y" * 255 + b'" )\n',
    "long data of another type": b"a OPENPGPKEY " + b"AAAA" * 80 + b"\n",
    "escapes count once": b'a TXT "' + b"\\065" * 255 + b'"\n',
    "name server with address": b"@ NS ns2\nns2 AAAA 2001:db8::1\n",
    "name server of a wildcard": b"@ NS ns2\n* A 192.0.2.1\n",
    "name server in a delegation": b"@ NS ns.sub\nsub NS ns.sub\n",
    "generated name server": b"@ NS ns2\n$GENERATE 1-2 ns$ A 192.0.2.$\n",
    "generic type": b"a TYPE65280 \\# 0\n",
    "long name with escapes": b"a\\.b.c TXT x\n",
    "zero TTL": b"a 0 TXT x\n",
}


@pytest.mark.parametrize(("text", "expected"), [*FAULTY.values(), *UNWISE.values()], ids=[*FAULTY, *UNWISE])
def test_a_fault_is_told(text, expected):
    assert [expected] == told(HEAD + text)


@pytest.mark.parametrize("text", [text for text, _ in FAULTY.values()], ids=FAULTY)
def test_bind_refuses_it_too(text, compiled):
    assert compiled(HEAD + text) is None


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_no_fault_is_invented(text):
    assert [] == told(HEAD + text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", ["db:1:1: zone-no-ns: zone without NS", "db:1:1: zone-no-soa: zone without SOA"]),
        (HEAD[: HEAD.rindex(b"@")], ["db:1:1: zone-no-ns: zone without NS"]),
        (HEAD.replace(b" 1 ", b" 1h "), ["db:2: zone-bad-serial: bad serial"]),
        (b"a TXT x\n" + HEAD, ["db:1: ZONE-13: no TTL"]),
        (b"$TTL 1\n$INCLUDE all\n", []),
        (b"$INCLUDE ttl\n" + HEAD[10:], []),
        (b"\xef\xbb\xbf" + HEAD, ["db:1:1: ZONE-19: byte order mark at the start of the file"]),
    ],
    ids=["empty", "no NS", "bad serial", "no TTL", "all elsewhere", "TTL elsewhere", "byte order mark"],
)
def test_the_frame_of_the_file_is_checked(text, expected):
    assert expected == told(text)[: max(len(expected), 1)]


def test_a_name_that_falls_out_of_the_zone_under_the_root_origin_is_told_with_the_way_out():
    """The template of the guide: $ORIGIN . is still in force where `mail` is written."""
    text = b"""$ORIGIN .
$TTL 3600
example.org IN SOA ns1.example.net. hostmaster.example.org. ( 2026082301 3600 900 1209600 300 )
            NS     ns1.example.net.
            MX     10 mail.example.org.
mail        A      192.0.2.3
"""
    (problem,) = check(Zone.parse(text, name="example.org", file="db.example.org"))
    assert (
        "db.example.org:6: owner outside of the zone\n"
        "    This record is for mail., which is not in example.org.; BIND leaves it out and goes on.\n"
        "    The $ORIGIN in force is . since line 1, and a name without a dot at its end continues with it."
        " Write the whole name, with its dot:\n"
        "        mail.example.org.\n"
        "    or this line above the first relative name:\n"
        "        $ORIGIN example.org."
    ) == str(problem)


def test_an_alias_to_itself_is_told_with_the_way_out():
    """The good example of the guide, pasted in: the mail host as an alias of itself."""
    text = HEAD + b"mail IN CNAME mail.example.org.\n"
    (problem,) = check(Zone.parse(text, name="example.org", file="db"))
    assert (
        "db:4: CNAME to itself\n"
        "    mail.example.org. points to mail.example.org., so nobody ever gets an address. A CNAME says that a "
        "name is another name for some other host. Write an A record with the address instead."
    ) == str(problem)
