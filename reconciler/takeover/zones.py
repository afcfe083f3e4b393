"""The live records of one zone -> what the `dns:` of its domains say.

Every record of the file is said, as `dns.mail` where the way forward gives just it, else under
`records`.  What cannot be said takes along what it stands against: a second SPF text beside the one
that is declared would be a removal that the next plan holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.config.dns import Dns
from reconciler.config.stack import Domain, Stack
from reconciler.kinds import ban, dkim_key, mail_entry, record
from reconciler.kinds.declared import Inexpressible
from reconciler.kinds.mail_records import zone_of_host
from reconciler.kinds.record import Record, absolute, stands_against
from reconciler.mail import dkim
from reconciler.pending import text_of
from reconciler.resource import Address, Resource
from reconciler.state import Live
from reconciler.takeover.left_out import Notes, foreign
from reconciler.takeover.server import is_banned

# The zone's and the name server's own, which nobody misses in a stack (RFC 1035, RFC 4034, RFC 5155).
NOT_MISSED = frozenset({"SOA", "RRSIG", "NSEC", "NSEC3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The records of one zone: those that may be said, and those of them that stand in other files."""

    name: str
    records: Mapping[Address, Record]
    elsewhere: frozenset[Address]


def zone_in(live: Live, name: str, notes: Notes) -> Zone:
    """Return the records of a zone, absolute with a dot, that a stack may declare; the others are noted."""
    sayable: dict[Address, Record] = {}
    unsayable: dict[Address, tuple[Record, str]] = {}
    for address, resource in live.resources.items():
        if not isinstance(resource, Record) or resource.zone != name:
            continue
        if address in live.foreign:
            notes.add(address, foreign(live.foreign[address]))
            continue
        try:
            record.entry(resource)
            sayable[address] = resource
        except Inexpressible as error:
            unsayable[address] = (resource, str(error))
    _take_along(sayable, unsayable)
    for address, (one, why) in unsayable.items():
        if one.type not in NOT_MISSED:
            notes.add(address, why)
    return Zone(name=name, records=sayable, elsewhere=live.elsewhere & sayable.keys())


def _take_along(sayable: dict[Address, Record], unsayable: dict[Address, tuple[Record, str]]) -> None:
    """Move what cannot be declared beside something that stays undeclared."""
    by_owner: dict[str, list[Record]] = {}
    for one in sayable.values():
        by_owner.setdefault(one.owner, []).append(one)
    queue = [one for one, _ in unsayable.values()]
    while queue:
        present = queue.pop()
        for wanted in by_owner.get(present.owner, ()):
            if wanted.address in sayable and stands_against(present, wanted):
                unsayable[wanted.address] = (
                    sayable.pop(wanted.address),
                    f"it stands beside {present.address}",
                )
                queue.append(wanted)


def with_records(stack: Stack, zone: Zone, live: Mapping[Address, Resource], notes: Notes) -> Stack:
    """Return the stack with the `dns:` of each of its domains in this zone.

    The first of them says what is the zone's own: its file, the hostname's addresses, other records.
    All domains of zones are declared in the stack already, so that it is known where the hostname belongs.
    """
    inside = [d for d in stack.domains.values() if absolute(d.dns.zone) == zone.name]
    ttl = _usual_ttl(zone)
    covered: set[Address] = set()
    made: list[Domain] = []
    for number, known in enumerate(inside):
        domain = stack.domains[known.name]
        addresses = _addresses(stack, zone, live, notes) if number == 0 else ()
        found = mail_entry.entry(domain, stack, zone.records, addresses)
        algorithms = tuple(_keys(domain, zone, live, covered, notes))
        covered |= found.covered
        dns = replace(
            domain.dns,
            mail=replace(found.mail, dkim=algorithms or None),
            addresses=found.addresses,
            ttl=ttl if number == 0 else None,
        )
        made.append(replace(domain, dns=dns))
    first = made[0]
    rest = [one for address, one in zone.records.items() if address not in covered | zone.elsewhere]
    entries = tuple(record.entry(one, ttl) for one in sorted(rest, key=_place))
    made[0] = replace(first, dns=replace(first.dns, records=entries))
    return _replaced(stack, [_only_if_said(domain, is_first=domain.name == first.name) for domain in made])


def _replaced(stack: Stack, domains: Sequence[Domain]) -> Stack:
    return replace(stack, domains={**stack.domains, **{domain.name: domain for domain in domains}})


def _only_if_said(domain: Domain, *, is_first: bool) -> Domain:
    """Return a domain of which no `dns:` is written where it would say nothing."""
    if is_first or domain.dns.mail != mail_entry.NOTHING:
        return domain
    return replace(domain, dns=Dns(zone=domain.name))


def _usual_ttl(zone: Zone) -> int | None:
    """Return the TTL that most records have; the smaller one where two are as frequent."""
    counted = Counter(one.ttl for one in zone.records.values() if isinstance(one.ttl, int))
    return min(counted, key=lambda ttl: (-counted[ttl], ttl), default=None)


def _place(one: Record) -> tuple[object, ...]:
    """The zone's own name first, then the names as people read them, from the zone down."""
    return (one.owner != one.zone, one.owner.split(".")[::-1], one.type, str(one.value))


def _addresses(stack: Stack, zone: Zone, live: Mapping[Address, Resource], notes: Notes) -> tuple[str, ...]:
    """Return the addresses of the hostname, where its records stand in this zone."""
    if stack.hostname is None or absolute(zone_of_host(stack) or "") != zone.name:
        return ()
    owner = absolute(stack.hostname)
    found = [r for r in zone.records.values() if r.owner == owner and r.type in ("A", "AAAA")]
    for one in found:
        if is_banned(str(one.value), live):
            why = f"the server has banned it: under dns.addresses, as the address of {stack.hostname}, the ban is lifted"
            notes.add(ban.address_of(str(one.value)), why)
            return ()
    return tuple(str(r.value) for r in sorted(found, key=lambda r: (r.type, str(r.value))))


def _keys(
    domain: Domain, zone: Zone, live: Mapping[Address, Resource], covered: set[Address], notes: Notes
) -> Iterator[str]:
    """Yield the algorithms of the domain's DKIM keys whose records stand in the zone, as they must."""
    for algorithm in ("rsa", "ed25519"):
        key = live.get(dkim_key.address_of(domain.name, algorithm))
        if not isinstance(key, dkim_key.DkimKey):
            continue
        owner = absolute(dkim.owner(str(key.selector), domain.name))
        public = key.public_key
        value = text_of(algorithm, public) if isinstance(public, str) else ""
        address = record.address_of(zone.name, owner, "TXT", value or '""')
        found = zone.records.get(address)
        if found is not None and found.value == value:
            covered.add(address)
            yield algorithm
        else:
            notes.add(
                key.address,
                f"the zone does not have its record at {owner} as it must be: "
                f"add {algorithm} to dns.mail.dkim, and apply writes it",
            )
