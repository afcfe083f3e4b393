"""Plan -> outcomes.  The only writer.

Wave by wave: what a change was planned on is checked again, the backend writes, the system is made
to take it, and what counts is read back.  A failure stops what depends on it and goes on elsewhere;
a system that does not take what is stored gets nothing more.  Killed anywhere, the next run converges.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.backends.interface import Backend, SecretOf
from reconciler.desired import Desired
from reconciler.diff import LISTED, MARKS_ONLY, Change, Verb, is_as_declared
from reconciler.errors import Problem, ReadError, WriteError
from reconciler.kinds import LISTED_TO_REMOVE, is_marked
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.live import observe, read_again
from reconciler.outcome import Outcome, Status
from reconciler.pending import resolved
from reconciler.plan import Plan
from reconciler.resource import Address
from reconciler.state import Activate, Live
from reconciler.waves import Phase, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a watcher is told: a wave begins, or one more of its changes is stored, with this outcome."""

    wave: Wave
    total: int
    done: int
    outcome: Outcome | None = None


_STOPPED = "The run was stopped before this change."
_EARLY = "The key is stored. Signing begins when each new record is seen."

Watch = Callable[[Progress], None]


def run(
    plan: Plan,
    desired: Desired,
    backends: Mapping[str, Backend],
    secret_of: SecretOf,
    *,
    live: Live | None = None,
    watch: Watch = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, ...]:
    """Make the plan true and return what became of each of its changes, in the plan's order.

    live is what was read since nobody else may write; without it, everything is read now.  stop is
    asked after each write: True leaves the rest untried.  Raises ReadError only when nothing has
    been written yet.
    """
    outcomes: dict[Address, Outcome] = {}
    live = live or observe(backends.values(), desired)
    dead: dict[str, str] = {}
    for wave in plan.waves:
        if stop():
            dead |= dict.fromkeys(backends, _STOPPED)
        ready = list(_ready(wave, plan, desired, live, outcomes, dead.get(wave.system)))
        begins_signing = _is_signing_owed(wave, live) and not _is_early(wave, plan, outcomes)
        if not ready and (wave.system in dead or not begins_signing):
            if _is_signing_owed(wave, live):
                _not_signing(wave, plan, Status.SKIPPED, dead.get(wave.system, _EARLY), outcomes)
            continue
        backend = backends[wave.system]
        try:
            _write(wave, ready, backend, secret_of, outcomes, watch, stop)
            if wave.activate is not Activate.NOTHING:
                backend.activate(wave.activate)
            live = read_again(live, backend, desired, _kinds(ready))
            _must_count(wave, live)
        except (WriteError, ReadError) as error:
            dead[wave.system] = f"{wave.system} stopped taking changes earlier in this run."
            _fail(ready, str(error), outcomes)
            _not_signing(wave, plan, Status.FAILED, str(error), outcomes)
            continue
        _verify(ready, live, outcomes)
    return tuple(outcomes[change.address] for change in plan.changes)


def _must_count(wave: Wave, live: Live) -> None:
    """Stored is not active: what the server still owes after its activation fails the wave (law 7)."""
    owed = [
        resource
        for resource in live.left_over
        if wave.activate is not Activate.NOTHING and resource.address.name.endswith(f"/{wave.system}")
    ]
    if owed:
        raise WriteError(
            Problem(
                summary=f"{wave.system} stored the changes and does not use them",
                detail=f"After its {wave.activate.value} it still goes by the values from before.",
                rule="not-active",
            )
        )


def _is_signing_owed(wave: Wave, live: Live) -> bool:
    """Is this the wave after which new keys sign, and are there any?"""
    owed = any(r.address.name == f"signing/{wave.system}" for r in live.left_over)
    return owed and wave.phase is Phase.SIGNING


def _not_signing(
    wave: Wave, plan: Plan, status: Status, detail: str, outcomes: dict[Address, Outcome]
) -> None:
    """A key that is stored and does not sign is not done (law 7)."""
    if wave.phase is not Phase.SIGNING:
        return
    for earlier in plan.waves:
        for change in earlier.changes if (earlier.phase, earlier.system) == (Phase.KEYS, wave.system) else ():
            if change.verb is Verb.ADD and outcomes[change.address].status is Status.DONE:
                outcomes[change.address] = _outcome(change, status, detail)


def _is_early(wave: Wave, plan: Plan, outcomes: Mapping[Address, Outcome]) -> bool:
    """Would signing begin before every new record is seen?  The trace of it stays for the next run."""
    return wave.phase is Phase.SIGNING and any(
        outcomes[change.address].status is not Status.DONE
        for earlier in plan.waves
        if earlier.phase is Phase.DNS
        for change in earlier.changes
    )


def _kinds(changes: Sequence[Change]) -> frozenset[str]:
    return frozenset(change.address.kind for change in changes)


