"""`defaults:` lies under every domain, the main one too; what a domain says itself wins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.config.dns import Place
from reconciler.config.load import Loaded
from reconciler.resource import UNSET

Load = Callable[[str], Loaded]
TEXT = """\
version: 1
domain: example.org
accounts: {alice: {}}
aliases: {info: alice}
domains:
  example.net:
    dns: {ttl: 5m, mail: {dmarc: {policy: reject}}}
    aliases: {info: alice@example.org}
  example.com: {type: parked}
defaults:
  description: Mail of {domain}
  aliases:
    hostmaster: alice@example.org
    'x.{domain}': alice@example.org
  dns:
    zonefile: /srv/bind/db.{domain}
    reload: [rndc, reload, "{zone}"]
    ttl: 1h
    mail: {dmarc: {reports: dmarc}, mta_sts: true}
"""


def test_defaults_fill_what_a_domain_does_not_say(loaded: Load) -> None:
    main, net, _ = loaded(TEXT).stack.domains.values()
    assert (Place(path="/srv/bind/db.example.org"), 3600) == (main.dns.zonefile, main.dns.ttl)
    assert (Place(path="/srv/bind/db.example.net"), 300) == (net.dns.zonefile, net.dns.ttl)
    assert ("Mail of example.org", "Mail of example.net") == (main.description, net.description)


def test_only_the_domain_is_filled_in(loaded: Load) -> None:
    assert ("rndc", "reload", "{zone}") == loaded(TEXT).stack.domain.dns.reload


def test_mappings_are_joined_key_by_key(loaded: Load) -> None:
    main, net, _ = loaded(TEXT).stack.domains.values()
    assert main.dns.mail.dmarc and net.dns.mail.dmarc
    assert ("none", ("dmarc@example.org",)) == (main.dns.mail.dmarc.policy, main.dns.mail.dmarc.reports)
    assert ("reject", ("dmarc@example.net",)) == (net.dns.mail.dmarc.policy, net.dns.mail.dmarc.reports)
    assert main.dns.mail.mta_sts is not None
    assert {"info@example.net", "hostmaster@example.net", "x.example.net@example.net"} == set(net.aliases)


def test_a_parked_domain_takes_the_dns_and_nobody(loaded: Load) -> None:
    parked = loaded(TEXT).stack.domains["example.com"]
    assert (True, {}, Place(path="/srv/bind/db.example.com")) == (
        parked.parked,
        parked.aliases,
        parked.dns.zonefile,
    )
    assert parked.description is UNSET


def test_what_comes_from_the_defaults_is_placed_there(loaded: Load) -> None:
    found = loaded(TEXT)
    net = found.stack.domains["example.net"]
    places = [
        found.where(net.aliases["hostmaster@example.net"].at),
        found.where(net.aliases["info@example.net"].at),
        found.where((*net.dns.at, "zonefile")),
        found.where((*net.dns.at, "ttl")),
        found.where((*found.stack.domain.dns.at, "ttl")),
    ]
    assert ["13:17", "8:21", "16:15", "7:16", "18:10"] == [f"{place.line}:{place.column}" for place in places]


def test_a_dns_of_the_defaults_counts_as_declared(loaded: Load) -> None:
    assert {True} == {domain.dns.declared for domain in loaded(TEXT).stack.domains.values()}


def test_no_dns_anywhere_is_not_declared(loaded: Load) -> None:
    text = "version: 1\ndomain: example.org\ndefaults: {description: x}\n"
    assert not loaded(text).stack.domain.dns.declared


@pytest.mark.parametrize("written", ["defaults:\n", "defaults: {}\n", ""])
def test_empty_defaults_are_none(written: str, loaded: Load) -> None:
    head = "version: 1\ndomain: example.org\n"
    assert loaded(head).stack == loaded(head + written).stack
