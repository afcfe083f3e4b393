"""`mailstack apply`: make what is live equal to the stack."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler import planfile
from reconciler.cli import options
from reconciler.errors import InputError, Problem
from reconciler.outcome import Outcome
from reconciler.plan import Plan

if TYPE_CHECKING:
    from reconciler.cli.recording import Recording
    from reconciler.cli.session import Session
    from reconciler.cli.signals import Stop
    from reconciler.report import Report


@click.command("apply", short_help="Make what is live equal to the stack.")
@click.argument("planfile_name", metavar="[PLANFILE]", required=False)
@options.stack_file
@options.releases
@options.forms("json", "markdown")
@options.max_bytes
@options.output
@options.metrics
@click.option(
    "--report",
    "report_into",
    metavar="FILE",
    help="Write who did what, when and how it ended. Also on failure.",
)
@click.option("--actor", metavar="NAME", help="Who runs this, for the report.  [default: what the job says]")
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
    metrics: str | None,
    report_into: str | None,
    actor: str | None,
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
    from reconciler.cli import publishing
    from reconciler.cli.recording import Recording, recorded
    from reconciler.cli.session import begin, secrets_of
    from reconciler.cli.signals import stoppable
    from reconciler.render import json as as_json
    from reconciler.render import markdown
    from reconciler.render import text as as_text

    saved = _saved(planfile_name)
    asks = not (yes or saved or plan_id)
    if asks and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Nobody is here to ask. Give --yes, a plan file or --plan-id.")
    paint = options.paint if options.colour() else as_text.plain
    name = options.find_file(file)
    recording = Recording(command="apply", file=name, metrics=metrics, report_into=report_into, actor=actor)

    def show(plan: Plan) -> None:
        if form == "text":
            sys.stdout.write(as_text.plan(plan, paint=paint, unmanaged=unmanaged))
            sys.stdout.flush()

    def agree(fresh: Plan) -> None:
        if not yes:
            _refuse_another(fresh, saved or (plan if asks else None), plan_id)
        elif fresh.plan_id != plan.plan_id:
            click.echo("Somebody else has written meanwhile. The plan is another one now.", err=True)
            show(fresh)

    with (
        stoppable() as stop,
        recorded(recording),
        begin(name, released, allow_deletes, debug=debug, may_write=True) as session,
    ):
        plan, _ = session.plan()
        recording.plan = plan
        _refuse_another(plan, saved, plan_id)
        show(plan)
        secrets_of(session, plan)  # one that is missing is told before anybody is asked
        if asks and plan.has_work:
            _ask()
        report = _made_true(plan, session, recording, stop, lock_timeout, agree)
    if form == "json":
        sys.stdout.write(as_json.report(report))
    elif form == "markdown":
        sys.stdout.write(markdown.report(report, max_bytes=max_bytes))
    elif report.plan.has_work or report.plan.held:
        sys.stdout.write("\n" + as_text.report(report, paint=paint))
    if json_into:
        options.write(json_into, as_json.report(report))
    publishing.publish_plan(lambda: markdown.report(report, max_bytes=max_bytes), report.plan)
    return recording.exit_code or report.exit_code


def _made_true(
    plan: Plan,
    session: Session,
    recording: Recording,
    stop: Stop,
    lock_timeout: float,
    agree: Callable[[Plan], None],
) -> Report:
    """Become the only writer, look again, and make true what agree does not refuse."""
    from reconciler.apply import Progress, run
    from reconciler.cli.locking import locked
    from reconciler.cli.progress import watching
    from reconciler.cli.session import secrets_of
    from reconciler.report import Report

    outcomes: tuple[Outcome, ...] = ()
    if plan.has_work:
        recording.begin_writing()
        with locked(session.backends.values(), lock_timeout), watching() as watch:
            # Before, somebody else may have written: what was read then is worth nothing now.
            plan, desired, live = session.look()
            agree(plan)
            recording.plan = plan
            secret_of = secrets_of(session, plan)

            def told(progress: Progress) -> None:
                if progress.outcome is not None:
                    recording.note(progress.outcome)
                watch(progress)

            stop.begin_writing()
            outcomes = run(plan, desired, session.backends, secret_of, live=live, watch=told, stop=stop)
    facts = tuple(fact for backend in session.backends.values() for fact in backend.facts())
    report = Report(plan=plan, outcomes=outcomes, facts=facts)
    recording.report, recording.exit_code = report, report.exit_code
    return report


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
