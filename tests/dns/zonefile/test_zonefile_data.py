from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.dnsdata import data, strings
from reconciler.dnsdata.names import BadData

ZONE = "example.org."

MEANINGS = [
    ("A", "192.0.2.1", "192.0.2.1"),
    ("AAAA", "2001:DB8:0:0::1", "2001:db8::1"),
    ("AAAA", "2001:db8::0.0.0.1", "2001:db8::1"),
    ("CNAME", "WWW", "www.example.org."),
    ("NS", "ns1.Example.NET.", "ns1.example.net."),
    ("PTR", "@", "example.org."),
    ("MX", "010 Mail", "10 mail.example.org."),
    ("MX", "0 .", "0 ."),
    ("SRV", "0 1 0993 mail", "0 1 993 mail.example.org."),
    ("TXT", '"a" "b"', '"ab"'),
    ("TXT", "v=spf1 mx -all", '"v=spf1mx-all"'),
    ("TXT", '"a\\;\\"b\\\\\\065"', '"a;\\"b\\\\A"'),
    ("TXT", '"\\233"', '"\\233"'),
    ("TXT", '""', '""'),
    ("CAA", "0 ISSUE letsencrypt.org", '0 issue "letsencrypt.org"'),
    ("TLSA", "3 1 1 ABCD 0123", "3 1 1 abcd0123"),
    ("A", "\\# 4 C000 0201", "192.0.2.1"),
    ("SSHFP", "4 2 " + "AB" * 32, "4 2 " + "ab" * 32),
    ("HTTPS", "1 . alpn=h2", '1 . alpn="h2"'),
    ("HTTPS", "1 Srv alpn=h2", '1 srv.example.org. alpn="h2"'),
    ("NAPTR", '1 2 s SIP+D2U "" _Sip._udp', '1 2 "s" "SIP+D2U" "" _sip._udp.example.org.'),
    ("SOA", "NS1 h 1 1h 15m 2w 5m", "ns1.example.org. h.example.org. 1 3600 900 1209600 300"),
    ("TYPE65280", "\\# 2 AB CD", "\\# 2 abcd"),
]


@pytest.mark.parametrize(("rrtype", "text", "expected"), MEANINGS)
def test_a_datum_has_one_text(rrtype, text, expected):
    assert expected == data.canonical(rrtype, text, ZONE)


@pytest.mark.parametrize(("rrtype", "text", "expected"), MEANINGS)
def test_canonical_text_stays_as_it_is(rrtype, text, expected):
    assert expected == data.canonical(rrtype, expected, "other.")


@given(st.binary(max_size=600))
def test_every_octet_survives_in_a_txt_datum(octets):
    text = strings.quoted(octets)
    assert text == data.canonical("TXT", text, ZONE)
    assert [octets] == [strings.octets_of(token) for token in strings.split(text)]


DECLARED = [
    ("TXT", "v=spf1 mx -all", '"v=spf1 mx -all"'),
    ("TXT", "v=DMARC1; p=none", '"v=DMARC1; p=none"'),
    ("TXT", '"v=DKIM1; " "p=x"', '"v=DKIM1; p=x"'),
    ("TXT", "é", '"\\195\\169"'),
    ("CNAME", "www", "www.example.org."),
    ("MX", " 10 mail.example.net. ", "10 mail.example.net."),
    ("TYPE65280", "\\# 1 ab", "\\# 1 ab"),
]


@pytest.mark.parametrize(("rrtype", "value", "expected"), DECLARED)
def test_a_value_is_declared_as_people_write_it(rrtype, value, expected):
    assert expected == data.declared(rrtype, value, ZONE)


@pytest.mark.parametrize(
    ("rrtype", "value", "words"),
    [
        ("A", "mail", "not an IPv4 address"),
        ("A", "2001:db8::1", "whose type is AAAA"),
        ("A", "192.0.2.256", "not an IPv4 address"),
        ("A", "192.0.2.01", "not an IPv4 address"),
        ("AAAA", "192.0.2.1", "whose type is A"),
        ("AAAA", "fe80::1%eth0", "not an IPv6 address"),
        ("CNAME", "192.0.2.1", "is an address; CNAME needs a name"),
        ("CNAME", "mail.example.org", 'Did you mean "mail.example.org."'),
        ("CNAME", "a b", "does not have the form: one name"),
        ("MX", "mail", "10 mail.example.org."),
        ("MX", "high mail", "not a preference, a number up to 65535"),
        ("MX", "10 192.0.2.1", "is an address; MX needs a name"),
        ("SRV", "0 1 mail", "priority, weight, port and name"),
        ("SRV", "0 1 70000 mail", "not a port"),
        ("CAA", "0 letsencrypt.org", "flags, tag and value"),
        ("CAA", '256 issue "x"', "not a flag octet"),
        ("TLSA", "3 1 1", "usage, selector, matching type"),
        ("TLSA", "3 1 1 abc", "even number of hex digits"),
        ("SSHFP", "4 2 xyz", "as `ssh-keygen -r` writes them"),
        (
            "SSHFP",
            "4 2 abcd",
            "fingerprint length inconsistent with fingerprint type. Its form is algorithm,",
        ),
        ("HTTPS", "1", 'Its form is priority, name and parameters, such as 1 . alpn="h2,h3"'),
        ("HTTPS", "1 mail.example.org", 'Did you mean "mail.example.org."'),
        ("SVCB", "x . port=60", "Its form is priority, name and parameters, such as 1 svc port=8443"),
        ("SVCB", "1 . port=99999", "not a uint16"),
        ("NAPTR", "10 50 s SIP", "Its form is order, preference, flags, service, expression and name"),
        ("NS", "192.0.2.1", "is an address; NS needs a name"),
        ("PTR", "a b", "does not have the form: one name, such as www.example.org."),
        ("MX", "10 mail ; first", "cut by a semicolon"),
        ("TXT", '"left open', "quote never closed"),
        ("CNAME", "bücher", "xn--"),
        ("SOA", "a b 1 2 3 4 5", "cannot be declared"),
        ("LOC", "1 N 1 E 0", "generic form"),
        ("FOO", "x", "not a record type"),
        ("TYPE65280", "\\# 2 ab", "not data of the type TYPE65280"),
    ],
)
def test_a_bad_value_is_told_in_words(rrtype, value, words):
    with pytest.raises(BadData) as caught:
        data.declared(rrtype, value, ZONE)
    assert words in str(caught.value)


def test_the_types_of_a_mail_domain_do_not_import_dnspython():
    program = (
        "import sys\n"
        "from reconciler.dnsdata.data import canonical\n"
        "from reconciler.backends.dns.zonefile.zone import Zone\n"
        "for rrtype, text in {'A': '192.0.2.1', 'AAAA': '::1', 'MX': '10 a.', 'TXT': 'x', 'CNAME': 'a.',\n"
        "                     'SRV': '0 1 2 a.', 'CAA': '0 issue x', 'TLSA': '3 1 1 ab'}.items():\n"
        "    canonical(rrtype, text, '.')\n"
        "print('dns' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "False\n" == result.stdout
