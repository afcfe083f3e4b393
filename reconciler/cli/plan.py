"""`mailstack plan`: show every difference; change nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import click

from reconciler.cli import options
from reconciler.errors import Where
from reconciler.plan import Plan
from reconciler.report import CHANGES, DONE
from reconciler.resource import Address


@click.command("plan", short_help="Show every difference. Changes nothing.")
@options.stack_file
@options.connections
@options.releases
@options.forms("json", "markdown", "github", "sarif")
@options.max_bytes
@options.output
@options.metrics
@click.option("--out", metavar="FILE", help="Save the plan for `mailstack apply FILE`. It holds no secret.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when apply has something to do.")
def command(
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
    out: str | None,
    detailed_exitcode: bool,
) -> int:
    """Compare the stack with what is live and show every difference.  Changes nothing, anywhere.

    \b
    Examples:
      mailstack plan
      mailstack plan --unmanaged                    also list what is left alone
      mailstack plan --out plan.json                save it, review it, apply just that
      mailstack plan --release account/bob@example.org
      mailstack plan --format markdown              a comment for a pull request
    """
    from reconciler import planfile
    from reconciler.cli import publishing, pull_request
    from reconciler.cli.recording import Recording, recorded
    from reconciler.cli.session import begin
    from reconciler.cli.signals import stoppable
    from reconciler.render import json as as_json

    everything = unmanaged or form == "json"
    name = options.find_file(file)
    reached = pull_request.findings(name, connections)
    for finding in reached:
        # Now, because the login is about to go where the file says.
        where = Where(file=finding.file, line=finding.line, column=finding.column)
        click.echo(f"{finding.severity}: {where}: {finding.text}", err=True)
    with stoppable(), recorded(Recording(command="plan", file=name, metrics=metrics)) as recording:
        with begin(
            name, released, allow_deletes, connections=connections, debug=debug, everything=everything
        ) as session:
            plan, _ = session.plan()
        plan = replace(plan, findings=(*plan.findings, *reached))
        recording.plan = plan
        if out:
            options.write(out, as_json.plan(plan if unmanaged else planfile.discreet(plan)))
        if json_into:
            options.write(json_into, as_json.plan(plan))
        recording.exit_code = DONE
    sys.stdout.write(rendered(plan, form, session.desired.where, max_bytes=max_bytes, unmanaged=unmanaged))
    publishing.publish_plan(lambda: rendered(plan, "markdown", max_bytes=max_bytes), plan)
    return CHANGES if detailed_exitcode and plan.has_work else DONE


def rendered(
    plan: Plan,
    form: str,
    where: Callable[[Address], Where | None] = lambda _: None,
    *,
    max_bytes: int,
    unmanaged: bool = False,
) -> str:
    """Return the plan in a form.  where finds an address in the stack file."""
    from reconciler.cli.publishing import place
    from reconciler.render import findings, github, json, markdown, text

    match form:
        case "json":
            return json.plan(plan)
        case "markdown":
            return markdown.plan(plan, max_bytes=max_bytes)
        case "github":
            return github.commands(github.of_plan(plan, where, place))
        case "sarif":
            from reconciler.lint.judge import Result
            from reconciler.lint.rules import RULES

            return findings.as_sarif(Result(findings=plan.findings, skipped=()), RULES, place)
        case _:
            paint = options.paint if options.colour() else text.plain
            return text.plan(plan, paint=paint, unmanaged=unmanaged)
