"""(live, changes) -> the state before and the state after, as far as the changes touch it.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from reconciler.config.stack import Stack
from reconciler.config.tree import Path
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change, Verb
from reconciler.errors import Where
from reconciler.kinds.record import Record, absolute
from reconciler.lint.judge import Place
from reconciler.lint.lines import Line, ZoneText, lines_of
from reconciler.lint.scene import Scene
from reconciler.resource import UNSET, Address, Resource, fields_of
from reconciler.state import Live

# Owner, type and value of a record.
_Datum: TypeAlias = tuple[str, str, object]
_NOTHING: Final[frozenset[_Datum]] = frozenset()

# What belongs to no domain: every rule may ask for it, and there is little of it.
_OF_THE_SERVER = frozenset({"allowed_ip", "ban", "hostname", "setting", "tls"})


class States:
    """The two states, and what the second one would be without some of its changes.

    Only the domains that the changes touch are in them, with the zone of the hostname: a change of
    one account among 10,000 costs no more than its domain.
    """

    def __init__(
        self,
        stack: Stack,
        find: Callable[[Path], Where],
        desired: Desired,
        live: Live,
        changes: Iterable[Change],
        zones: Callable[[frozenset[str]], tuple[ZoneText, ...]] = lambda _: (),
    ) -> None:
        self.changes = tuple(c for c in changes if c.verb not in MARKS_ONLY and c.verb is not Verb.ACTIVATE)
        self.touched = touched(self.changes, stack.hostname)
        self._stack, self._find, self._desired, self._live = stack, find, desired, live
        self._ask_zones = zones

    @cached_property
    def _near(self) -> frozenset[str]:
        around = (z for z in self._desired.zones.values() if _is_under(self._stack.hostname or "", z))
        return self.touched.union(around)

    @cached_property
    def _resources(self) -> dict[Address, Resource]:
        return {a: r for a, r in self._live.resources.items() if is_about(a, self._near)}

    @cached_property
    def _zones(self) -> dict[str, ZoneText]:
        return {zone.name: zone for zone in self._ask_zones(frozenset(map(absolute, self._near)))}

    def is_written(self, place: Place) -> bool:
        """Do the changes make true what the stack's file says at this place?"""
        return place in self._written

    @cached_property
    def _written(self) -> frozenset[Place]:
        places = (self.place(change.address) for change in self.changes)
        return frozenset((where.file, where.line, where.column) for where in places if where is not None)

    def place(self, address: Address) -> Where | None:
        """Return where the stack declares a resource."""
        return self._desired.where(address)

    def around(self, name: str) -> frozenset[str]:
        """Return what is touched and bears a name or is above it."""
        return frozenset(above for above in _upwards(name.rpartition("@")[2]) if above in self.touched)

    def changes_of(self, near: frozenset[str] | None) -> tuple[Change, ...]:
        """Return the changes that are about these names, and those of the server itself; or all of them."""
        if near is None:
            return self.changes
        return tuple(change for name in self._inside(self._changes, near) for change in self._changes[name])

    def before(self) -> Scene:
        """Return the state that was read."""
        return self._scene(self._resources, self._zones, is_written=False)

    def after(self) -> Scene:
        """Return the state after the changes."""
        return self._scene(self._after, self._zones_after((), None), is_written=True)

    def after_without(self, left_out: Collection[Change], near: frozenset[str] | None) -> Scene:
        """Return the state after all changes but those; near: the part of it that is about these names."""
        if near is None:
            after = dict(self._after)
        else:
            names = self._inside(self._domains, near)
            after = {a: self._after[a] for name in names for a in self._domains[name]}
        for change in left_out:
            after.pop(change.address, None)
            if change.before is not None:
                after[change.renamed_from or change.address] = change.before
        return self._scene(after, self._zones_after(left_out, near), is_written=True)

    def _zones_after(
        self, left_out: Collection[Change], near: frozenset[str] | None
    ) -> Mapping[str, ZoneText]:
        """Return the zone files without the lines that go, and what was wrong with those lines."""
        stay = {_datum(change.before) for change in left_out if isinstance(change.before, Record)}
        wanted = self._zones if near is None else [z for z in self._zones if _is_near(z.rstrip("."), near)]
        return {name: _without(self._zones[name], self._gone.get(name, _NOTHING) - stay) for name in wanted}

    @cached_property
    def _gone(self) -> dict[str, frozenset[_Datum]]:
        """What goes of each zone, or is something else afterwards."""
        gone: dict[str, set[_Datum]] = {}
        for change in self.changes:
            if isinstance(change.before, Record):
                gone.setdefault(change.before.zone, set()).add(_datum(change.before))
        return {zone: frozenset(data) for zone, data in gone.items()}

    @cached_property
    def _after(self) -> dict[Address, Resource]:
        after = dict(self._resources)
        for change in self.changes:
            if change.renamed_from is not None:
                after.pop(change.renamed_from, None)
            if change.verb is Verb.DELETE:
                after.pop(change.address, None)
            elif change.after is not None:
                after[change.address] = _laid_over(change.before, change.after)
        return after

    @cached_property
    def _domains(self) -> dict[str, list[Address]]:
        """What there is after the changes, by its domain."""
        found: dict[str, list[Address]] = {}
        for address in self._after:
            found.setdefault(_domain(address), []).append(address)
        return found

    @cached_property
    def _changes(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(_domain(change.address), []).append(change)
        return found

    def _inside(self, domains: Iterable[str], near: frozenset[str]) -> Iterator[str]:
        """Yield those of the domains that are these names or below them, and "", which is the server."""
        return (name for name in domains if not name or _is_near(name, near))

    def _scene(
        self, resources: Mapping[Address, Resource], zones: Mapping[str, ZoneText], *, is_written: bool
    ) -> Scene:
        stack, desired = self._stack, self._desired
        return Scene(
            hostname=stack.hostname,
            domains=tuple(name for name in stack.domains if Address("domain", name) in resources),
            parked=parked(stack),
            resources=without_records(resources),
            lines=self._lines(resources, zones),
            zones=tuple(zones.values()),
            stack=stack,
            is_written=is_written,
            is_server_read=not self._live.unreadable,
            egress=tuple(sorted(desired.own_addresses)),
            version=self._live.facts.version,
            place=desired.where,
            find=self._find,
        )

    def _lines(
        self, resources: Mapping[Address, Resource], zones: Mapping[str, ZoneText]
    ) -> tuple[Line, ...]:
        """Return all records that are known: those of the files, each at its line, and what is to come."""
        desired = self._desired
        known = tuple(lines_of(resources, desired.where, desired.resources))
        if not zones:
            return known
        comes = {(line.owner, line.type, line.value): line for line in known}
        stands = [
            replace(line, is_declared=twin.is_declared, is_default=twin.is_default)
            if (twin := comes.pop((line.owner, line.type, line.value), None))
            else line
            for zone in zones.values()
            for line in zone.lines
        ]
        return (*stands, *comes.values())


def _datum(record: Record) -> _Datum:
    return record.owner, record.type, record.value


def _without(zone: ZoneText, gone: Collection[_Datum]) -> ZoneText:
    if not gone:
        return zone
    going = [line for line in zone.lines if (line.owner, line.type, line.value) in gone]
    if not going:
        return zone
    places = {(line.where.file, line.where.line) for line in going if line.where}
    return replace(
        zone,
        lines=tuple(line for line in zone.lines if line not in going),
        problems=tuple(
            p for p in zone.problems if p.where is None or (p.where.file, p.where.line) not in places
        ),
    )


def touched(changes: Iterable[Change], hostname: str | None) -> frozenset[str]:
    """Return the domains, addresses, networks and keys that changes are about."""
    found: set[str] = set()
    for change in changes:
        kind, name = change.address
        if kind in ("record", "dkim_key"):
            name = name.partition("/")[0]
        if kind in ("hostname", "tls"):
            found |= {"hostname", hostname or ""}
        found |= {name, name.rpartition("@")[2]}
    return frozenset(found - {""})


def is_about(address: Address, names: Collection[str]) -> bool:
    """Is a resource in one of these domains, below one, or the server's own?"""
    domain = _domain(address)
    return not domain or _is_near(domain, names)


def _is_near(domain: str, names: Collection[str]) -> bool:
    """Is a domain one of the names, or below one?"""
    return any(above in names for above in _upwards(domain))


def _domain(address: Address) -> str:
    """Return the domain of a resource; "" where it belongs to the server itself."""
    return "" if address.kind in _OF_THE_SERVER else address.name.partition("/")[0].rpartition("@")[2]


def _upwards(domain: str) -> Iterator[str]:
    """Yield a name and the names above it."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def _is_under(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def without_records(resources: Mapping[Address, Resource]) -> dict[Address, Resource]:
    """Return what is not a record."""
    return {address: resource for address, resource in resources.items() if not isinstance(resource, Record)}


def parked(stack: Stack) -> frozenset[str]:
    """Return the domains that shall neither send nor receive."""
    return frozenset(domain.name for domain in stack.domains.values() if domain.parked)


def _laid_over(before: Resource | None, after: Resource) -> Resource:
    """Return the resource after a change: what the stack does not name stays as it was."""
    kept: dict[str, Any] = {
        name: getattr(before, name)
        for name, _ in fields_of(type(after))
        if type(before) is type(after) and getattr(after, name) is UNSET
    }
    return replace(after, **kept) if kept else after  # type: ignore[type-var]  # every resource is a dataclass
