"""`mailstack schema`: the JSON schemas, for editors and for what reads our JSON."""

from __future__ import annotations

import json

import click


@click.command("schema", short_help="Print a JSON schema.")
@click.argument("what", type=click.Choice(["stack", "connections", "plan", "report"]), default="stack")
def command(what: str) -> int:
    """Print the JSON schema of the stack file, of a file of connections, of a plan, or of a report.

    \b
    Examples:
      mailstack schema > mailstack.schema.json
      mailstack schema plan
    """
    click.echo(text_of(what), nl=False)
    return 0


def text_of(what: str) -> str:
    """Return the text of a schema, as it stands in `schemas/`."""
    if what == "stack":
        from reconciler.config.schema import text

        return text()
    if what == "connections":
        from reconciler.config.schema import connections_text

        return connections_text()
    from reconciler.render.schema import plan_schema, report_schema

    made = {"plan": plan_schema, "report": report_schema}[what]()
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"
