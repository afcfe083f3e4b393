"""What somebody has reviewed, and whether a plan made now is the same, or what is left of the same.  Pure.

A run that stopped halfway leaves a part of its plan; the same command again does that part.  So a plan
made now is accepted when everything in it was reviewed: each change as it is, or on the way to the
same end.  What the reviewed plan has and the new one has not is done already.

Not looked at, because it moves without anybody deciding anything: adoptions, activations that are
left over, bans of addresses that the stack declares, findings, notes, what is unmanaged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler.diff import Change, FieldChange, Verb
from reconciler.guard import Held
from reconciler.plan import Plan, is_decided
from reconciler.resource import UNSET, Address, Pending, plain

# The kind of system that is known by where it is: a zone is known by its name, wherever its file lies.
_SERVER = "stalwart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing that would be done, or held, otherwise than it was reviewed.

    saved is None where the reviewed plan has nothing of the kind, or where only its digests are known.
    """

    saved: Change | Held | None
    fresh: Change | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A plan as far as it can be compared: its changes and what it held, each by its digests.

    changes and held are the things themselves, by address, where they are known.
    """

    digests: frozenset[str]
    held_digests: frozenset[str]
    changes: Mapping[Address, Change]
    held: Mapping[Address, Held]

    def holds(self, change: Change) -> str:
        """Return why the reviewed plan held this very change; empty where it did not.  What was held stays held."""
        if self.held_digests.isdisjoint(_ways(change)):
            return ""
        known = self.held.get(change.address)
        return f"The reviewed plan held it. {known.why if known else ''}".rstrip()

    def moved(self, fresh: Plan) -> tuple[Moved, ...]:
        """Return what was not reviewed so; nothing when the plan is the same or what is left of the same."""
        return (*self._changed(fresh.changes), *self._newly_held(fresh.held))

    def _changed(self, changes: Iterable[Change]) -> Iterator[Moved]:
        for change in changes:
            if is_decided(change) and self.digests.isdisjoint(_ways(change)):
                known = self.changes.get(change.address) or self.held.get(change.address)
                yield Moved(saved=known, fresh=change)

    def _newly_held(self, held: Iterable[Held]) -> Iterator[Moved]:
        for one in held:
            if is_decided(one.change) and self.held_digests.isdisjoint(_ways(one.change)):
                address = one.change.address
                yield Moved(saved=self.changes.get(address) or self.held.get(address), fresh=one)


NOTHING = Reviewed(digests=frozenset(), held_digests=frozenset(), changes={}, held={})


def made_elsewhere(saved: Plan, fresh: Plan) -> str:
    """Say for which other stack or server the saved plan was made; empty when for these."""
    if saved.stack != fresh.stack:
        return f"The plan is for the stack {saved.stack}, and this one is {fresh.stack}."
    places = {system.label: system.where for system in fresh.systems}
    for system in saved.systems:
        if system.kind == _SERVER and places.get(system.label, system.where) != system.where:
            return (
                f"The plan was made for the server at {system.where}, and this one is at {places[system.label]}. "
                "If that is another way to the same server, make the plan again this way."
            )
    return ""


def of_plan(plan: Plan) -> Reviewed:
    """Return a plan as one that somebody has reviewed."""
    return Reviewed(
        digests=frozenset(digest for change in plan.changes for digest in _ends(change)),
        held_digests=frozenset(digest for held in plan.held for digest in _ends(held.change)),
        changes={change.address: change for change in plan.changes},
        held={held.change.address: held for held in plan.held},
    )


def from_lines(lines: Iterable[str]) -> Reviewed:
    """Return what lines_of() has written.  A line that is none of its own counts for nothing."""
    known = [line.split(" ") for line in lines]
    return Reviewed(
        digests=frozenset(words[1] for words in known if words[0] == "does" and len(words) == 2),
        held_digests=frozenset(words[1] for words in known if words[0] == "holds" and len(words) == 2),
        changes={},
        held={},
    )


def lines_of(plan: Plan) -> tuple[str, ...]:
    """Return a plan as short lines that from_lines() reads: digests, which tell nobody anything."""
    reviewed = of_plan(plan)
    return (
        *(f"does {digest}" for digest in sorted(reviewed.digests)),
        *(f"holds {digest}" for digest in sorted(reviewed.held_digests)),
    )


def moved_fields(saved: Change, fresh: Change) -> tuple[Change, Change]:
    """Return two changes of one resource with only the fields in which they differ; all where the verbs differ."""
    from deepdiff import DeepDiff

    if saved.verb is not fresh.verb:
        return saved, fresh
    found = DeepDiff(_told(saved), _told(fresh), ignore_order=True, view="tree")
    places = [level.path(output_format="list") for levels in found.values() for level in levels]
    if not all(places):
        return saved, fresh  # so little is alike that the whole is called another one
    paths = {str(place[0]) for place in places}

    def only(change: Change) -> Change:
        return replace(change, fields=tuple(field for field in change.fields if field.path in paths))

    return (only(saved), only(fresh)) if paths else (saved, fresh)


def _told(change: Change) -> dict[str, Any]:
    return {field.path: _sides(field) for field in change.fields}


def _sides(field: FieldChange) -> object:
    if field.secret:
        return "secret"
    after = "pending" if isinstance(field.after, Pending) else plain(field.after)
    return [plain(field.before), after]


def _ends(change: Change) -> Iterator[str]:
    """Yield the digests of a reviewed change: of itself, and of what may be left of it when a run has stopped."""
    yield _digest(change)
    if change.verb is Verb.CHANGE and change.address.kind in ("alias", "catch_all"):
        # An address that moves is released by one holder and then claimed by the other.
        claim = tuple(replace(field, before=UNSET) for field in change.fields)
        yield _digest(replace(change, verb=Verb.ADD, fields=claim))
    owed = tuple(field for field in change.fields if field.secret)
    if change.verb is Verb.CHANGE and owed:
        # All of an account goes in one request, and then the mark with the revision of its password.
        yield _digest(replace(change, fields=owed, renamed_from=None))
    if change.verb is Verb.DELETE and any(field.after is not UNSET for field in change.fields):
        # What we wrote is unwritten: the value from before is back, and then our mark goes.
        back = tuple(replace(field, before=field.after) for field in change.fields)
        yield _digest(replace(change, fields=back))


def _ways(change: Change) -> Iterator[str]:
    """Yield the digests under which a change made now may have been reviewed."""
    yield _digest(change)
    if change.address.kind == "record" and change.verb in (Verb.ADD, Verb.CHANGE):
        # A key's record is pending until the key is made, and from then on known.
        known = tuple(
            replace(field, after=Pending(change.address, "")) if field.path == "value" else field
            for field in change.fields
            if field.path != "made"
        )
        yield _digest(replace(change, fields=known))


def _digest(change: Change) -> str:
    fields = sorted(json.dumps([field.path, _sides(field)]) for field in change.fields)
    text = json.dumps([str(change.address), change.verb.value, str(change.renamed_from or ""), fields])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
