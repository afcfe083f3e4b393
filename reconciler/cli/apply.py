"""`mailstack apply`: make what is live equal to the stack."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click

from reconciler import planfile
from reconciler.backends.interface import Backend
from reconciler.cli import options
from reconciler.errors import InputError, Problem
from reconciler.outcome import Outcome
from reconciler.plan import Plan


@click.command("apply", short_help="Make what is live equal to the stack.")
@click.argument("planfile_name", metavar="[PLANFILE]", required=False)
@options.stack_file
@options.releases
@options.forms("json", "markdown")
@options.max_bytes
@options.output
@click.option("--yes", is_flag=True, help="Do not ask. For a terminal that nobody watches.")
@click.option("--plan-id", metavar="ID", help="Apply only if the plan made now has this id.")
@click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another apply to end.  [default: 0]",
)
def command(
    planfile_name: str | None,
    file: str | None,
    released: tuple[str, ...],
    allow_deletes: int | None,
    form: str,
    max_bytes: int,
    json_into: str | None,
    unmanaged: bool,
    debug: bool,
    yes: bool,
    plan_id: str | None,
    lock_timeout: float,
) -> int:
    """Show the plan, ask, make it true, and prove it.

    \b
    Examples:
      mailstack apply                       show the plan and ask for "yes"
      mailstack apply --yes                 in CI, on the main branch
      mailstack apply plan.json             what was saved and reviewed, or what is left of it
      mailstack apply --plan-id 9f31c0a1b2c3
    """
    from reconciler.apply import run
    from reconciler.cli import publishing
    from reconciler.cli.progress import watching
    from reconciler.cli.session import begin, secrets_of
    from reconciler.render import json as as_json
    from reconciler.render import markdown
    from reconciler.render import text as as_text
    from reconciler.report import Report

    saved = _saved(planfile_name)
    asks = not (yes or saved or plan_id)
    if asks and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Nobody is here to ask. Give --yes, a plan file or --plan-id.")
    paint = options.paint if options.colour() else as_text.plain
    name = options.find_file(file)
    with begin(name, released, allow_deletes, debug=debug, may_write=True) as session:
        plan, desired = session.plan()
        _refuse_another(plan, saved, plan_id)
        if form == "text":
            sys.stdout.write(as_text.plan(plan, paint=paint, unmanaged=unmanaged))
            sys.stdout.flush()
        secret_of = secrets_of(session, plan)
        if asks and plan.has_work:
            _ask()
        outcomes: tuple[Outcome, ...] = ()
        if plan.has_work:
            with _locked(session.backends.values(), lock_timeout), _stoppable() as stop, watching() as watch:
                outcomes = run(plan, desired, session.backends, secret_of, watch=watch, stop=stop)
        facts = tuple(fact for backend in session.backends.values() for fact in backend.facts())
    report = Report(plan=plan, outcomes=outcomes, facts=facts)
    if form == "json":
        sys.stdout.write(as_json.report(report))
    elif form == "markdown":
        sys.stdout.write(markdown.report(report, max_bytes=max_bytes))
    elif plan.has_work or plan.held:
        sys.stdout.write("\n" + as_text.report(report, paint=paint))
    if json_into:
        options.write(json_into, as_json.report(report))
    publishing.publish_plan(lambda: markdown.report(report, max_bytes=max_bytes), plan)
    return report.exit_code


def _saved(name: str | None) -> Plan | None:
    if name is None:
        return None
    return planfile.parse(planfile_text(name), name)


def planfile_text(name: str) -> str:
    """Return the text of a plan file."""
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(summary=f"{name} cannot be read", detail=str(error), rule="plan-file")
        ) from error


def _refuse_another(plan: Plan, saved: Plan | None, plan_id: str | None) -> None:
    """Refuse to do what nobody has reviewed."""
    moved: tuple[str, ...] = ()
    if saved is not None:
        moved = planfile.what_moved(saved, plan)
    elif plan_id is not None and plan_id != plan.plan_id:
        moved = (f"the plan made now has the id {plan.plan_id}",)
    if moved:
        raise InputError(
            Problem(
                summary="what would be done now is not what was planned",
                detail="\n".join(
                    (*moved, "Nothing was done. Look at the new plan:", "", "    mailstack plan")
                ),
                rule="plan-moved",
            )
        )


def _ask() -> None:
    answer = click.prompt('\nDo this? Only "yes" does it', default="", show_default=False, prompt_suffix=": ")
    if answer.strip() != "yes":
        raise click.Abort


@contextmanager
def _locked(backends: Iterable[Backend], timeout: float) -> Iterator[None]:
    """Hold every system's lock while applying; BusyError where somebody else writes."""
    with ExitStack() as stack:
        for backend in backends:
            backend.lock(timeout)
            stack.callback(backend.unlock)
        yield


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into "end after the current write"."""
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)
        click.echo("Stopping after the current write.", err=True)

    former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
