"""`mailstack lint`: what will break mail, said before it does.  Without network, secrets or commands."""

from __future__ import annotations

import datetime
import sys
from functools import partial

import click

from reconciler.cli import options


@click.command("lint", short_help="Say what will break mail. Offline.")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@options.stack_file
@click.option("--zone", "zonefile", metavar="FILE", help="A zone file to look at; without -f, alone.")
@click.option("--config", metavar="FILE", help="The server's config.toml to look at; without -f, alone.")
@click.option("--hostname", metavar="NAME", help="The mail server's name, where no stack says it.")
@options.forms("json", "markdown", "github", "sarif")
@options.max_bytes
@click.option("--strict", is_flag=True, help="Exit 1 on warnings, too.")
def command(
    files: tuple[str, ...],
    file: str | None,
    zonefile: str | None,
    config: str | None,
    hostname: str | None,
    form: str,
    max_bytes: int,
    strict: bool,
) -> int:
    """Judge the stack and its zone files by the rules of mail.  Exit 1 where there is an error.

    FILE is a stack, as with -f; there may be several.

    \b
    Examples:
      mailstack lint
      mailstack lint --zone db.example.org --hostname mail.example.org    without any stack
      mailstack lint --config /opt/stalwart/etc/config.toml               the server's own file
      mailstack lint --format github                                      annotations in a pull request
    """
    if len(files) > 1 and form in ("json", "sarif"):
        raise click.UsageError(f"There is one document of {form} for one FILE.")
    codes = [
        _judged(one, zonefile, config, hostname, form, max_bytes, strict=strict) for one in files or (file,)
    ]
    return max(codes)


def _judged(
    file: str | None,
    zonefile: str | None,
    config: str | None,
    hostname: str | None,
    form: str,
    max_bytes: int,
    *,
    strict: bool,
) -> int:
    """Judge one stack, or what the flags name instead, and print what was found; return the exit code."""
    from reconciler.cli import publishing, scenes
    from reconciler.lint.judge import lint
    from reconciler.lint.rules import RULES
    from reconciler.render import findings, github, markdown

    stack = None
    if (zonefile is not None or config is not None) and file is None:
        scene = scenes.of_files(zonefile, config, hostname)
    else:
        scene, stack = scenes.of_stack(options.find_file(file), zonefile, hostname, config)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    result = lint(scene, RULES.values(), ignore=stack.ignore if stack else (), today=today)
    summary = partial(markdown.findings, result, max_bytes=max_bytes, stack=stack.name if stack else "")
    match form:
        case "json":
            sys.stdout.write(findings.as_json(result))
        case "github":
            sys.stdout.write(github.commands(github.of_findings(result.findings, publishing.place)))
        case "markdown":
            sys.stdout.write(summary())
        case "sarif":
            sys.stdout.write(findings.as_sarif(result, RULES, publishing.place))
        case _:
            sys.stdout.write(
                findings.as_text(result, RULES, paint=options.paint if options.colour() else findings.plain)
            )
    publishing.publish(
        summary, errors=str(len(result.having("error"))), warnings=str(len(result.having("warning")))
    )
    return int(bool(result.having("error") or (strict and result.having("warning"))))
