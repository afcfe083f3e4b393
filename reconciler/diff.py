"""(desired, live) -> changes.  Pure; each change stands for itself, in no order yet.

Hands off, in this order:

1. What is neither declared nor carries this stack's mark is not looked at twice (law 4).
2. Of what is declared, only the fields that the stack names are compared (UNSET is not "empty").
3. What stops mail goes only when the stack lists it under `removed:`; what merely carries our mark
   and is no longer declared is unwritten.
4. What is live as declared, but unmarked, is adopted: the mark and nothing else.

Collections are compared by key.  No rule about order, danger or dependence lives here: those are
plan.py and guard.py.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.desired import Desired
from reconciler.kinds import LISTED_TO_REMOVE, alias, ban, bare, is_marked
from reconciler.kinds.record import Record, stands_against
from reconciler.resource import UNSET, Address, Resource, Role, Sealed, fields_of
from reconciler.state import Live


class Verb(enum.Enum):
    """What a change does.  Adopt and forget touch a mark and nothing else."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    ACTIVATE = "activate"


MARKS_ONLY = frozenset({Verb.ADOPT, Verb.FORGET})

# The reason of a removal that the stack asks for: nothing of the thing stays, not even a value from before.
LISTED = "listed under removed:"
# The reason of a removal that nobody asks for: what was there before us comes back.
UNWRITTEN = "written by mailstack, no longer declared"

