"""`mailstack init`: begin with a stack of your own; with `--ci`, the workflow files of a repository."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

# As the files of `workflows` are named there; it is imported when there is something to write.
_FORGES = ("github", "forgejo", "gitea", "gitlab")


@click.command("init", short_help="Begin: write a stack, or the workflow files of a repository.")
@click.option("--domain", metavar="DOMAIN", help="The mail domain.")
@click.option("--hostname", metavar="NAME", help="The name of the mail server, such as mail.example.org.")
@click.option(
    "--address", "addresses", multiple=True, metavar="IP", help="A public address of it. May be repeated."
)
@click.option("--url", metavar="URL", help="Where its API answers.")
@click.option("--zone", "zonefile", metavar="FILE", help="The zone file; none where DNS is kept elsewhere.")
@click.option("--account", metavar="NAME", help="The first account.")
@click.option("--out", metavar="FILE", default="mailstack.yaml", show_default=True, help="Where to write.")
@click.option("--ci", type=click.Choice(_FORGES), help="Also, or only, the workflow files for this forge.")
@click.option(
    "--source",
    metavar="URL@COMMIT",
    help="The mailstack that jobs shall run.  [default: where this one was installed from]",
)
def command(
    domain: str | None,
    hostname: str | None,
    addresses: tuple[str, ...],
    url: str | None,
    zonefile: str | None,
    account: str | None,
    out: str,
    ci: str | None,
    source: str | None,
) -> int:
    """Ask six questions, each with what was found on this machine, and write a stack from the answers.

    A flag answers its question.  Where nobody can be asked, --domain is needed, and the rest is as it was
    found or left out.  No file is ever overwritten.

    With --ci, write the files with which pull requests are planned, main is applied, and drift is told.
    They are made for the stacks that lie here, with the names of the secrets that these use.  Where a stack
    lies here already, nothing else is written.

    \b
    Examples:
      mailstack init
      mailstack init --domain example.org --hostname mail.example.org --address 203.0.113.10 --account alice
      mailstack init --ci github
      mailstack init --ci gitlab --source https://git.example.org/tools/mailstack@0f3c...
    """
    is_only_ci = ci is not None and domain is None and (os.path.exists(out) or not sys.stdin.isatty())
    if not is_only_ci:
        _begin(domain, hostname, addresses, url, zonefile, account, out)
        if ci is None and sys.stdin.isatty():
            ci = _asked_for_ci()
    if ci is not None:
        write_ci(Path.cwd(), ci, source)
    return 0


def _begin(
    domain: str | None,
    hostname: str | None,
    addresses: tuple[str, ...],
    url: str | None,
    zonefile: str | None,
    account: str | None,
    out: str,
) -> None:
    from reconciler.cli import beginning
    from reconciler.cli.import_flags import refuse_existing

    refuse_existing(out)
    flags = beginning.Flags(
        domain=domain, hostname=hostname, addresses=addresses, url=url, zonefile=zonefile, account=account
    )
    answers = beginning.answered(flags, os.environ)
    beginning.write_all(answers, out)
    click.echo("")
    _lint(out)
    click.echo(beginning.next_steps(answers, out))


def _lint(out: str) -> None:
    """Judge what was written, as `mailstack lint` does; which rules had nothing to look at is no news here."""
    import datetime

    from reconciler.cli import scenes
    from reconciler.lint.judge import lint
    from reconciler.lint.rules import RULES
    from reconciler.render import findings

    scene, stack = scenes.of_stack(out, None, None, None)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    result = lint(scene, RULES.values(), ignore=stack.ignore if stack else (), today=today)
    for line in findings.as_text(result).splitlines():
        if not line.startswith("not checked"):
            click.echo(line)
    click.echo("")


def _asked_for_ci() -> str | None:
    answer: str = click.prompt(
        "Workflow files for CI", type=click.Choice([*_FORGES, "none"]), default="none", err=True
    )
    return None if answer == "none" else answer


def write_ci(folder: Path, ci: str, source: str | None) -> None:
    """Write the workflow files into a folder and tell of each; InputError where mailstack's origin is not known."""
    from reconciler import __version__
    from reconciler.cli import origin, workflows
    from reconciler.errors import InputError, Problem

    found = origin.parse(source) if source else origin.installed()
    if found is None:
        raise InputError(
            Problem(
                summary="jobs need to know which mailstack to run, and this one does not know where it came from",
                detail="Say it:\n\n    mailstack init --ci "
                + ci
                + " --source https://github.com/OWNER/mailstack@COMMIT",
                rule="no-source",
            )
        )
    for one in workflows.write_workflows(folder, ci, found, __version__):
        if one.is_new:
            click.echo(f"written   {one.file}")
        else:
            click.echo(f"is there  {one.file}, left as it is")
        if one.advice:
            click.echo(one.advice)
    names = workflows.variables_of(str(folder)).all
    click.echo(f"To set where {ci} keeps secrets: {', '.join(names)}")
