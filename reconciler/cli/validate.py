"""`mailstack validate`: is the stack file right?  Without network, secrets or commands."""

from __future__ import annotations

import click

from reconciler.cli import options


@click.command("validate", short_help="Check the stack file offline.")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@options.stack_file
@options.connections
def command(files: tuple[str, ...], file: str | None, connections: str | None) -> int:
    """Check the stack file, without network, secrets or commands.  All errors at once, each with its place.

    FILE is a stack, as with -f; there may be several.

    \b
    Examples:
      mailstack validate
      mailstack validate -f home.yaml
      mailstack validate --connections /etc/mailstack/connections.yaml
    """
    from reconciler.cli.certificates import with_certificates
    from reconciler.config.load import load
    from reconciler.desired import desire
    from reconciler.errors import InputError, Problem
    from reconciler.render.words import counted

    problems: list[Problem] = []
    for name in files or (options.find_file(file),):
        try:
            loaded = with_certificates(load(name, connections), needed=False)
            desired = desire(loaded.stack, loaded.where)
        except InputError as error:
            problems += error.problems
            continue
        click.echo(
            f"{loaded.stack.file}: {loaded.stack.name} is valid: {counted(len(desired.domains), 'domain')}, "
            f"{counted(len(desired.resources), 'resource')}"
        )
    if problems:
        raise InputError(*problems)
    return 0
