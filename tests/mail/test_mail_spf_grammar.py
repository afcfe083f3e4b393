from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import spf
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.spf import Mechanism, Modifier, Qualifier, Record

qualifiers = st.sampled_from(Qualifier)
targets = st.sampled_from(
    [
        "example.org",
        "_spf.example.net",
        "%{ir}.%{v}._spf.%{d2}",
        "a%%b.example.org",
        "%{l1r+-}",
        "x/y.example.org.",
    ]
)
four, six = st.none() | st.integers(0, 31), st.none() | st.integers(0, 127)
mechanisms = st.one_of(
    st.builds(Mechanism, name=st.just("all"), qualifier=qualifiers),
    st.builds(Mechanism, name=st.sampled_from(["include", "exists"]), qualifier=qualifiers, target=targets),
    st.builds(Mechanism, name=st.just("ptr"), qualifier=qualifiers, target=st.just("") | targets),
    st.builds(
        Mechanism,
        name=st.sampled_from(["a", "mx"]),
        qualifier=qualifiers,
        target=st.just("") | targets,
        prefix4=four,
        prefix6=six,
    ),
    st.builds(
        Mechanism,
        name=st.just("ip4"),
        qualifier=qualifiers,
        target=st.ip_addresses(v=4).map(str),
        prefix4=four,
    ),
    st.builds(
        Mechanism,
        name=st.just("ip6"),
        qualifier=qualifiers,
        target=st.ip_addresses(v=6).map(str),
        prefix6=six,
    ),
)
modifiers = st.lists(
    st.one_of(
        st.builds(Modifier, name=st.sampled_from(["redirect", "exp"]), value=targets),
        st.builds(
            Modifier,
            name=st.sampled_from(["ra", "x-y.z_1"]),
            value=st.sampled_from(["", "postmaster", "%{d}", "a=b:c/d"]),
        ),
    ),
    max_size=2,
    unique_by=lambda modifier: modifier.name,
)
records = st.tuples(st.lists(mechanisms, max_size=6), modifiers).map(
    lambda both: Record(terms=(*both[0], *both[1]))
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Record) -> None:
    assert spf.parse(spf.text(record)) == record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("v=spf1 mx -all", "v=spf1 mx -all", id="default of this project"),
        pytest.param(
            "v=spf1 mx ra=postmaster -all", "v=spf1 mx ra=postmaster -all", id="what Stalwart publishes"
        ),
        pytest.param("V=SPF1  +MX  -ALL ", "v=spf1 mx -all", id="case, blanks and plus signs"),
        pytest.param("v=spf1", "v=spf1", id="empty"),
        pytest.param(
            "v=spf1 ip6:2001:DB8:0:0::1/128 ip4:192.0.2.1/32",
            "v=spf1 ip6:2001:db8::1 ip4:192.0.2.1",
            id="addresses in their one form",
        ),
        pytest.param(
            "v=spf1 a/24//64 mx:example.org//48",
            "v=spf1 a/24//64 mx:example.org//48",
            id="two prefix lengths",
        ),
        pytest.param(
            "v=spf1 exists:%{ir}.%{v}._spf.%{d} ~all", "v=spf1 exists:%{ir}.%{v}._spf.%{d} ~all", id="macros"
        ),
        pytest.param("v=spf1 -all mx all", "v=spf1 -all mx all", id="terms behind all stay"),
    ],
)
def test_text_is_in_one_form(text: str, expected: str) -> None:
    assert spf.text(spf.parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "spf1 mx -all",
            'SPF, column 1: The record must begin with "v=spf1" and a blank. (RFC 7208 §4.5)',
            id="version",
        ),
        pytest.param(
            "v=spf10 mx",
            'SPF, column 1: The record must begin with "v=spf1" and a blank. (RFC 7208 §4.5)',
            id="version 10",
        ),
        pytest.param(
            "v=spf1 ip4:mail.example.org -all",
            'SPF, column 11: "ip4:" takes an address, and "mail.example.org" is none. To name a '
            'host, write "a:mail.example.org". (RFC 7208 §5.6)',
            id="ip4 with a name",
        ),
        pytest.param(
            "v=spf1 ip4:2001:db8::1 -all",
            'SPF, column 11: "2001:db8::1" is not for "ip4:". Write "ip6:2001:db8::1". (RFC 7208 §5.6)',
            id="ip4 with IPv6",
        ),
        pytest.param(
            "v=spf1 ip4:192.0.2.300 -all",
            'SPF, column 11: "ip4:" takes an address, and "192.0.2.300" is none. (RFC 7208 §5.6)',
            id="no address",
        ),
        pytest.param(
            "v=spf1 ip4:192.0.2.1/33 -all",
            'SPF, column 11: "/33" is longer than an address, 32 bits. (RFC 7208 §5.6)',
            id="prefix",
        ),
        pytest.param(
            "v=spf1 ip4:192.0.2.1/024 -all",
            'SPF, column 11: "/024" is not the length of a network. (RFC 7208 §5.6)',
            id="prefix with a zero",
        ),
        pytest.param(
            "v=spf1 ip4 -all",
            'SPF, column 11: "ip4:" takes an address, and "" is none. (RFC 7208 §5.6)',
            id="ip4 alone",
        ),
        pytest.param(
            "v=spf1 ip6:fe80::1%eth0 -all",
            'SPF, column 11: "ip6:" takes an address, and "fe80::1%eth0" is none. (RFC 7208 §5.6)',
            id="zone index",
        ),
        pytest.param(
            "v=spf1 203.0.113.10/24 -all",
            'SPF, column 8: "203.0.113.10/24" is not a term of SPF. Write "ip4:203.0.113.10/24". '
            "(RFC 7208 §4.6.1)",
            id="missing ip4",
        ),
        pytest.param(
            "v=spf1 2001:db8::1 -all",
            'SPF, column 8: "2001:db8::1" is not a term of SPF. Write "ip6:2001:db8::1". (RFC 7208 §4.6.1)',
            id="missing ip6",
        ),
        pytest.param(
            "v=spf1 ipv4:192.0.2.1 -all",
            'SPF, column 8: "ipv4:192.0.2.1" is not a term of SPF. Did you mean "ip4"? (RFC 7208 §4.6.1)',
            id="ipv4",
        ),
        pytest.param(
            "v=spf1 includes:example.net -all",
            'SPF, column 8: "includes:example.net" is not a term of SPF. Did you mean "include"? '
            "(RFC 7208 §4.6.1)",
            id="includes",
        ),
        pytest.param(
            "v=spf1 redirect:example.net",
            'SPF, column 8: "redirect:example.net" is not a term of SPF. Write "redirect=" with an '
            "equals sign. (RFC 7208 §4.6.1)",
            id="redirect with a colon",
        ),
        pytest.param(
            "v=spf1 mx-all",
            'SPF, column 8: "mx-all" is not a term of SPF. Perhaps a blank is missing: "mx -all". '
            "(RFC 7208 §4.6.1)",
            id="glued",
        ),
        pytest.param(
            "v=spf1 mx;-all",
            'SPF, column 8: "mx;-all" is not a term of SPF. After "mx" comes nothing, a colon or a '
            "slash. (RFC 7208 §4.6.1)",
            id="semicolon",
        ),
        pytest.param(
            "v=spf1 include -all",
            'SPF, column 15: "include" needs a name: "include:example.org". (RFC 7208 §5)',
            id="include alone",
        ),
        pytest.param(
            "v=spf1 include: -all",
            "SPF, column 16: A domain name is missing here. (RFC 7208 §7.1)",
            id="include of nothing",
        ),
        pytest.param(
            "v=spf1 include:localhost -all",
            'SPF, column 16: "localhost" is not a whole domain name. (RFC 7208 §7.1)',
            id="one label",
        ),
        pytest.param(
            "v=spf1 a:192.0.2.1 -all",
            'SPF, column 10: "192.0.2.1" is not a whole domain name. (RFC 7208 §7.1)',
            id="address as name",
        ),
        pytest.param(
            "v=spf1 -all:example.org",
            'SPF, column 12: ":example.org" cannot stand behind "all". (RFC 7208 §5)',
            id="all with a name",
        ),
        pytest.param(
            "v=spf1 a:%{x}.example.org",
            'SPF, column 10: A percent sign begins a macro such as "%{d}"; this is none. (RFC 7208 §7.1)',
            id="macro",
        ),
        pytest.param(
            "v=spf1 a:%{d0}",
            'SPF, column 10: A percent sign begins a macro such as "%{d}"; this is none. (RFC 7208 §7.1)',
            id="macro with no part",
        ),
        pytest.param(
            "v=spf1 a:grün.example",
            "SPF, column 12: A term holds printable ASCII only. (RFC 7208 §7.1)",
            id="beyond ASCII",
        ),
        pytest.param(
            "v=spf1 redirect=a.example redirect=b.example",
            'SPF, column 27: "redirect=" may stand only once. (RFC 7208 §6)',
            id="redirect twice",
        ),
    ],
)
def test_parse_says_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        spf.parse(text)
    assert str(caught.value) == expected


def test_a_record_knows_what_can_be_reached() -> None:
    record = spf.parse("v=spf1 mx ~all ip4:192.0.2.1 +all redirect=example.net")
    assert [mechanism.name for mechanism in record.mechanisms] == ["mx", "all"]
    assert record.everybody_else is Qualifier.SOFTFAIL
    assert record.redirect == ""
    assert spf.parse("v=spf1 mx redirect=example.net").redirect == "example.net"
    assert spf.text(spf.NOBODY) == "v=spf1 -all"


def test_network_ignores_host_bits() -> None:
    """RFC 7208 §5.6."""
    (mechanism,) = spf.parse("v=spf1 ip4:192.0.2.77/24").mechanisms
    assert mechanism.network == ipaddress.ip_network("192.0.2.0/24")
