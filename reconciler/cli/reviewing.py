"""Apply what was reviewed, and nothing else: by the file of a saved plan, or by a plan's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import click

from reconciler import planfile
from reconciler import reviewed as reviewing
from reconciler.errors import InputError, Problem
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.desired import Desired
    from reconciler.state import Live

Looked: TypeAlias = "tuple[Plan, Desired, Live]"
"""A plan, the desired state that it is for, and what is live: what Session.look() returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the command line says was reviewed: a saved plan, an id, or nothing."""

    name: str = ""
    saved: Plan | None = None
    plan_id: str | None = None

    def __bool__(self) -> bool:
        return self.saved is not None or self.plan_id is not None


def review(file: str | None, plan_id: str | None) -> Review:
    """Return what was reviewed.  InputError where the file is no plan."""
    if file is None:
        return Review(name=f"the plan {plan_id}", plan_id=plan_id)
    return Review(name=file, saved=planfile.parse(planfile_text(file), file), plan_id=plan_id)


def releases(
    given: Review, released: tuple[str, ...], allow_deletes: int | None
) -> tuple[tuple[str, ...], int | None]:
    """Return what is released: it travels in a saved plan, and is given with an id.

    Given again beside a plan file it must be what the file has, which look() compares.
    """
    if given.saved is None:
        return released, allow_deletes
    known = given.saved.allowed_deletes
    return (*given.saved.released, *released), known if allow_deletes is None else allow_deletes


def planfile_text(name: str) -> str:
    """Return the text of a plan file."""
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(summary=f"{name} cannot be read", detail=str(error), rule="plan-file")
        ) from error


def shown(plan: Plan) -> Review:
    """Return a plan that somebody has just seen and said yes to."""
    return Review(name="the plan that was shown", saved=plan)


def look(session: Session, given: Review) -> Looked:
    """Read everything and return the plan made now.  InputError where it does what nobody has reviewed."""
    if given.saved is not None:
        if given.plan_id not in (None, given.saved.plan_id):
            _refuse(f"{given.name} has the id {given.saved.plan_id}.")
        return _left_of(session, reviewing.of_plan(given.saved), given)
    looked = session.look()
    plan = looked[0]
    if given.plan_id in (None, plan.plan_id):
        return looked
    if session.memory is not None and (begun := session.memory.read(given.plan_id)):
        return _left_of(session, reviewing.from_lines(begun), given)
    if reviewing.NOTHING.moved(plan):
        _refuse(f"The plan made now has the id {plan.plan_id}.")
    return looked  # all of it is done: what is left is nothing that anybody decides


def _left_of(session: Session, known: reviewing.Reviewed, given: Review) -> Looked:
    looked = session.look(known.holds)
    saved, plan = given.saved, looked[0]
    if saved is not None and (elsewhere := reviewing.made_elsewhere(saved, plan)):
        _refuse(elsewhere)
    if saved is not None and (saved.released, saved.allowed_deletes) != (plan.released, plan.allowed_deletes):
        raise click.UsageError("What is released is in the plan file: give it to `mailstack plan --out`.")
    if moved := known.moved(plan):
        from reconciler.render.moved import moved as as_text

        _refuse(as_text(moved, given.name))
    return looked


def begin(session: Session, given: Review, plan: Plan) -> None:
    """Keep what was reviewed by its id, until all of it is done.  A saved plan needs no memory: its file has it."""
    if session.memory is not None and given.saved is None and given.plan_id == plan.plan_id:
        session.memory.write(plan.plan_id, reviewing.lines_of(plan))


def end(session: Session, given: Review, outcomes: Sequence[Outcome]) -> None:
    """Forget what was begun by its id, where all of it is done."""
    is_by_id = given.saved is None and given.plan_id is not None
    if session.memory is not None and is_by_id and all(outcome.status is Status.DONE for outcome in outcomes):
        session.memory.clear()


def _refuse(why: str) -> NoReturn:
    raise InputError(
        Problem(
            summary="what would be done now is not what was planned",
            detail=f"{why}\nNothing was done. Look at the new plan:\n\n    mailstack plan",
            rule="plan-moved",
        )
    )
