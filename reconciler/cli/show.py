"""`mailstack show PLANFILE`: a saved plan, as plan showed it."""

from __future__ import annotations

import sys

import click

from reconciler.cli import options


@click.command("show", short_help="Show a saved plan.")
@click.argument("file", metavar="PLANFILE")
@click.option("--unmanaged", is_flag=True, help="List what is live and not declared.")
def command(file: str, unmanaged: bool) -> int:
    """Show a plan that `mailstack plan --out FILE` saved.

    \b
    Examples:
      mailstack show plan.json
    """
    from reconciler import planfile
    from reconciler.cli.apply import planfile_text
    from reconciler.render import text as as_text

    plan = planfile.parse(planfile_text(file), file)
    paint = options.paint if options.colour() else as_text.plain
    sys.stdout.write(as_text.plan(plan, paint=paint, unmanaged=unmanaged))
    return 0
