"""Each kind knows its way back: the entry for a live resource declares just that resource."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.config.dns import Caa, Dmarc, Dns, MtaSts, Mx, Spf, Srv
from reconciler.config.stack import Account as WrittenAccount
from reconciler.config.stack import Domain as WrittenDomain
from reconciler.config.stack import Stack
from reconciler.diff import is_as_declared
from reconciler.kinds import (
    account,
    alias,
    allowed_ip,
    catch_all,
    dkim_key,
    domain,
    group,
    hostname,
    mail_entry,
    mail_records,
    mailing_list,
    record,
    setting,
    tls,
)
from reconciler.kinds.declared import Inexpressible
from reconciler.resource import Sealed

HOME = "example.org"


def stack_of(dns: Dns | None = None, said: dict[str, Any] | None = None, **top: Any) -> Stack:
    made = WrittenDomain(name=HOME, dns=dns or Dns(zone=HOME), **(said or {}))
    return Stack(name="home", file="s.yaml", base="/", version=1, domains={HOME: made}, **top)


def only(declared: Any) -> Any:
    (one,) = declared
    return one.resource


def by(entry: Any) -> dict[str, Any]:
    return {entry.address: entry}


ACCOUNT = account.Account(
    address=account.address_of("alice@example.org"),
    name="Alice: #1 \u202e",
    quota=5 << 30,
    login="alice",
    enabled=False,
    admin=True,
)


@pytest.mark.parametrize(
    "live",
    [
        ACCOUNT,
        replace(ACCOUNT, name="", quota=0, login="alice@example.org", enabled=True, admin=False),
        replace(ACCOUNT, quota=1500, enabled=True),
    ],
    ids=["all", "defaults", "odd quota"],
)
def test_an_account(live):
    said = account.entry(live)

    assert said.unsaid == ()
    assert is_as_declared(only(account.declared(stack_of(said={"accounts": by(said.entry)}))), live)


def test_what_an_account_has_by_default_is_not_written():
    live = replace(ACCOUNT, name="", quota=0, login="alice@example.org", enabled=True, admin=False)

    assert account.entry(live).entry == WrittenAccount(address="alice@example.org")


@pytest.mark.parametrize(
    ("fields", "unsaid"),
    [
        ({"name": "two\nlines"}, "its name has characters that cannot stand in one line"),
        ({"name": "half \ud800"}, "its name has characters that cannot stand in one line"),
        ({"quota": 2**63}, "its quota is no number that a stack can say"),
        ({"login": "Alice"}, "its login has a form that a stack does not take"),
    ],
    ids=["newline", "surrogate", "quota", "login"],
)
def test_what_an_account_cannot_say_is_left_out_and_told(fields, unsaid):
    live = replace(ACCOUNT, **fields)
    said = account.entry(live)

    assert said.unsaid == (unsaid,)
    assert is_as_declared(only(account.declared(stack_of(said={"accounts": by(said.entry)}))), live)


@pytest.mark.parametrize("name", ["login:admin", "Alice@example.org", "a b@example.org", "ä@example.org"])
def test_an_account_without_an_address_that_a_stack_can_name_is_inexpressible(name):
    with pytest.raises(Inexpressible):
        account.entry(replace(ACCOUNT, address=account.address_of(name)))


def test_a_group_and_a_list():
    members = frozenset({"alice@example.org", "bob@example.org"})
    live = group.Group(address=group.address_of("g@example.org"), name="G", quota=1 << 20, members=members)
    assert only(group.declared(stack_of(said={"groups": by(group.entry(live).entry)}))) == live

    members |= {"eve@elsewhere.test"}
    live = mailing_list.MailingList(
        address=mailing_list.address_of("l@example.org"), name="L", members=members
    )
    said = mailing_list.entry(live, {HOME})
    assert said.entry.externals == ("eve@elsewhere.test",)
    assert only(mailing_list.declared(stack_of(said={"lists": by(said.entry)}))) == live


@pytest.mark.parametrize("members", [frozenset(), frozenset({"login:admin"})], ids=["empty", "no address"])
def test_a_group_whose_members_cannot_be_named_is_inexpressible(members):
    with pytest.raises(Inexpressible):
        group.entry(group.Group(address=group.address_of("g@example.org"), members=members))


def test_an_alias_a_catch_all_and_a_domain():
    live = alias.Alias(address=alias.address_of("info@example.org"), holder="alice@example.org")
    assert only(alias.declared(stack_of(said={"aliases": by(alias.entry(live))}))) == live

    live = catch_all.CatchAll(address=catch_all.address_of(HOME), holder="alice@example.org")
    assert only(catch_all.declared(stack_of(said={"catch_all": catch_all.entry(live)}))) == live

    live = domain.Domain(address=domain.address_of(HOME))
    assert domain.entry(live) == HOME and only(domain.declared(stack_of())) == live


def test_hostname_allowed_ip_setting_and_dkim_key():
    live = hostname.Hostname(address=hostname.ADDRESS, value="mail.example.org")
    assert only(hostname.declared(stack_of(hostname=hostname.entry(live)))) == live

    live = allowed_ip.AllowedIp(address=allowed_ip.address_of("192.168.128.0/24"))
    assert only(allowed_ip.declared(stack_of(allowed_ips=(allowed_ip.entry(live),)))) == live

    live = setting.Setting(address=setting.address_of("session.max"), value="no # 'x'")
    assert only(setting.declared(stack_of(settings={"session.max": setting.entry(live)}))) == live

    live = dkim_key.DkimKey(address=dkim_key.address_of(HOME, "rsa"), selector="s", public_key="AAAA")
    _, algorithm = dkim_key.entry(live)
    dns = Dns(zone=HOME, declared=True, mail=replace(mail_entry.OFF, dkim=(algorithm,)))
    assert is_as_declared(only(dkim_key.declared(stack_of(dns))), live)


@pytest.mark.parametrize(
    "live",
    [
        hostname.Hostname(address=hostname.ADDRESS, value="9f31c0aa12bc"),
        setting.Setting(address=setting.address_of("store.db.password"), secret=Sealed(digest="d")),
        setting.Setting(address=setting.address_of("x"), value="\x1b[31m"),
        allowed_ip.AllowedIp(address=allowed_ip.address_of("::ffff:1.2.3.4")),
        dkim_key.DkimKey(address=dkim_key.address_of(HOME, "rsa/other")),
    ],
    ids=["container id", "secret", "ansi", "mapped", "second key"],
)
def test_what_no_stack_can_say_is_inexpressible(live):
    module = {"hostname": hostname, "setting": setting, "allowed_ip": allowed_ip, "dkim_key": dkim_key}
    with pytest.raises(Inexpressible):
        module[live.address.kind].entry(live)


@pytest.mark.parametrize("domains", [{"mail.example.org"}, {"mail.example.org", "www.example.org"}])
@pytest.mark.parametrize("renew_before", [30 * 86400, 86400])
def test_tls(domains, renew_before):
    live = tls.Tls(
        address=tls.address_of("letsencrypt"),
        directory="https://acme-v02.api.letsencrypt.org/directory",
        challenge="http-01",
        contact=frozenset({"postmaster@example.org"}),
        domains=frozenset(domains),
        renew_before=renew_before,
    )
    host = "mail.example.org"

    assert is_as_declared(only(tls.declared(stack_of(hostname=host, tls=tls.entry(live, host)))), live)


def live_record(owner: str, rrtype: str, value: str, ttl: int = 3600) -> record.Record:
    address = record.address_of("example.org.", owner, rrtype, value)
    return record.Record(address=address, zone="example.org.", owner=owner, type=rrtype, value=value, ttl=ttl)


@pytest.mark.parametrize(
    ("owner", "rrtype", "value", "text"),
    [
        ("www.example.org.", "A", "203.0.113.20", "203.0.113.20"),
        ("example.org.", "MX", "10 mail.example.org.", "10 mail.example.org."),
        ("x.example.org.", "TXT", '"a \\"b\\"; c"', 'a "b"; c'),
        ("x.example.org.", "TXT", '"\\255\\010"', '"\\255\\010"'),
        ("x.example.org.", "TXT", '" a "', '" a "'),
        ("x.example.org.", "TXT", '""', '""'),
        ("*.example.org.", "CNAME", "www.example.org.", "www.example.org."),
        ("x.example.org.", "LOC", None, "\\# 16 "),
    ],
    ids=["a", "mx", "txt", "octets", "blanks", "empty", "wildcard", "generic"],
)
def test_a_record(owner, rrtype, value, text):
    if value is None:
        from reconciler.dnsdata import data

        value = data.canonical(rrtype, "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", "example.org.")
    live = live_record(owner, rrtype, value)
    written = record.entry(live, ttl=300)

    assert written.value.startswith(text) and written.ttl == 3600
    made = only(record.declared(stack_of(Dns(zone=HOME, declared=True, records=(written,)))))
    assert made.address == live.address and is_as_declared(made, live)
    assert record.entry(live, ttl=3600).ttl is None


@pytest.mark.parametrize(
    "live",
    [
        live_record("a\\032b.example.org.", "A", "203.0.113.20"),
        live_record("x.example.org.", "RRSIG", "A 8 2 3600 ..."),
        replace(
            live_record("example.org.", "TXT", '"v=spf1 -all"'),
            address=record.Address("record", 'example.org/@/TXT/"v=spf1 -all"'),
        ),
    ],
    ids=["name", "signature", "second spf"],
)
def test_a_record_that_no_stack_can_say(live):
    with pytest.raises(Inexpressible):
        record.entry(live)


MAIL = {
    "mx": [("example.org.", "MX", "10 mail.example.org.")],
    "spf": [("example.org.", "TXT", '"v=spf1 mx -all"')],
    "host": [("mail.example.org.", "TXT", '"v=spf1 a -all"')],
    "dmarc": [("_dmarc.example.org.", "TXT", '"v=DMARC1; p=none; rua=mailto:postmaster@example.org"')],
    "tls": [("_smtp._tls.example.org.", "TXT", '"v=TLSRPTv1; rua=mailto:postmaster@example.org"')],
    "srv": [
        (f"_{name}._tcp.example.org.", "SRV", f"0 1 {port} mail.example.org.")
        for name, port in (("submissions", 465), ("imaps", 993))
    ],
}


def found(*records: tuple[str, str, str]) -> mail_entry.Found:
    live = {r.address: r for r in (live_record(*one) for one in records)}
    stack = stack_of(Dns(zone=HOME, declared=True), hostname="mail.example.org")
    result = mail_entry.entry(stack.domains[HOME], stack, live, ["203.0.113.10"])
    dns = Dns(zone=HOME, declared=True, mail=result.mail, addresses=result.addresses)
    again = stack_of(dns, hostname="mail.example.org")
    made = {r.address: r for r in mail_records.of_domain(again.domains[HOME], again)}
    assert made.keys() == result.covered, "what is said stands for what is live, and for nothing else"
    assert all(r.made == live[a].value for a, r in made.items())
    return result


def test_a_zone_as_derivation_gives_it_is_all_defaults():
    result = found(
        *(one for records in MAIL.values() for one in records), ("mail.example.org.", "A", "203.0.113.10")
    )

    assert result.mail == replace(
        mail_entry.OFF,
        mx=Mx(),
        spf=Spf(),
        host_spf=True,
        dmarc=Dmarc(),
        tls_rpt=mail_entry.TlsRpt(),
        srv=Srv(),
    )
    assert result.addresses == ("203.0.113.10",)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            [("example.org.", "TXT", '"v=spf1 mx ra=postmaster -all"')],
            {"spf": Spf(named=True, text="v=spf1 mx ra=postmaster -all")},
        ),
        (
            [("example.org.", "MX", "5 mx.example.net."), ("example.org.", "MX", "10 mail.example.org.")],
            {"mx": Mx(targets=((5, "mx.example.net"), (10, "mail.example.org")))},
        ),
        (
            [("_dmarc.example.org.", "TXT", '"v=DMARC1; p=reject"')],
            {"dmarc": Dmarc(named=True, text="v=DMARC1; p=reject")},
        ),
        (
            [
                ("_imaps._tcp.example.org.", "SRV", "0 1 1993 mail.example.org."),
                ("_pop3._tcp.example.org.", "SRV", "0 0 0 ."),
            ],
            {"srv": Srv(named=True, services=(("imaps", 1993), ("pop3", None)))},
        ),
        (
            [
                ("example.org.", "CAA", '0 issue "letsencrypt.org"'),
                ("example.org.", "CAA", '0 iodef "mailto:a@example.org"'),
            ],
            {"caa": Caa(issue=("letsencrypt.org",), iodef=("a@example.org",))},
        ),
        ([("example.org.", "MX", "0 .")], {}),
        ([("example.org.", "MX", "10 a_b.example.org.")], {}),
        ([("example.org.", "CAA", '128 issue ";"')], {}),
        ([("_imaps._tcp.example.org.", "SRV", "0 5 993 mail.example.org.")], {}),
        ([("mail.example.org.", "TXT", '"v=spf1 a -all"')], {}),
    ],
    ids=["spf", "mx", "dmarc", "srv", "caa", "null mx", "odd mx", "odd caa", "odd srv", "host alone"],
)
def test_other_records_are_said_as_far_as_the_standard_can_be_named(records, said):
    assert found(*records).mail == replace(mail_entry.NOTHING, host_spf="spf" not in said, **said)


def test_a_policy_of_mta_sts_is_known_by_its_number():
    stack = stack_of(
        Dns(zone=HOME, declared=True, mail=replace(mail_entry.OFF, mta_sts=MtaSts(mode="enforce"))),
        hostname="mail.example.org",
    )
    records = [(r.owner, r.type, r.made) for r in mail_records.of_domain(stack.domains[HOME], stack)]

    assert found(*records).mail == replace(mail_entry.NOTHING, mta_sts=MtaSts(mode="enforce"))
    other = [(o, t, '"v=STSv1; id=20260101"' if t == "TXT" else v) for o, t, v in records]
    assert found(*other).mail == mail_entry.NOTHING
