"""`mailstack lint`: what will break mail, said before it does.  Without network, secrets or commands."""

from __future__ import annotations

import datetime
import sys

import click

from reconciler.cli import options


@click.command("lint", short_help="Say what will break mail. Offline.")
@options.stack_file
@click.option("--zone", "zonefile", metavar="FILE", help="A zone file to look at; without -f, alone.")
@click.option("--hostname", metavar="NAME", help="The mail server's name, where no stack says it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings, too.")
def command(file: str | None, zonefile: str | None, hostname: str | None, form: str, strict: bool) -> int:
    """Judge the stack and its zone files by the rules of mail.  Exit 1 where there is an error.

    \b
    Examples:
      mailstack lint
      mailstack lint --zone db.example.org --hostname mail.example.org    without any stack
      mailstack lint --format github                                      annotations in a pull request
    """
    from reconciler.cli import scenes
    from reconciler.lint.judge import lint
    from reconciler.lint.rules import RULES
    from reconciler.render import findings

    stack = None
    if zonefile is not None and file is None:
        scene = scenes.of_zone(zonefile, hostname)
    else:
        scene, stack = scenes.of_stack(options.find_file(file), zonefile, hostname)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    result = lint(scene, RULES.values(), ignore=stack.ignore if stack else (), today=today)
    match form:
        case "json":
            sys.stdout.write(findings.as_json(result))
        case "github":
            sys.stdout.write(findings.as_github(result))
        case "sarif":
            sys.stdout.write(findings.as_sarif(result, RULES))
        case _:
            sys.stdout.write(
                findings.as_text(result, paint=options.paint if options.colour() else findings.plain)
            )
    return int(bool(result.having("error") or (strict and result.having("warning"))))
