"""The laws of design section 5 over large stacks and servers, with stops, failures and people in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from large import World, worlds
from mail_server import Crash, MailServer, refused
from memory import MemoryBackend
from witness import Witness, applied, planned

from reconciler import planfile, reviewed
from reconciler.apply import is_done
from reconciler.desired import Desired
from reconciler.diff import Verb
from reconciler.live import observe
from reconciler.outcome import Status
from reconciler.plan import Plan
from reconciler.render import json as as_json
from reconciler.render import text as as_text
from reconciler.report import DONE, HELD, IN_PART, NOTHING_DONE, Report

# Two laws get all examples of the profile; the others take turns at the same machinery.
a_fifth = settings(max_examples=max(20, settings().max_examples // 5))


def plan_of(world: World, desired: Desired | None = None) -> Plan | None:
    """Return the plan; None where the stack cannot be had on this server (conflict.py tells why)."""
    plan, _ = planned(world.server, desired or world.desired)
    return plan


def settled(server: MailServer, desired: Desired) -> Any:
    """Plan and apply without disturbance until nothing is left to do; return the state that the server ends in."""
    for _ in range(4):
        plan, problems = planned(server, desired)
        assert () == problems
        assert plan is not None
        if not plan.has_work:
            return server.frozen()
        report = applied(server, desired, plan)
        assert [] == [outcome for outcome in report.outcomes if outcome.status is not Status.DONE]
    raise AssertionError("there is always something left to do")


def left_to_do(report: Report, server: MailServer, desired: Desired) -> list[str]:
    """Return what a second plan would do, besides what the first one held and has now let go."""
    again, problems = planned(server, desired)
    assert () == problems
    assert again is not None
    held = {held.change.address for held in report.plan.held}
    return [f"{change.verb.value} {change.address}" for change in again.changes if change.address not in held]


@given(world=worlds(), releases=st.booleans())
def test_an_apply_reaches_what_is_declared_and_never_stops_mail(world: World, releases: bool) -> None:
    """Reached in one run; at each write mail goes on, references hold, nothing foreign moves; then nothing to do."""
    server, desired = world.server, world.desired
    plan = plan_of(world)
    if plan is None:
        return
    if releases:
        desired = world.released(frozenset(held.change.address for held in plan.held))
        plan = plan_of(world, desired)
        assert plan is not None
    witness = Witness(server, desired)
    report = applied(server, desired, plan)
    witness.end()
    assert [] == [outcome for outcome in report.outcomes if outcome.status is not Status.DONE]
    assert (HELD if plan.held else DONE) == report.exit_code
    assert [] == left_to_do(report, server, desired)
    assert server.is_active() or not witness.settled


@given(world=worlds(), where=st.integers(0, 40), when=st.sampled_from(["before", "after"]))
def test_a_run_that_is_killed_anywhere_converges(world: World, where: int, when: str) -> None:
    """Killed before or after any write: one more run ends where the undisturbed one ends.

    What it does then was all in the plan of the run that was killed, as it was saved.
    """
    plan = plan_of(world)
    if plan is None:
        return
    end = settled(world.server.copy(), world.desired)
    _kill(world.server, where, when)
    witness = Witness(world.server, world.desired)
    try:
        applied(world.server, world.desired, plan)
    except Crash:
        pass
    witness.nothing_foreign_changed()
    _leave_alone(world.server)
    assert [] == not_reviewed(plan, world)
    assert end == settled(world.server, world.desired)


def not_reviewed(plan: Plan, world: World) -> list[str]:
    """Return what a plan made now would do, or hold, that a saved plan had not."""
    saved = reviewed.of_plan(planfile.parse(as_json.plan(plan), "plan.json"))
    again, problems = planned(world.server, world.desired, holds=saved.holds)
    assert () == problems
    assert again is not None
    return [str(moved) for moved in saved.moved(again)]


def _kill(server: MailServer, where: int, when: str) -> None:
    def interfere(number: int, now: str) -> None:
        if (number, now) == (where, when):
            raise Crash

    server.interfere = interfere


def _leave_alone(server: MailServer) -> None:
    server.interfere = lambda number, when: None
    server.observers.clear()
    server.reloads_apply = True


def _fails_once(where: int, when: str) -> Callable[[int, str], None]:
    left = [1]

    def interfere(number: int, now: str) -> None:
        if number >= where and now == when and left:
            left.clear()
            raise refused("the server says no")

    return interfere


def _goes_away(where: int, when: str) -> Callable[[int, str], None]:
    def interfere(number: int, now: str) -> None:
        if number > where or (number == where and now == when):
            raise refused("the server is gone")

    return interfere


@a_fifth
@given(
    world=worlds(),
    where=st.integers(0, 30),
    when=st.sampled_from(["before", "after"]),
    fault=st.sampled_from([_fails_once, _goes_away]),
)
def test_the_report_tells_what_is_live(world: World, where: int, when: str, fault: Any) -> None:
    """A write that fails, before or after it took effect: DONE is true, exit 0 is true, one more run converges."""
    plan = plan_of(world)
    if plan is None:
        return
    end = settled(world.server.copy(), world.desired)
    server = world.server
    server.interfere = fault(where, when)
    witness = Witness(server, world.desired, faults=True)
    report = applied(server, world.desired, plan)
    _leave_alone(server)
    witness.nothing_foreign_changed()
    _assert_true(report, server, world.desired)
    assert end == settled(server, world.desired)


@a_fifth
@given(world=worlds())
def test_a_reload_that_applies_nothing_is_no_success(world: World) -> None:
    plan = plan_of(world)
    if plan is None:
        return
    end = settled(world.server.copy(), world.desired)
    server = world.server
    server.reloads_apply = False
    report = applied(server, world.desired, plan)
    _leave_alone(server)
    _assert_true(report, server, world.desired)
    assert end == settled(server, world.desired)


def _assert_true(report: Report, server: MailServer, desired: Desired) -> None:
    live = observe([MemoryBackend(server, desired.stack)], desired)
    changes = {change.address: change for change in report.plan.changes}
    statuses = Counter(outcome.status for outcome in report.outcomes)
    done = [o.address for o in report.outcomes if o.status is Status.DONE and o.verb is not Verb.ACTIVATE]
    assert [] == [address for address in done if not is_done(changes[address], live)]
    if report.exit_code in (DONE, HELD):
        assert statuses[Status.STALE] or [] == left_to_do(report, server, desired)
    else:
        assert (IN_PART if statuses[Status.DONE] else NOTHING_DONE) == report.exit_code


@a_fifth
@given(world=worlds(), where=st.integers(0, 12))
def test_a_run_that_is_stopped_says_so(world: World, where: int) -> None:
    """Ctrl-C ends after the current write: what is left is told, and the next run does it."""
    plan = plan_of(world)
    if plan is None:
        return
    end = settled(world.server.copy(), world.desired)
    server = world.server
    report = applied(server, world.desired, plan, stop=lambda: server.writes >= where)
    _assert_true(report, server, world.desired)
    assert end == settled(server, world.desired)


@a_fifth
@given(world=worlds(), other=worlds())
def test_what_changes_between_plan_and_apply_is_stale_or_done(world: World, other: World) -> None:
    """Somebody makes the server another one meanwhile: nothing raises, and what is reported is true."""
    plan = plan_of(world)
    if plan is None:
        return
    server = other.server
    report = applied(server, world.desired, plan)
    live = observe([MemoryBackend(server, "home")], world.desired)
    changes = {change.address: change for change in plan.changes}
    untrue = [
        o.address
        for o in report.outcomes
        if o.status is Status.DONE and not is_done(changes[o.address], live)
    ]
    assert [] == untrue


@given(world=worlds())
def test_planning_changes_nothing_and_says_the_same_again(world: World) -> None:
    """Same inputs, same bytes, in whatever order the server answers."""
    before = world.server.frozen()
    other = world.server.copy()
    other.principals = dict(reversed(other.principals.items()))
    other.settings = dict(reversed(other.settings.items()))
    assert _bytes(world.server, world.desired) == _bytes(other, world.desired)
    assert before == world.server.frozen()
    assert 0 == world.server.writes


def _bytes(server: MailServer, desired: Desired) -> tuple[str, ...]:
    plan, problems = planned(server, desired)
    if plan is None:
        return tuple(map(str, problems))
    return plan.plan_id, as_json.plan(plan), as_text.plan(plan, unmanaged=True)
