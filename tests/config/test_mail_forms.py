"""`dns.mail`: what a standard is, however it is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.config.dns import (
    Autoconfig,
    Caa,
    Dmarc,
    MailRecords,
    MtaSts,
    Mx,
    Place,
    Spf,
    Srv,
    Tlsa,
    TlsRpt,
)
from reconciler.config.load import Loaded

OFF = MailRecords(mx=None, spf=None, dkim=None, dmarc=None, tls_rpt=None, srv=None)


@pytest.fixture
def mail(loaded: Callable[[str], Loaded]) -> Callable[[str], MailRecords]:
    def read(written: str) -> MailRecords:
        text = f"version: 1\ndomain: example.org\ndns: {{mail: {written}}}\n"
        return loaded(text).stack.domain.dns.mail

    return read


Mail = Callable[[str], MailRecords]


@pytest.mark.parametrize("written", ["{}", "true", "", "{spf: true, dmarc: yes, srv: on, tls_rpt: }"])
def test_six_standards_are_on_by_themselves(written: str, mail: Mail) -> None:
    assert MailRecords() == mail(written)


@pytest.mark.parametrize("written", ["false", "[]", "off"])
def test_mail_records_can_be_nobodys(written: str, mail: Mail) -> None:
    assert OFF == mail(written)


def test_an_empty_list_is_none_of_it(mail: Mail) -> None:
    assert OFF == mail("{mx: [], spf: [], dkim: [], dmarc: [], tls_rpt: [], srv: [], caa: [], tlsa: []}")


def test_a_list_means_exactly_these(mail: Mail) -> None:
    found = mail("[mx, mta_sts]")
    assert (Mx(), MtaSts(), None, None) == (found.mx, found.mta_sts, found.spf, found.dkim)


def test_a_mapping_adds_and_takes_away(mail: Mail) -> None:
    found = mail("{autoconfig: true, srv: false}")
    assert (Mx(), Autoconfig(), None) == (found.mx, found.autoconfig, found.srv)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mx: mail.example.net", Mx(targets=((10, "mail.example.net"),))),
        ("mx: 5 Mail.example.net.", Mx(targets=((5, "mail.example.net"),))),
        (
            "mx: [10 a.example.net, 20 b.example.net]",
            Mx(targets=((10, "a.example.net"), (20, "b.example.net"))),
        ),
        ("mx: true", Mx()),
    ],
)
def test_mx(written: str, expected: Mx, mail: Mail) -> None:
    assert expected == mail(f"{{{written}}}").mx


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("spf: 'v=spf1 mx -all'", Spf(named=True, text="v=spf1 mx -all")),
        ("spf: {text: V=SPF1 -all}", Spf(named=True, text="V=SPF1 -all")),
        (
            "spf: {include: [_SPF.example.net], addresses: [203.0.113.0/24], all: softfail, a: yes, mx: no}",
            Spf(
                named=True,
                include=("_spf.example.net",),
                addresses=("203.0.113.0/24",),
                all="softfail",
                a=True,
                mx=False,
            ),
        ),
        ("spf: {include: _spf.example.net}", Spf(named=True, include=("_spf.example.net",))),
    ],
)
def test_spf(written: str, expected: Spf, mail: Mail) -> None:
    assert expected == mail(f"{{{written}}}").spf


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", ("rsa", "ed25519")),
        ("[rsa]", ("rsa",)),
        ("[rsa, rsa]", ("rsa",)),
        ("[]", None),
        ("false", None),
    ],
)
def test_dkim(written: str, expected: tuple[str, ...] | None, mail: Mail) -> None:
    assert expected == mail(f"{{dkim: {written}}}").dkim


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'v=DMARC1; p=none'", Dmarc(named=True, text="v=DMARC1; p=none")),
        ("{policy: none, reports: postmaster}", Dmarc(named=True, reports=("postmaster@example.org",))),
        (
            "{policy: reject, subdomain_policy: none, nonexistent_policy: reject, reports: [a, b@example.net],"
            " failure_reports: c, dkim_alignment: strict, spf_alignment: strict, testing: true}",
            Dmarc(
                named=True,
                policy="reject",
                subdomain_policy="none",
                nonexistent_policy="reject",
                reports=("a@example.org", "b@example.net"),
                failure_reports=("c@example.org",),
                dkim_alignment="strict",
                spf_alignment="strict",
                testing=True,
            ),
        ),
    ],
)
def test_dmarc(written: str, expected: Dmarc, mail: Mail) -> None:
    assert expected == mail(f"{{dmarc: {written}}}").dmarc


def test_tls_rpt(mail: Mail) -> None:
    expected = TlsRpt(named=True, reports=("tls@example.org", "https://example.net/report"))
    assert expected == mail("{tls_rpt: {reports: [tls, 'https://example.net/report']}}").tls_rpt


@pytest.mark.parametrize(
    ("written", "services"),
    [
        ("[imaps, submissions]", (("submissions", 0), ("imaps", 0))),
        ("{imaps: 9993, pop3: false, jmap: true}", (("imaps", 9993), ("pop3", None), ("jmap", 0))),
    ],
)
def test_srv(written: str, services: tuple[tuple[str, int | None], ...], mail: Mail) -> None:
    assert Srv(named=True, services=services) == mail(f"{{srv: {written}}}").srv


def test_the_standards_on_request(mail: Mail) -> None:
    found = mail(
        "{mta_sts: {mode: enforce, max_age: 1d, mx: ['*.example.org', mail.example.org]},"
        " autoconfig: mail.example.net, caa: [letsencrypt.org, ';'],"
        " tlsa: {certificate: cert.pem}}"
    )
    expected = MailRecords(
        mta_sts=MtaSts(mode="enforce", max_age=86400, mx=("*.example.org", "mail.example.org")),
        autoconfig=Autoconfig(target="mail.example.net"),
        caa=Caa(issue=("letsencrypt.org", ";")),
        tlsa=Tlsa(certificate=Place(path="/srv/mail/cert.pem")),
    )
    assert expected == found


def test_short_forms_of_the_standards_on_request(mail: Mail) -> None:
    found = mail("{mta_sts: enforce, caa: {issuewild: ca.example, iodef: postmaster}, tlsa: [3 1 1 00]}")
    assert MtaSts(mode="enforce") == found.mta_sts
    assert Caa(issuewild=("ca.example",), iodef=("postmaster@example.org",)) == found.caa
    assert Tlsa(texts=("3 1 1 00",)) == found.tlsa
