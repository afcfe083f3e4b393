"""A zone file -> one Reading.  Pure but for what it is given.

Only the records that the stack names, that carry a mark or that stand in the way become resources;
the others are counted.  So a zone of 100,000 records costs no more than its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.backends.dns.zonefile.marks import Standing, standing
from reconciler.backends.dns.zonefile.records import Record as Line
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.desired import Desired
from reconciler.kinds import record
from reconciler.kinds.record import Record
from reconciler.resource import Address
from reconciler.state import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a zone file holds, as far as anybody asked.  lines tells where a resource stands."""

    resources: dict[Address, Record]
    lines: dict[Address, int]
    owned: frozenset[Address]
    foreign: dict[Address, str]
    elsewhere: frozenset[Address]
    findings: tuple[Finding, ...]
    beside: int


def contents(zone: Zone, desired: Desired, *, everything: bool = False) -> Contents:
    """Return the records of a zone that matter to a desired state, or all of them."""
    resources: dict[Address, Record] = {}
    lines: dict[Address, int] = {}
    seen: dict[int, Address] = {}

    def take(line: Line) -> Address:
        """Return the address of a record; a second one with the same meaning is known by its value."""
        if line.line in seen:
            return seen[line.line]
        address = record.address_of(zone.name, line.owner, line.rrtype, line.value)
        if address in resources and resources[address].value != line.value:
            address = Address(address.kind, f"{address.name.rpartition('/')[0]}/{line.value}")
        seen[line.line] = address
        lines.setdefault(address, line.line)
        resources.setdefault(address, _resource(address, zone, line))
        return address

    wanted = zone.records if everything else _wanted(zone, desired)
    for line in wanted:
        take(line)
    owned: set[Address] = set()
    foreign: dict[Address, str] = {}
    findings: list[Finding] = []
    for line in zone.marked:
        match standing(line.mark, desired.stack):
            case Standing.MINE:
                owned.add(take(line))
            case Standing.FOREIGN:
                assert line.mark is not None
                foreign[take(line)] = line.mark.stack
            case Standing.STALE:
                findings.append(_stale(zone, line))
    elsewhere = _generated(zone, desired, resources)
    return Contents(
        resources=resources,
        lines=lines,
        owned=frozenset(owned),
        foreign=foreign,
        elsewhere=elsewhere,
        findings=tuple(findings),
        beside=max(0, len(zone) - len(seen)),
    )


def _wanted(zone: Zone, desired: Desired) -> Iterator[Line]:
    """Yield the records of every name and type that the stack mentions, and the aliases beside them."""
    asked: dict[tuple[str, str | None], None] = {}
    for resource in desired.resources.values():
        if isinstance(resource, Record) and resource.zone == zone.name:
            if resource.type == "CNAME":
                asked[(resource.owner, None)] = None
            else:
                asked[(resource.owner, resource.type)] = None
                asked[(resource.owner, "CNAME")] = None
    for address in (*desired.removed, *desired.forgotten):
        if address.kind == Record.KIND and address.name.startswith(f"{zone.name.rstrip('.')}/"):
            _, relative, rrtype, *_ = address.name.split("/", 3)
            owner = zone.name if relative == record.APEX else f"{relative}.{zone.name}"
            asked[(owner.lower(), rrtype)] = None
    for name, kind in asked:
        yield from zone.find(name, kind)


def _resource(address: Address, zone: Zone, line: Line) -> Record:
    ttl = 0 if line.ttl is None else line.ttl
    return Record(
        address=address, zone=zone.name, owner=line.owner, type=line.rrtype, value=line.value, ttl=ttl
    )


def _generated(zone: Zone, desired: Desired, resources: dict[Address, Record]) -> frozenset[Address]:
    """Return the declared records that a $GENERATE line gives; they count as there, and are left alone."""
    found: set[Address] = set()
    if not zone.generates:
        return frozenset()
    for address, resource in desired.resources.items():
        if not isinstance(resource, Record) or resource.zone != zone.name or address in resources:
            continue
        for one in zone.generated.get(resource.owner, ()):
            if one.rrtype == resource.type and one.value == (resource.value or resource.made):
                resources[address] = Record(
                    address=address, zone=zone.name, owner=one.owner, type=one.rrtype, value=one.value
                )
                found.add(address)
    return frozenset(found)


def _stale(zone: Zone, line: Line) -> Finding:
    return Finding(
        rule="ZONE-20",
        severity="warning",
        file=zone.file,
        line=line.line,
        text=f"the mark on {line.owner} {line.rrtype} is not this record's: the line was copied or edited",
        fix="delete the comment `; mailstack:…` at its end; declared again, it is adopted",
    )
