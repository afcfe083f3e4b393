"""A zone file -> what it holds of interest.  Pure but for what it is given.

Only the records that the stack names, that carry a mark or that stand in the way become resources;
the others are counted.  So a zone of 100,000 records costs no more than its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.backends.dns.included import Brought, brought, refusal
from reconciler.backends.dns.zonefile.marks import Standing, standing
from reconciler.backends.dns.zonefile.records import Record as Line
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.desired import Desired
from reconciler.diff import is_as_declared
from reconciler.errors import Problem, Where
from reconciler.kinds import record
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import Record
from reconciler.resource import UNSET, Address
from reconciler.state import Finding

# A name, and a type or None for all types of it.
_Question = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a zone file holds, as far as anybody asked.

    elsewhere are records of included files and of $GENERATE lines; refused are addresses at which
    nothing can be written for such a record.
    """

    resources: Mapping[Address, Record]
    owned: frozenset[Address]
    foreign: Mapping[Address, str]
    elsewhere: frozenset[Address]
    refused: Mapping[Address, Problem]
    findings: tuple[Finding, ...]
    beside: int


def contents(
    zone: Zone, desired: Desired, others: Sequence[Zone] = (), *, everything: bool = False
) -> Contents:
    """Return the records of a zone that matter to a desired state, or all of them; others are included files."""
    resources: dict[Address, Record] = {}
    seen: dict[int, Address] = {}

    def take(line: Line) -> Address:
        """Return the address of a record; a second one with the same meaning is known by its value."""
        if line.line in seen:
            return seen[line.line]
        address = _address(zone, line, resources)
        seen[line.line] = address
        resources.setdefault(address, _resource(address, zone, line))
        return address

    questions = dict.fromkeys(_questions(zone, desired))
    # The SOA is no unmanaged record: nobody can declare one, and a change of the zone raises its serial.
    soa = {line.line for line in zone.find(zone.name, "SOA")}
    for line in zone.records if everything else _lines(zone, questions):
        if not (everything and line.line in soa):
            take(line)
    owned: set[Address] = set()
    foreign: dict[Address, str] = {}
    findings = [_stray(where) for where in zone.stray_marks]
    for line in zone.marked:
        match standing(line.mark, desired.stack):
            case Standing.MINE:
                owned.add(take(line))
            case Standing.FOREIGN:
                assert line.mark is not None
                foreign[take(line)] = line.mark.stack
            case Standing.STALE:
                findings.append(_stale(zone, line))
    elsewhere = _elsewhere(zone, others, questions, resources)
    refused = _refused(desired, zone, resources, elsewhere)
    return Contents(
        resources={**{a: r for a, (r, _) in elsewhere.items()}, **resources},
        owned=frozenset(owned),
        foreign=foreign,
        elsewhere=frozenset(elsewhere),
        refused=refused,
        findings=tuple(findings),
        beside=max(0, len(zone) - len(soa.union(seen))),
    )


def _questions(zone: Zone, desired: Desired) -> Iterator[_Question]:
    """Yield every name and type that the stack mentions, and the aliases that would stand beside them."""
    for resource in desired.resources.values():
        if isinstance(resource, Record) and resource.zone == zone.name:
            if resource.type == "CNAME":
                yield resource.owner, None
            else:
                yield resource.owner, resource.type
                yield resource.owner, "CNAME"
        elif isinstance(resource, DkimKey):
            # Which selector its record has is known only when the server has been read.
            yield from _keys(zone, resource.address.name.partition("/")[0])
    for address in (*desired.removed, *desired.forgotten):
        named = record.set_of(address)
        if named is not None and named.zone == zone.name:
            yield named.owner, named.type


def _keys(zone: Zone, domain: str) -> Iterator[_Question]:
    suffix = f"._domainkey.{record.absolute(domain)}"
    yield suffix[1:], None  # all of them may be left to another name server
    for owner in zone.scan.first:
        if owner.endswith(suffix):
            yield owner, None


def _lines(zone: Zone, questions: Mapping[_Question, None]) -> Iterator[Line]:
    for owner, rrtype in questions:
        yield from zone.find(owner, rrtype)


def _address(zone: Zone, line: Line | Brought, taken: Mapping[Address, Record]) -> Address:
    address = record.address_of(zone.name, line.owner, line.rrtype, line.value)
    if address in taken and taken[address].value != line.value:
        return Address(address.kind, f"{address.name.rpartition('/')[0]}/{line.value}")
    return address


def _resource(address: Address, zone: Zone, line: Line | Brought) -> Record:
    return Record(
        address=address,
        zone=zone.name,
        owner=line.owner,
        type=line.rrtype,
        value=line.value,
        ttl=UNSET if line.ttl is None else line.ttl,
    )


def _elsewhere(
    zone: Zone,
    others: Sequence[Zone],
    questions: Mapping[_Question, None],
    resources: Mapping[Address, Record],
) -> dict[Address, tuple[Record, Brought]]:
    """Return what stands elsewhere of what is asked for, unless the file itself says it too."""
    found: dict[Address, tuple[Record, Brought]] = {}
    if not others and not zone.generates:
        return found
    for owner, rrtype in questions:
        for one in brought(zone, others, owner, rrtype):
            address = _address(zone, one, resources)
            if address not in resources and address not in found:
                found[address] = _resource(address, zone, one), one
    return found


def _refused(
    desired: Desired,
    zone: Zone,
    resources: Mapping[Address, Record],
    elsewhere: Mapping[Address, tuple[Record, Brought]],
) -> dict[Address, Problem]:
    """Return the addresses at which the stack wants something else than what stands elsewhere."""
    if not elsewhere:
        return {}
    refused = {a: refusal(elsewhere[a][1]) for a in desired.removed if a in elsewhere}
    for address, wanted in desired.resources.items():
        if not isinstance(wanted, Record) or wanted.zone != zone.name or address in resources:
            continue
        if address in elsewhere and is_as_declared(wanted, elsewhere[address][0]):
            continue
        for present, one in elsewhere.values():
            if present.owner == wanted.owner and (
                present.address == address or record.stands_against(present, wanted)
            ):
                refused[address] = refusal(one)
                break
    return refused


def _stale(zone: Zone, line: Line) -> Finding:
    return Finding(
        rule="ZONE-20",
        severity="warning",
        file=zone.file,
        line=line.line,
        text=f"the mark on {line.owner} {line.rrtype} is not this record's: the line was copied or edited",
        fix="delete the comment `; mailstack:…` at its end; declared again, it is adopted",
    )


def _stray(where: Where) -> Finding:
    return Finding(
        rule="ZONE-20",
        severity="hint",
        file=where.file,
        line=where.line,
        column=where.column,
        text="a mark that is on no record",
        fix="delete the comment `; mailstack:…`; a record that was commented out is nobody's",
    )
