"""Changes -> plan: what goes in which wave, what is held, and the plan's id.  Pure.

A plan is inert data: no closures, colours, clocks or secret values.  Its waves come in the order in
which mail never breaks (waves.py); inside a wave, order.py decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler import guard
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change, Verb
from reconciler.guard import Held
from reconciler.hints import hints
from reconciler.order import Needs, handovers, needs_of, sorted_by_need
from reconciler.resource import Address, Resource, plain
from reconciler.state import Activate, Finding, Live, Placement, System
from reconciler.waves import Wave, waves_of

if TYPE_CHECKING:
    from reconciler.outlook import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that apply will do, and what it will not do and why.

    needs tells, by address, which changes must be done before one.  unmanaged names, by kind, what is
    live and left alone; beside counts what was not even looked at.  complete is False where a
    system could not be read.  released and allowed_deletes are what the command line lets go, beside
    what the stack does: they go with a saved plan.
    """

    stack: str
    domains: tuple[str, ...]
    systems: tuple[System, ...]
    waves: tuple[Wave, ...]
    held: tuple[Held, ...]
    needs: Needs
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    unmanaged: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, int]
    plan_id: str
    complete: bool = True
    released: tuple[str, ...] = ()
    allowed_deletes: int | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes that will be made, in the order in which they will be made."""
        return tuple(change for wave in self.waves for change in wave.changes)

    @property
    def has_work(self) -> bool:
        """Is there anything that apply would do?  Adoptions count."""
        return bool(self.waves)


def make(
    changes: Sequence[Change],
    desired: Desired,
    live: Live,
    *,
    allowed_deletes: int | None = None,
    released: Iterable[Address] = (),
    holds: Callable[[Change], str] = lambda _: "",
    notes: Iterable[str] = (),
    basis: Basis | None = None,
) -> Plan:
    """Return the plan for these changes.

    released are those of desired.released that the command line names.  holds says why a change that
    no rule holds is held all the same: it was when the plan was reviewed.  basis: it is judged by the
    rules of lint as well.
    """
    needs = needs_of(changes)
    live = replace(live, place=_remembered(live.place))
    held = guard.held_changes(changes, desired, live, allowed_deletes=allowed_deletes)
    _hold_as_reviewed(changes, holds, held)
    _hold_what_depends(changes, needs, held)
    faults = _hold_what_breaks(changes, desired, live, needs, held, basis) if basis and changes else ()
    going = sorted_by_need([change for change in changes if change.address not in held], needs)
    _hold_circles(changes, going, held)
    places = {change.address: _placement(change, live) for change in going}
    waves = waves_of(going, needs, places)
    spoken_for = {change.address for change in changes} | {c.renamed_from for c in changes if c.renamed_from}
    return Plan(
        stack=desired.stack,
        domains=desired.domains,
        systems=live.systems,
        waves=waves,
        held=tuple(held[change.address] for change in changes if change.address in held),
        needs={address: before for address, before in needs.items() if address in places},
        notes=tuple(
            dict.fromkeys((*_unread(live), *notes, *live.notes, *(p.note for p in places.values() if p.note)))
        ),
        findings=(*live.findings, *hints(desired, live), *faults),
        unmanaged=_unmanaged(desired, live, spoken_for),
        beside={kind: number for kind, number in live.beside.items() if number},
        plan_id=identity(waves, held.values(), desired.released, allowed_deletes),
        complete=not live.unreadable,
        released=tuple(sorted(map(str, released))),
        allowed_deletes=allowed_deletes,
    )


def _unread(live: Live) -> Iterator[str]:
    """Yield what this plan knows nothing of.  What the stack declares of it is an error, not a note."""
    kinds: dict[str, list[str]] = {}
    for kind, problem in sorted(live.unreadable.items()):
        kinds.setdefault(problem.summary, []).append(kind.replace("_", " "))
    for why, names in kinds.items():
        yield f"Not read, so there may be more to do than this: {', '.join(names)}. {why}."


def is_decided(change: Change) -> bool:
    """Does this change come of what somebody has decided?  A mark, a left-over reload and a ban come by themselves."""
    return change.verb not in MARKS_ONLY and change.verb is not Verb.ACTIVATE and change.address.kind != "ban"


def identity(
    waves: Iterable[Wave],
    held: Iterable[Held],
    released: Iterable[Address] = (),
    allowed_deletes: int | None = None,
) -> str:
    """Return the plan's id: the same for the same changes, whoever makes the plan and wherever.

    It covers address, verb, before and after of the changed fields, what is held, and what is
    released; not findings, notes, unmanaged things, adoptions, left-over activations, bans, serials
    or paths.  Secrets count as the word "secret".
    """
    lines = [
        [str(change.address), change.verb.value, str(change.renamed_from or ""), *_field_texts(change)]
        for wave in waves
        for change in wave.changes
        if is_decided(change)
    ]
    stopped = sorted(
        [str(h.change.address), h.change.verb.value, h.rule] for h in held if is_decided(h.change)
    )
    parts: list[object] = [sorted(lines, key=_first), stopped]
    if let_go := [*sorted(map(str, released)), *([allowed_deletes] if allowed_deletes is not None else [])]:
        parts.append(let_go)
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _first(line: Sequence[object]) -> str:
    return str(line[0])


def _field_texts(change: Change) -> list[object]:
    return [
        [f.path, "secret"] if f.secret else [f.path, plain(f.before), plain(f.after)] for f in change.fields
    ]


def _hold_as_reviewed(
    changes: Sequence[Change], holds: Callable[[Change], str], held: dict[Address, Held]
) -> None:
    for change in changes:
        if change.address not in held and (why := holds(change)):
            held[change.address] = Held(
                change=change, rule="reviewed", why=why, release="mailstack plan", releasable=False
            )


def _hold_what_depends(changes: Sequence[Change], needs: Needs, held: dict[Address, Held]) -> None:
    """A change that needs a held one is held as well, and so is a release whose claim is; nothing else is."""
    if not held:
        return
    followers: dict[Address, list[Address]] = {}
    for address, before in needs.items():
        for need in before:
            followers.setdefault(need, []).append(address)
    for release, claim in handovers(changes).items():
        followers.setdefault(claim, []).append(release)
    by_address = {change.address: change for change in changes}
    stack = list(held)
    while stack:
        cause = stack.pop()
        for address in followers.get(cause, ()):
            if address not in held:
                held[address] = Held(
                    change=by_address[address],
                    rule="depends",
                    why=f"It needs {cause}, which is held.",
                    release=held[cause].release,
                    how=held[cause].how,
                    releasable=False,
                )
                stack.append(address)


def _hold_what_breaks(
    changes: Sequence[Change],
    desired: Desired,
    live: Live,
    needs: Needs,
    held: dict[Address, Held],
    basis: Basis,
) -> tuple[Finding, ...]:
    """Hold each change that would bring an error, with what depends on it; return what is told of faults.

    What is held may leave another fault behind, so the rest is judged again until nothing is added.
    """
    from reconciler.outlook import outlook  # with all rules of lint: a plan without changes needs none

    told: dict[Finding, None] = {}
    while True:
        seen = outlook(basis, desired, live, [change for change in changes if change.address not in held])
        if not seen.held:
            return tuple(dict.fromkeys((*told, *seen.findings)))
        causes = {(stopped.rule, stopped.why) for stopped in seen.held.values()}
        told |= dict.fromkeys(finding for finding in seen.findings if (finding.rule, finding.text) in causes)
        held |= seen.held
        _hold_what_depends(changes, needs, held)


def _hold_circles(changes: Sequence[Change], going: Sequence[Change], held: dict[Address, Held]) -> None:
    """Hold what has found no place in the order, because it waits for itself by way of others."""
    placed = {change.address for change in going}
    circle = [c.address for c in changes if c.address not in placed and c.address not in held]
    names = ", ".join(str(address) for address in circle[:5])
    for change in changes:
        if change.address in circle:
            held[change.address] = Held(
                change=change,
                rule="circle",
                why=f"No order keeps mail flowing: each of these waits for another one: {names}.",
                release="take one of them out of the file, apply, and put it back",
                releasable=False,
            )


def _remembered(place: Callable[[Resource], Placement | None]) -> Callable[[Resource], Placement | None]:
    """Return place, asked once for each address: guards and waves ask the same again."""
    known: dict[Address, Placement | None] = {}

    def remembered(resource: Resource) -> Placement | None:
        address = resource.address
        try:
            return known[address]
        except KeyError:
            return known.setdefault(address, place(resource))

    return remembered


def _placement(change: Change, live: Live) -> Placement:
    placement = live.place(change.resource)
    if placement is None:
        raise AssertionError(f"no system keeps {change.address}")
    # A mark needs nothing to count, and nothing to be known before it is made.
    return replace(placement, activate=Activate.NOTHING, note="") if change.verb in MARKS_ONLY else placement


def _unmanaged(desired: Desired, live: Live, spoken_for: set[Address]) -> dict[str, tuple[str, ...]]:
    """Return, by kind, what is live and neither declared nor part of this plan.

    Bans and settings of the server are its own business and are not counted.
    """
    found: dict[str, list[str]] = {}
    for address in live.resources:
        if address in desired.resources or address in spoken_for or address.kind in ("ban", "setting"):
            continue
        found.setdefault(address.kind, []).append(str(address))
    return {kind: tuple(sorted(found[kind])) for kind in sorted(found)}
