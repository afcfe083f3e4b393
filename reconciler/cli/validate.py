"""`mailstack validate`: is the stack file right?  Without network, secrets or commands."""

from __future__ import annotations

import click

from reconciler.cli import options


@click.command("validate", short_help="Check the stack file offline.")
@options.stack_file
@options.connections
def command(file: str | None, connections: str | None) -> int:
    """Check the stack file, without network, secrets or commands.  All errors at once, each with its place.

    \b
    Examples:
      mailstack validate
      mailstack validate -f home.yaml
      mailstack validate --connections /etc/mailstack/connections.yaml
    """
    from reconciler.config.load import load
    from reconciler.desired import desire
    from reconciler.render.words import counted

    loaded = load(options.find_file(file), connections)
    desired = desire(loaded.stack, loaded.where)
    click.echo(
        f"{loaded.stack.file}: {loaded.stack.name} is valid: {counted(len(desired.domains), 'domain')}, "
        f"{counted(len(desired.resources), 'resource')}"
    )
    return 0
