"""`mailstack explain RULE`: the page of a rule, or the list of all."""

from __future__ import annotations

import click


@click.command("explain", short_help="Explain a rule that plan or lint has named.")
@click.argument("name", metavar="[RULE]", required=False)
def command(name: str | None) -> int:
    """Print what a rule checks, why it matters and how to mend it; without RULE, list all rules.

    \b
    Examples:
      mailstack explain SPF-01
      mailstack explain
    """
    from reconciler.lint.rule import page
    from reconciler.lint.rules import RULES, find

    if name is not None:
        click.echo(page(find(name)), nl=False)
        return 0
    for rule in RULES.values():
        click.echo(f"{rule.id:<10} {rule.severity:<8} {rule.stage:<4} {rule.title}")
    click.echo(
        "\nY: the stack · Z: a zone file · C: config.toml · S: the server · P: the plan · N: nobody yet"
    )
    return 0
