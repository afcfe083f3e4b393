"""What is asked of the live systems before anything is declared.

A backend reads whole what it can read whole, and of settings and of included records what somebody
names.  So the probe names the settings that are worth a line and the records that mail needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.config.stack import Domain, Stack
from reconciler.desired import Desired, desire
from reconciler.errors import Where
from reconciler.kinds import dkim_key, hostname, setting
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.record import Record, absolute
from reconciler.kinds.setting import Setting
from reconciler.mail import autoconfig, dmarc, mtasts, srv, tlsrpt
from reconciler.resource import Address, Resource
from reconciler.takeover.settings import DEFAULTS


def probe(seed: Stack, host: str | None = None) -> Desired:
    """Return a desired state to read with, never to plan with; host is the hostname, once it is known."""
    named: list[Resource] = [Hostname(address=hostname.ADDRESS, value=host or "")]
    named += [Setting(address=setting.address_of(key)) for key in DEFAULTS]
    for domain in seed.domains.values():
        if domain.dns.zonefile is not None or domain.dns.zone != domain.name:
            named += _records(domain, host)
            named += [DkimKey(address=dkim_key.address_of(domain.name, a)) for a in ("rsa", "ed25519")]
    desired = desire(seed, lambda _: Where(file=seed.file))
    return replace(desired, resources={**desired.resources, **{one.address: one for one in named}})


def _records(domain: Domain, host: str | None) -> Iterator[Record]:
    """Yield a question for every record that may follow from a domain and a hostname."""
    name = domain.name
    questions = [
        (name, "MX"),
        (name, "TXT"),
        (name, "CAA"),
        (dmarc.owner(name), "TXT"),
        (tlsrpt.owner(name), "TXT"),
    ]
    questions += [(srv.owner(service.name, name), "SRV") for service in srv.SERVICES]
    questions += [(mtasts.owner(name), "TXT"), (mtasts.policy_host(name), "CNAME")]
    questions += [(alias, "CNAME") for alias in autoconfig.names(name)]
    if host is not None:
        questions += [(host, rrtype) for rrtype in ("A", "AAAA", "TXT")]
    zone = absolute(domain.dns.zone)
    for owner, rrtype in questions:
        address = Address(Record.KIND, f"{domain.dns.zone}/question/{owner}/{rrtype}")
        yield Record(address=address, zone=zone, owner=absolute(owner), type=rrtype)
