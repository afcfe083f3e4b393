"""`mailstack stacks`: which stacks a repository has.  Offline."""

from __future__ import annotations

import json

import click


@click.command("stacks", short_help="List the stacks of a repository. Offline.")
@click.argument("folder", metavar="[FOLDER]", default=".")
@click.option(
    "--json", "as_json", is_flag=True, help='Print a list of {"name": …, "file": …}, for a matrix of jobs.'
)
def command(folder: str, as_json: bool) -> int:
    """List the stack files in FOLDER and below it, with the name of each stack.  [default: here]

    A stack is a file mailstack.yaml, or any other YAML file with `version:` and `domain:` at its top.
    One that is broken is listed too, so that a check of it can say so.

    \b
    Examples:
      mailstack stacks
      mailstack stacks --json        what a CI job makes one job a stack of
    """
    from reconciler.config.found import stacks
    from reconciler.errors import InputError, Problem

    found = stacks(folder)
    if not found:
        raise InputError(
            Problem(
                summary=f"there is no stack in {folder}",
                detail="A stack is a file mailstack.yaml, or another YAML file with `version:` and `domain:` at its top.",
                rule="no-stack-file",
            )
        )
    for name in dict.fromkeys(one.name for one in found):
        files = [one.file for one in found if one.name == name]
        if len(files) > 1:
            click.echo(_of_one_name(name, files), err=True)
    if as_json:
        click.echo(json.dumps([{"name": one.name, "file": one.file} for one in found]))
        return 0
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:{width}}  {one.file}")
    return 0


def _of_one_name(name: str, files: list[str]) -> str:
    *first, last = files
    return (
        f"{', '.join(first)} and {last} are {'both' if len(files) == 2 else 'all'} the stack {name}. "
        "On one server each would delete what the other has made:\ngive them names of their own with `stack:`."
    )
