"""The way back of the records that follow from a domain: the `dns.mail` that gives what is live.

Each standard is tried in its forms, the shortest first, by the way forward itself
(mail_records.py): a form is taken when every record that it gives is live just so.  What no form
gives is off, and its records are written out one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.config.dns import Autoconfig, Caa, Dmarc, MailRecords, MtaSts, Mx, Spf, Srv, TlsRpt
from reconciler.config.normal import names
from reconciler.config.stack import Domain, Stack
from reconciler.kinds.declared import Unfit, as_it_is, is_line
from reconciler.kinds.mail_records import of_domain
from reconciler.kinds.record import Record, absolute, address_of, text_of
from reconciler.mail import autoconfig, caa, dmarc, mtasts, mx, srv, tlsrpt
from reconciler.mail.errors import SyntaxProblem
from reconciler.resource import Address

# Nothing is said of mail; and the same while forms are tried, each by itself.
NOTHING: Final = MailRecords(mx=None, spf=None, dkim=None, dmarc=None, tls_rpt=None, srv=None)
OFF: Final = replace(NOTHING, host_spf=False)

# What `dns.mail.caa` takes for an authority without a doubt; others are written out as records.
_AUTHORITY = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What `dns:` of a domain says of mail, and the addresses of the live records that it stands for."""

    mail: MailRecords
    addresses: tuple[str, ...]
    covered: frozenset[Address]


def entry(
    domain: Domain, stack: Stack, live: Mapping[Address, Record], addresses: Iterable[str] = ()
) -> Found:
    """Return the `dns.mail` of a domain in this stack, and which of the addresses are its hostname's.

    live are the records of its zone that may be declared; DKIM is not among what is said here.
    """
    trial = _Trial(domain, stack, live)
    for record in live.values():
        trial.sets.setdefault((record.owner, record.type), []).append(str(record.value))
    mail = OFF
    for key, forms in _forms(trial).items():
        taken: dict[str, Any] = next(({key: f} for f in forms if trial.gives(replace(OFF, **{key: f}))), {})
        mail = replace(mail, **taken)
    # Without SPF nothing is to be said of the hostname's.
    if mail.spf is None or trial.gives(replace(OFF, spf=mail.spf, host_spf=True)):
        mail = replace(mail, host_spf=True)
    hosts = tuple(addresses)
    hosts = hosts if hosts and trial.gives(OFF, hosts) else ()
    return Found(mail=mail, addresses=hosts, covered=frozenset(r.address for r in trial.records(mail, hosts)))


@dataclass(frozen=True, slots=True)
class _Trial:
    domain: Domain
    stack: Stack
    live: Mapping[Address, Record]
    sets: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def records(self, mail: MailRecords, addresses: tuple[str, ...] = ()) -> tuple[Record, ...]:
        """Return the records that the way forward makes of this `dns.mail`."""
        dns = replace(self.domain.dns, declared=True, mail=mail, addresses=addresses)
        domain = replace(self.domain, dns=dns)
        stack = replace(self.stack, domains={**self.stack.domains, domain.name: domain})
        return tuple(of_domain(domain, stack))

    def gives(self, mail: MailRecords, addresses: tuple[str, ...] = ()) -> bool:
        try:
            made = self.records(mail, addresses)
        except (Unfit, SyntaxProblem):
            return False
        return bool(made) and all(self._is_live(record) for record in made)

    def _is_live(self, record: Record) -> bool:
        found = self.live.get(record.address)
        return found is not None and found.value == record.made

    def texts(self, owner: str, rrtype: str) -> list[str]:
        """Return the live data of one set, in order."""
        return sorted(self.sets.get((absolute(owner), rrtype), ()))

    def text(self, owner: str, meaning: str) -> Iterator[str]:
        """Yield the text of the one TXT record with a meaning, where there is one that a stack can hold."""
        zone, name = absolute(self.domain.dns.zone), absolute(owner)
        for value in self.texts(owner, "TXT"):
            if address_of(zone, name, "TXT", value).name.endswith(f"/TXT/{meaning}"):
                text = text_of(value)
                if is_line(text):
                    yield text


def _forms(trial: _Trial) -> dict[str, Iterable[Any]]:
    """Return the forms to try, by the field of MailRecords, the shortest first."""
    name = trial.domain.name
    return {
        "mx": _mx(trial),
        "spf": (Spf(), *(Spf(named=True, text=text) for text in trial.text(name, "spf"))),
        "dmarc": (Dmarc(), *(Dmarc(named=True, text=t) for t in trial.text(dmarc.owner(name), "dmarc"))),
        "tls_rpt": (
            TlsRpt(),
            *(TlsRpt(named=True, text=t) for t in trial.text(tlsrpt.owner(name), "tlsrpt")),
        ),
        "srv": _srv(trial),
        "mta_sts": _mta_sts(trial),
        "autoconfig": _autoconfig(trial),
        "caa": _caa(trial),
    }


def _mx(trial: _Trial) -> Iterator[Mx]:
    try:
        found = [mx.parse(value) for value in trial.texts(trial.domain.name, "MX")]
    except SyntaxProblem:
        return
    if len(found) == 1:
        yield Mx()
    if found and all(as_it_is(names.domain, one.target) for one in found):
        yield Mx(targets=tuple((one.preference, one.target) for one in sorted(found)))


def _srv(trial: _Trial) -> Iterator[Srv]:
    services: list[tuple[str, int | None]] = []
    for service in srv.SERVICES:
        values = trial.texts(srv.owner(service.name, trial.domain.name), "SRV")
        try:
            ports = [srv.parse(value).port for value in values]
        except SyntaxProblem:
            continue
        for port in (0, *ports, None):
            if len(values) == 1 and trial.gives(
                replace(OFF, srv=Srv(named=True, services=((service.name, port),)))
            ):
                services.append((service.name, port))
                break
    if {name for name, _ in services} == {"submissions", "imaps"}:
        yield Srv()
    if services:
        yield Srv(named=True, services=tuple(services))


def _mta_sts(trial: _Trial) -> Iterator[MtaSts]:
    """The record holds a number that stands for the policy, so the policies that are usual are tried."""
    if trial.texts(mtasts.owner(trial.domain.name), "TXT"):
        for mode in mtasts.Mode:
            yield MtaSts(mode=mode.value)


def _autoconfig(trial: _Trial) -> Iterator[Autoconfig]:
    first, _ = autoconfig.names(trial.domain.name)
    yield Autoconfig()
    for target in trial.texts(first, "CNAME"):
        if as_it_is(names.domain, target.rstrip(".")):
            yield Autoconfig(target=target.rstrip("."))


def _caa(trial: _Trial) -> Iterator[Caa]:
    try:
        found = [caa.parse(value) for value in trial.texts(trial.domain.name, "CAA")]
    except SyntaxProblem:
        return
    tags: dict[str, list[str]] = {"issue": [], "issuewild": [], "iodef": []}
    for one in found:
        if one.tag in tags and one.flags == 0:
            tags[one.tag].append(one.value.removeprefix("mailto:"))
    plain = all(_AUTHORITY.fullmatch(value) for tag in ("issue", "issuewild") for value in tags[tag])
    told = all(value.startswith("https://") or as_it_is(names.address, value, "") for value in tags["iodef"])
    if tags["issue"] and plain and told:
        yield Caa(
            issue=tuple(sorted(tags["issue"])),
            issuewild=tuple(sorted(tags["issuewild"])),
            iodef=tuple(sorted(tags["iodef"])),
        )
