"""`mailstack show PLANFILE`: a saved plan, as plan showed it."""

from __future__ import annotations

import sys

import click

from reconciler.cli import options


@click.command("show", short_help="Show a saved plan.")
@click.argument("file", metavar="PLANFILE")
@options.forms("json", "markdown")
@options.max_bytes
@click.option(
    "--unmanaged", is_flag=True, help="List what is live and not declared, where the plan was saved so."
)
def command(file: str, form: str, max_bytes: int, unmanaged: bool) -> int:
    """Show a plan that `mailstack plan --out FILE` saved.

    \b
    Examples:
      mailstack show plan.json
      mailstack show plan.json --format markdown    as a comment for a pull request
    """
    from reconciler import planfile
    from reconciler.cli.plan import rendered
    from reconciler.cli.reviewing import planfile_text

    plan = planfile.parse(planfile_text(file), file)
    sys.stdout.write(rendered(plan, form, max_bytes=max_bytes, unmanaged=unmanaged))
    return 0
