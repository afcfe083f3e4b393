"""`mailstack plan`: show every difference; change nothing."""

from __future__ import annotations

import sys

import click

from reconciler.cli import options
from reconciler.report import CHANGES, DONE


@click.command("plan", short_help="Show every difference. Changes nothing.")
@options.stack_file
@options.releases
@options.output
@click.option("--out", metavar="FILE", help="Save the plan for `mailstack apply FILE`. It holds no secret.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when apply has something to do.")
def command(
    file: str | None,
    released: tuple[str, ...],
    allow_deletes: int | None,
    form: str,
    json_into: str | None,
    unmanaged: bool,
    debug: bool,
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
    """
    from reconciler.cli.session import begin
    from reconciler.render import json as as_json
    from reconciler.render import text as as_text

    everything = unmanaged or form == "json"
    name = options.find_file(file)
    with begin(name, released, allow_deletes, debug=debug, everything=everything) as session:
        plan, _ = session.plan()
    for target in filter(None, (out, json_into)):
        options.write(target, as_json.plan(plan))
    if form == "json":
        sys.stdout.write(as_json.plan(plan))
    else:
        paint = options.paint if options.colour() else as_text.plain
        sys.stdout.write(as_text.plan(plan, paint=paint, unmanaged=unmanaged))
    return CHANGES if detailed_exitcode and plan.has_work else DONE
