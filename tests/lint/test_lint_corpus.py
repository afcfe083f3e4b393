"""Zones and stacks as people have them, more than fifty: nothing in them is an error.

The zones in `corpus/` are modelled on what hosters, control panels and careful people publish, and each is
tried in several spellings; the stacks are here and in `stacks/`.  What remains are warnings, and
`REMAINING` says which and why they are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ZONES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("corpus/*"))
}

# What remains, and why it is right.
REMAINING = {
    # The panel publishes `?all` until somebody changes it, and that refuses nothing.
    "plesk": {"SPF-04"},
    # The sub-domain with p=reject sends by its relay alone: nothing signs, so what is forwarded is refused.
    "delegated": {"DMARC-06"},
    # That host proposes both: mail for made-up sub-domains is taken in, and everybody may send.
    "fastmail": {"SPF-04", "ZONE-14"},
    # To the host that exported it, a TTL of 1 means "automatic"; to every other name server, a second.
    "exported": {"ZONE-12"},
    # While it restarts, the name server answers for no zone.
    "dns-by-restart": {"OPS-02"},
}

ACCOUNTS = "accounts: {alice: {password: {env: ALICE}, aliases: [postmaster, abuse]}}\n"
HEAD = "version: 1\ndomain: example.org\nhostname: mail.example.org\n"
STACKS = {
    "the least": HEAD + "dns: {addresses: [203.0.113.10]}\n" + ACCOUNTS,
    "mail without DNS": HEAD + ACCOUNTS,
    "DNS without mailboxes": HEAD + "dns: {addresses: [203.0.113.10]}\n",
    "a domain that takes everything": HEAD + "accounts: {alice: {}}\ncatch_all: alice\n",
    "a relay sends": HEAD
    + 'dns: {addresses: [203.0.113.10], mail: {spf: "v=spf1 include:relay.example.net -all"}}\n'
    + ACCOUNTS,
    "an IPv6 network of its own": HEAD
    + 'dns: {addresses: ["2001:db8::10"], mail: {spf: {addresses: ["2001:db8::/64"]}}}\n'
    + ACCOUNTS,
    "the server is in another zone": "version: 1\ndomain: example.org\nhostname: mx.example.net\ndns: {}\n"
    + ACCOUNTS,
    "a second MX elsewhere": HEAD
    + "dns: {addresses: [203.0.113.10], mail: {mx: [mail.example.org, 20 backup.example.net]}}\n"
    + ACCOUNTS,
    "many domains": HEAD
    + ACCOUNTS
    + "defaults: {dns: {mail: {dmarc: {policy: reject, reports: [dmarc@example.org]}}}, "
    + "aliases: {}}\n"
    + "domains: {example.net: {aliases: {postmaster: alice@example.org, abuse: alice@example.org}}, "
    + "example.com: {type: parked}}\naliases: {dmarc: alice}\n",
    "strict policies": HEAD
    + "dns: {addresses: [203.0.113.10], mail: {dmarc: {policy: reject, dkim_alignment: strict}, "
    + "mta_sts: {mode: enforce, max_age: 4w}, caa: [letsencrypt.org]}}\n"
    + ACCOUNTS,
}
STACKS |= {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("stacks/*"))
}

GUIDE = """\
$ORIGIN example.org.
$TTL 3600
@ IN SOA ns1 hostmaster 2026010101 7200 3600 1209600 3600
@ IN NS ns1
ns1 IN A 198.51.100.53
@ IN MX 10 4f2c8a1b9d3e.example.net.
@ IN MX 20 203.0.113.10
@ IN CNAME www.example.net.
mail IN CNAME mail
@ IN TXT "v=spf1 mx -all"
@ IN TXT "v=spf1 include:_spf.example.net -all"
_dmarc IN TXT v=DMARC1; p=none
_dmarc.shop IN TXT "v=DMARC1; p=rejct"
imap IN CNAME mail.example.org
long IN TXT "LONG"
$ORIGIN .
www IN A 203.0.113.20
""".replace("LONG", "x" * 256)


def upper_case(text: str) -> str:
    """Names know no case; texts in quotes do."""
    return "".join(
        part if number % 2 else part.upper() for number, part in enumerate(re.split(r'(".*?")', text))
    )


VARIANTS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with tabs": lambda text: re.sub(
        r'(?<=\S) +(?=\S)(?=(?:[^"]*"[^"]*")*[^"]*$)', "\t", text, flags=re.MULTILINE
    ),
    "with comments": lambda text: re.sub(r"(?m)^(\S+ .*[^(])$", r"\1 ; kept by hand", text),
    "in upper case": upper_case,
    "with an explicit origin": lambda text: "$ORIGIN example.org.\n" + text,
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("name", ZONES)
def test_a_zone_as_people_have_it_has_no_error(name, change, judge):
    result = judge(zone=change(ZONES[name]))

    assert [(f.rule, f.text) for f in result.findings if f.severity == "error"] == []
    assert {f.rule for f in result.findings if f.severity == "warning"} == REMAINING.get(name, set())


@pytest.mark.parametrize(("name", "stack"), STACKS.items(), ids=STACKS)
def test_a_stack_as_people_have_it_has_no_error(name, stack, judge):
    result = judge(stack)

    assert [(f.rule, f.text) for f in result.findings if f.severity == "error"] == []
    assert {f.rule for f in result.findings if f.severity == "warning"} == REMAINING.get(name, set())


def test_there_are_fifty():
    assert len(ZONES) + len(STACKS) >= 50


def test_the_guide_s_zone_is_caught_with_a_fix_for_each_mistake(judge):
    """What people make of the records that they copy out of a web page."""
    result = judge(zone=GUIDE, hostname="mail.example.org")

    assert sorted({f.rule for f in result.findings if f.severity == "error"}) == sorted(
        [
            "DMARC-01",
            "HOST-02",
            "MX-02",
            "SPF-01",
            "ZONE-01",
            "ZONE-02",
            "ZONE-03",
            "ZONE-04",
            "ZONE-05",
            "ZONE-06",
        ]
    )
    assert all(f.fix for f in result.findings)