# The fields that are what a thing says, where it is not its address that says all.
_SAID = frozenset({"value", "holder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a change.  Of a secret, neither side may be shown."""

    path: str
    before: object
    after: object
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.  before is the precondition that apply checks again; after is what will be true.

    address is where the thing will be found; renamed_from where it is found now, if elsewhere.
    reason says why something goes.
    """

    address: Address
    verb: Verb
    before: Resource | None = None
    after: Resource | None = None
    fields: tuple[FieldChange, ...] = ()
    renamed_from: Address | None = None
    reason: str = ""

    @property
    def resource(self) -> Resource:
        """The resource that the change is about: as it will be, or as it was where it goes."""
        resource = self.after if self.after is not None else self.before
        assert resource is not None  # every verb has one side at least
        return resource


def compare(desired: Desired, live: Live) -> tuple[Change, ...]:
    """Return all differences, each address at most once."""
    changes: dict[Address, Change] = {}
    for change in (
        *_activations(live),
        *_bans(desired, live),
        *_declared(desired, live),
        *_listed(desired, live),
        *_taken_over(desired, live),
        *_in_the_way(desired, live),
        *_undeclared(desired, live),
        *_forgotten(desired, live),
    ):
        changes.setdefault(change.address, change)
    return tuple(changes.values())


def field_changes(before: Resource, after: Resource) -> tuple[FieldChange, ...]:
    """Return the fields that after names and that are otherwise in before.  Both are of one kind."""
    found = []
    for name, is_secret in _compared_fields(type(after)):
        wanted = getattr(after, name)
        if wanted is UNSET:
            continue
        present = getattr(before, name)
        same = wanted.agrees(present) if isinstance(wanted, Sealed) else wanted == present
        if not same:
            found.append(FieldChange(path=name, before=present, after=wanted, secret=is_secret))
    return tuple(found)


@functools.cache
def _compared_fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """Return (name, is secret) of the fields in which desired and live may differ."""
    return tuple(
        (name, role is Role.SECRET) for name, role in fields_of(kind) if role in (Role.PLAIN, Role.SECRET)
    )


@functools.cache
def _made_fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """Return (name, is secret) of the fields that count when a thing is made."""
    return tuple(
        (name, role is Role.SECRET)
        for name, role in fields_of(kind)
        if role not in (Role.SERVER_SET, Role.IDENTITY)
    )


def is_as_declared(desired: Resource, live: Resource | None) -> bool:
    """Is there nothing to do for this resource?"""
    return live is not None and type(live) is type(desired) and not field_changes(live, desired)


def _declared(desired: Desired, live: Live) -> Iterator[Change]:
    for address, resource in desired.resources.items():
        present = live.resources.get(address)
        if present is not None:
            yield from _compared(address, resource, present, live)
            continue
        former = desired.renamed.get(address)
        if former is not None and former in live.resources:
            yield _renamed(address, resource, former, live.resources[former])
            continue
        yield Change(address=address, verb=Verb.ADD, after=resource, fields=_new_fields(resource))


def _new_fields(resource: Resource) -> tuple[FieldChange, ...]:
    values = [(name, getattr(resource, name), secret) for name, secret in _made_fields(type(resource))]
    return tuple(
        [
            FieldChange(path=name, before=UNSET, after=value, secret=secret)
            for name, value, secret in values
            if value is not UNSET
        ]
    )


def _compared(address: Address, resource: Resource, present: Resource, live: Live) -> Iterator[Change]:
    if resource is present:
        return
    fields = field_changes(present, resource)
    if fields:
        yield Change(address=address, verb=Verb.CHANGE, before=present, after=resource, fields=fields)
    elif is_marked(resource) and address not in live.owned and address not in live.elsewhere:
        yield Change(address=address, verb=Verb.ADOPT, before=present, after=resource)


def _renamed(address: Address, resource: Resource, former: Address, present: Resource) -> Change:
    moved = FieldChange(path="address", before=former.name, after=address.name)
    return Change(
        address=address,
        verb=Verb.CHANGE,
        before=present,
        after=resource,
        fields=(moved, *field_changes(present, resource)),
        renamed_from=former,
    )


def _listed(desired: Desired, live: Live) -> Iterator[Change]:
    for address in desired.removed:
        present = live.resources.get(address)
        if present is not None and address not in desired.resources:
            yield _deletion(present, LISTED)


def _taken_over(desired: Desired, live: Live) -> Iterator[Change]:
    """An alias whose address becomes the primary one of something that the stack declares is released.

    Mail to it does not stop: it goes to the new holder.  (A stranger's alias is not taken: conflict.py.)
    """
    for address in desired.resources:
        if address.kind not in ("account", "group", "list") or address in live.resources:
            continue
        held = live.resources.get(alias.address_of(address.name))
        if not isinstance(held, alias.Alias):
            continue
        if held.holder == address.name:
            continue  # a rename: the account's own alias becomes its primary address: one write, no release
        yield _deletion(held, f"becomes {address}")


def _in_the_way(desired: Desired, live: Live) -> Iterator[Change]:
    """Records that nobody declares and that stand against a declared one.

    Another value in a set that the stack declares, an alias where other data must stand, a second
    text where there can be one.  guard.py holds their removal until somebody lists them.
    """
    declared: dict[str, list[Record]] = {}
    for resource in desired.resources.values():
        if isinstance(resource, Record):
            declared.setdefault(resource.owner, []).append(resource)
    for address, present in live.resources.items():
        if not isinstance(present, Record) or address in desired.resources or address in live.foreign:
            continue
        if address in live.owned or address in desired.forgotten or address in live.elsewhere:
            continue
        against = next((r for r in declared.get(present.owner, ()) if stands_against(present, r)), None)
        if against is not None:
            yield _deletion(present, f"stands against {against.address}")


def _undeclared(desired: Desired, live: Live) -> Iterator[Change]:
    for address in sorted(live.owned):
        if address in desired.resources:
            continue
        present = live.resources.get(address)
        if present is None:
            yield from _mark_of_nothing(address)
        elif address not in desired.forgotten and address.kind not in LISTED_TO_REMOVE:
            change = _deletion(present, UNWRITTEN)
            yield replace(change, fields=_restored(present, live.former.get(address)) or change.fields)


def _deletion(present: Resource, reason: str) -> Change:
    """Return the removal of a thing, with what it says: another value there is another removal."""
    said = tuple(
        FieldChange(path=name, before=value, after=UNSET, secret=is_secret)
        for name, is_secret in _compared_fields(type(present))
        if name in _SAID and (value := getattr(present, name)) is not UNSET
    )
    return Change(address=present.address, verb=Verb.DELETE, before=present, fields=said, reason=reason)


def _restored(present: Resource, former: Resource | None) -> tuple[FieldChange, ...]:
    """Return what comes back where what we wrote goes: the values found before our first write."""
    if former is None or type(former) is not type(present):
        return ()
    return tuple(
        FieldChange(path=name, before=getattr(present, name), after=value, secret=is_secret)
        for name, is_secret in _compared_fields(type(former))
        if (value := getattr(former, name)) is not UNSET
    )


def _mark_of_nothing(address: Address) -> Iterator[Change]:
    """A mark whose thing is gone goes too: it would claim what somebody else makes there one day."""
    ghost = bare(address)
    if ghost is not None:
        yield Change(address=address, verb=Verb.FORGET, before=ghost, reason="what it marked is gone")


def _forgotten(desired: Desired, live: Live) -> Iterator[Change]:
    for address in sorted(desired.forgotten & live.owned):
        present = live.resources.get(address)
        if present is not None and address not in desired.resources:
            yield Change(
                address=address,
                verb=Verb.FORGET,
                before=present,
                after=present,
                reason="listed under forget:",
            )


def _bans(desired: Desired, live: Live) -> Iterator[Change]:
    for address, reason in ban.lifted(desired.resources, desired.own_addresses, live.resources):
        yield _deletion(live.resources[address], reason)


def _activations(live: Live) -> Iterator[Change]:
    for resource in live.left_over:
        yield Change(
            address=resource.address,
            verb=Verb.ACTIVATE,
            after=resource,
            reason="an earlier run stored changes and did not activate them",
        )
