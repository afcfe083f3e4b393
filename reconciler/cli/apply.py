"""`mailstack apply`: make what is live equal to the stack."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconciler.cli import options, reviewing
from reconciler.outcome import Outcome
from reconciler.plan import Plan

if TYPE_CHECKING:
    from reconciler.cli.recording import Recording
    from reconciler.cli.reviewing import Looked, Review
    from reconciler.cli.session import Session
    from reconciler.cli.signals import Stop
    from reconciler.report import Report


@click.command("apply", short_help="Make what is live equal to the stack.")
@click.argument("planfile_name", metavar="[PLANFILE]", required=False)
@options.stack_file
@options.connections
@options.releases
@options.forms("json", "markdown")
@options.max_bytes
@options.output
@options.metrics
@click.option(
    "--report",
    "report_into",
    envvar="MAILSTACK_REPORT",
    metavar="FILE",
    type=click.Path(),
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
    connections: str | None,
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

    given = reviewing.review(planfile_name, plan_id)
    released, allow_deletes = reviewing.releases(given, released, allow_deletes)
    asks = not (yes or given)
    if asks and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Nobody is here to ask. Give --yes, a plan file or --plan-id.")
    paint = options.paint if options.colour() else as_text.plain
    name = options.find_file(file)
    recording = Recording(command="apply", file=name, metrics=metrics, report_into=report_into, actor=actor)

    def show(plan: Plan) -> None:
        if form == "text":
            sys.stdout.write(as_text.plan(plan, paint=paint, unmanaged=unmanaged))
            sys.stdout.flush()

    def look_again() -> Looked:
        """Read all again; refuse what nobody has reviewed, or tell what is otherwise where nobody reviews."""
        if given or asks:
            return reviewing.look(session, given or reviewing.shown(plan))
        looked = session.look()
        if looked[0].plan_id != plan.plan_id:
            click.echo("Somebody else has written meanwhile. The plan is another one now.", err=True)
            show(looked[0])
        return looked

    with (
        stoppable() as stop,
        recorded(recording),
        begin(name, released, allow_deletes, connections=connections, debug=debug, may_write=True) as session,
    ):
        plan, *_ = reviewing.look(session, given)
        recording.plan = plan
        show(plan)
        secrets_of(session, plan)  # one that is missing is told before anybody is asked
        if asks and plan.has_work:
            _ask()
        report = _made_true(plan, session, given, recording, stop, lock_timeout, look_again)
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
    given: Review,
    recording: Recording,
    stop: Stop,
    lock_timeout: float,
    look_again: Callable[[], Looked],
) -> Report:
    """Become the only writer, look again, and make true what is not refused then."""
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
            plan, desired, live = look_again()
            recording.plan = plan
            secret_of = secrets_of(session, plan)

            def told(progress: Progress) -> None:
                if progress.outcome is not None:
                    recording.note(progress.outcome)
                watch(progress)

            stop.begin_writing()
            reviewing.begin(session, given, plan)
            outcomes = run(plan, desired, session.backends, secret_of, live=live, watch=told, stop=stop)
            reviewing.end(session, given, outcomes)
    facts = tuple(fact for backend in session.backends.values() for fact in backend.facts())
    report = Report(plan=plan, outcomes=outcomes, facts=facts)
    recording.report, recording.exit_code = report, report.exit_code
    return report


def _ask() -> None:
    answer = click.prompt('\nDo this? Only "yes" does it', default="", show_default=False, prompt_suffix=": ")
    if answer.strip() != "yes":
        raise click.Abort
