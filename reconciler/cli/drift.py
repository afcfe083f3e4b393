"""`mailstack drift`: what changed under us; changes nothing."""

from __future__ import annotations

import sys

import click

from reconciler.cli import options
from reconciler.report import CHANGES, DONE


@click.command("drift", short_help="Show what is no longer as declared. Changes nothing.")
@options.stack_file
@options.connections
@options.forms("json", "markdown")
@options.max_bytes
@options.output
@options.metrics
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when something is not as declared.")
def command(
    file: str | None,
    connections: str | None,
    form: str,
    max_bytes: int,
    json_into: str | None,
    unmanaged: bool,
    debug: bool,
    metrics: str | None,
    detailed_exitcode: bool,
) -> int:
    """Say what is live and not as the stack declares it: gone, different, there all the same.

    It is the plan seen from the other side, for a job that looks every night.  What is held counts
    as well.  The JSON is that of the plan.

    \b
    Examples:
      mailstack drift
      mailstack drift --format markdown              for an issue
      mailstack drift --detailed-exitcode --metrics /var/lib/node_exporter/mailstack.prom
    """
    from reconciler.cli import publishing
    from reconciler.cli.recording import Recording, recorded
    from reconciler.cli.session import begin
    from reconciler.cli.signals import stoppable
    from reconciler.render import drift as as_drift
    from reconciler.render import drift_words, markdown
    from reconciler.render import json as as_json
    from reconciler.render import text as as_text

    name = options.find_file(file)
    with stoppable(), recorded(Recording(command="drift", file=name, metrics=metrics)) as recording:
        with begin(
            name, connections=connections, debug=debug, everything=unmanaged or form == "json"
        ) as session:
            plan, _ = session.plan()
        recording.plan = plan
        if json_into:
            options.write(json_into, as_json.plan(plan))
        recording.exit_code = DONE
    if form == "json":
        sys.stdout.write(as_json.plan(plan))
    elif form == "markdown":
        sys.stdout.write(markdown.drift(plan, max_bytes=max_bytes))
    else:
        paint = options.paint if options.colour() else as_text.plain
        sys.stdout.write(as_drift.drift(plan, paint=paint, unmanaged=unmanaged))
    publishing.publish_plan(lambda: markdown.drift(plan, max_bytes=max_bytes), plan)
    return CHANGES if detailed_exitcode and drift_words.is_drift(plan) else DONE
