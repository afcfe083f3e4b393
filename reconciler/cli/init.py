"""`mailstack init`: begin; with `--ci`, the workflow files of a repository."""

from __future__ import annotations

from pathlib import Path

import click

# As the files of `workflows` are named there; it is imported when there is something to write.
_FORGES = ("github", "forgejo", "gitea", "gitlab")


@click.command("init", short_help="Write the workflow files of a repository.")
@click.option("--ci", type=click.Choice(_FORGES), required=True, help="Where the repository is kept.")
@click.option(
    "--source",
    metavar="URL@COMMIT",
    help="The mailstack that jobs shall run.  [default: where this one was installed from]",
)
def command(ci: str, source: str | None) -> int:
    """Write the files with which pull requests are planned, main is applied, and drift is told.

    They are made for the stacks that lie here, with the names of the secrets that these use.  A file
    that is there already is left as it is.

    \b
    Examples:
      mailstack init --ci github
      mailstack init --ci gitlab --source https://git.example.org/tools/mailstack@0f3c...
    """
    write_ci(Path.cwd(), ci, source)
    return 0


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