def _ready(
    wave: Wave,
    plan: Plan,
    desired: Desired,
    live: Live,
    outcomes: dict[Address, Outcome],
    dead: str | None,
) -> Iterator[Change]:
    """Yield the changes of the wave that may be made now; the others get their outcome."""
    joined = _joined_since(wave, plan, live)
    for planned in wave.changes:
        change = resolved(planned, live.resources)
        broken = next(
            (
                need
                for need in plan.needs.get(change.address, ())
                if need in outcomes and outcomes[need].status is not Status.DONE
            ),
            None,
        )
        if dead is not None:
            outcomes[change.address] = _outcome(change, Status.SKIPPED, dead)
        elif broken is not None:
            outcomes[change.address] = _outcome(
                change, Status.SKIPPED, f"It needs {broken}, which is not done."
            )
        elif is_done(change, live):
            outcomes[change.address] = _outcome(change, Status.DONE)
        elif moved := joined.get(change.address) or what_moved(change, live, desired.renamed):
            outcomes[change.address] = _outcome(change, Status.STALE, moved)
        else:
            yield change


def _write(
    wave: Wave,
    ready: Sequence[Change],
    backend: Backend,
    secret_of: SecretOf,
    outcomes: dict[Address, Outcome],
    watch: Watch,
    stop: Callable[[], bool],
) -> None:
    watch(Progress(wave=wave, total=len(ready), done=0))
    counter = itertools.count(1)
    for outcome in backend.write(ready, secret_of, wave.activate):
        outcomes[outcome.address] = outcome
        watch(Progress(wave=wave, total=len(ready), done=next(counter), outcome=outcome))
        if stop():
            break
    for change in ready:
        if change.address not in outcomes:
            outcomes[change.address] = _outcome(change, Status.SKIPPED, _STOPPED)


def _fail(ready: Sequence[Change], detail: str, outcomes: dict[Address, Outcome]) -> None:
    for change in ready:
        known = outcomes.get(change.address)
        if known is None or known.status is Status.DONE:
            outcomes[change.address] = _outcome(change, Status.FAILED, detail)


def _verify(ready: Sequence[Change], live: Live, outcomes: dict[Address, Outcome]) -> None:
    """What a backend called done is read back; what it gave up on may have happened all the same."""
    for change in ready:
        told = outcomes.get(change.address)
        if is_done(change, live):
            outcomes[change.address] = _outcome(change, Status.DONE)
        elif told is None or told.status is Status.DONE:
            outcomes[change.address] = _outcome(
                change, Status.FAILED, "It was stored, but reading it back shows something else."
            )


def is_done(change: Change, live: Live) -> bool:
    """Is what the change wants true on the live side?"""
    present = live.resources.get(change.address)
    match change.verb:
        case Verb.DELETE:
            is_unwriting = change.address.kind in _UNWRITTEN and change.reason != LISTED
            return change.address not in live.owned and (present is None or is_unwriting)
        case Verb.FORGET:
            return change.address not in live.owned
        case Verb.ACTIVATE:
            return all(resource.address != change.address for resource in live.left_over)
        case Verb.ADOPT:
            return change.address in live.owned
        case Verb.ADD | Verb.CHANGE:
            assert change.after is not None
            if change.renamed_from is not None and change.renamed_from in live.resources:
                return False
            marked = not is_marked(change.after) or change.address in (live.owned | live.elsewhere)
            return marked and is_as_declared(change.after, present)


# A setting that is unwritten gets back the value found before our first write; so it may stay.
_UNWRITTEN = frozenset({"setting", "hostname", "tls"})


def _joined_since(wave: Wave, plan: Plan, live: Live) -> dict[Address, str]:
    """Return, of the mailboxes and domains that go, those to which something has come since the plan was made.

    The guard has looked when the plan was made: it would stop with them, and nobody has listed it.
    """
    going = {change.address.name: change.address for change in wave.changes if _takes_along(change)}
    if not going:
        return {}
    planned = {change.address for change in plan.changes}
    found: dict[Address, str] = {}
    for address, resource in live.resources.items():
        if address.kind not in LISTED_TO_REMOVE or address in planned:
            continue
        holder = resource.holder if isinstance(resource, Alias | CatchAll) else ""
        inside = address.name.partition("/")[0].rpartition("@")[2]
        for gone in (going[name] for name in (holder, inside) if name in going):
            found[gone] = f"{address} has come to it since the plan was made, and would stop with it."
    return found


def _takes_along(change: Change) -> bool:
    return change.verb is Verb.DELETE and change.address.kind in ("account", "group", "list", "domain")


def what_moved(change: Change, live: Live, renamed: Mapping[Address, Address]) -> str:
    """Say what is not as it was when the plan was made; nothing when the change may be made.

    renamed are the former addresses of what the stack renames: one that has come into being is to be
    renamed now, and not to be left behind.
    """
    if change.verb in MARKS_ONLY or change.verb is Verb.ACTIVATE:
        return ""
    former = renamed.get(change.address)
    if change.before is None and former in live.resources:
        return f"{former} has come into being since the plan was made."
    address = change.renamed_from or change.address
    present = live.resources.get(address)
    if change.before is None:
        return f"{address} has come into being since the plan was made." if present is not None else ""
    if present is None:
        return f"{address} is gone since the plan was made."
    if change.verb is Verb.DELETE:
        return "" if present == change.before else f"{address} has changed since the plan was made."
    for field in change.fields:
        if field.path != "address" and getattr(present, field.path) != field.before:
            return f"{address}: {field.path} has changed since the plan was made."
    return ""


def _outcome(change: Change, status: Status, detail: str = "") -> Outcome:
    return Outcome(address=change.address, verb=change.verb, status=status, detail=detail)
