"""Backends -> live state.  Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.backends.interface import Reader
from reconciler.desired import Desired
from reconciler.kinds import alias
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET, Address, Resource
from reconciler.state import Facts, Live, Placement, Reading


def observe(readers: Iterable[Reader], desired: Desired) -> Live:
    """Return what is true now on all systems.  Raises ReadError when one of them cannot be read."""
    return _follow_renames(merged([reader.read(desired) for reader in readers]), desired)


def merged(readings: Sequence[Reading]) -> Live:
    """Return several readings as one live state.  No two systems keep the same resource."""

    def place(resource: Resource) -> Placement | None:
        for reading in readings:
            if (found := reading.place(resource)) is not None:
                return found
        return None

    # Where two systems show the same thing (config.toml and the server's copy of it), the first is right.
    resources = {a: resource for r in reversed(readings) for a, resource in r.resources.items()}
    return Live(
        # Sorted, because the order in which a server answers is no difference: same state, same bytes.
        resources={a: resources[a] for a in sorted(resources)},
        owned=frozenset().union(*(r.owned for r in readings)),
        foreign={a: stack for r in readings for a, stack in r.foreign.items()},
        elsewhere=frozenset().union(*(r.elsewhere for r in readings)),
        names={name: a for r in readings for name, a in r.names.items()},
        unreadable={kind: problem for r in readings for kind, problem in r.unreadable.items()},
        beside=dict(sum((Counter(r.beside) for r in readings), Counter())),
        former={a: resource for r in reversed(readings) for a, resource in r.former.items()},
        left_over=tuple(resource for r in readings for resource in r.left_over),
        findings=tuple(finding for r in readings for finding in r.findings),
        notes=tuple(note for r in readings for note in r.notes),
        systems=tuple(r.system for r in readings),
        facts=next((r.facts for r in readings if r.facts != Facts()), Facts()),
        place=place,
    )


def read_again(live: Live, reader: Reader, desired: Desired, kinds: frozenset[str] | None = None) -> Live:
    """Return live with one system read anew, as far as its resources of these kinds go."""
    reading = reader.read(desired, kinds)

    def keeps(address_kind: str, address_system: str | None) -> bool:
        return address_system != reader.label or (kinds is not None and address_kind not in kinds)

    def system_of(resource: Resource) -> str | None:
        placement = live.place(resource)
        return placement.system if placement else None

    resources = {a: resource for a, resource in live.resources.items() if keeps(a.kind, system_of(resource))}
    owned = {
        a
        for a in live.owned
        if keeps(a.kind, system_of(live.resources[a]) if a in live.resources else reader.label)
    }
    seen = replace(
        live,
        resources=resources
        | {a: r for a, r in reading.resources.items() if system_of(r) in (reader.label, None)},
        owned=frozenset(owned) | reading.owned,
        elsewhere=live.elsewhere | reading.elsewhere,
        left_over=(
            *(r for r in live.left_over if system_of(r) != reader.label),
            *reading.left_over,
        ),
    )
    return _follow_renames(seen, desired)


def _follow_renames(live: Live, desired: Desired) -> Live:
    """Return live with holders and members called as they will be called.

    Aliases and memberships hang on the account, not on its address: a rename does not change them.
    The former address becomes one of its aliases, so mail to it does not stop.  Where the new address
    is something else's still, nothing is renamed yet, or any more.
    """
    current = {
        former.name: address.name
        for address, former in desired.renamed.items()
        if former in live.resources
        and not any(Address(kind, address.name) in live.resources for kind in ("account", "group", "list"))
    }
    if not current:
        return live

    def followed(resource: Resource) -> Resource:
        if isinstance(resource, Alias | CatchAll) and resource.holder in current:
            return replace(resource, holder=current[resource.holder])
        if isinstance(resource, Group | MailingList) and resource.members is not UNSET:
            return replace(resource, members=frozenset(current.get(m, m) for m in resource.members))
        return resource

    kept = (Alias(address=alias.address_of(former), holder=new) for former, new in current.items())
    resources = {resource.address: resource for resource in kept}
    return replace(live, resources=resources | {a: followed(r) for a, r in live.resources.items()})
