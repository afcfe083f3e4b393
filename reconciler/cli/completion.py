"""`mailstack completion SHELL`: the script that completes commands and options."""

from __future__ import annotations

import click


@click.command("completion", short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script of a shell.

    \b
    Examples:
      mailstack completion bash > ~/.local/share/bash-completion/completions/mailstack
      mailstack completion fish > ~/.config/fish/completions/mailstack.fish
    """
    from click.shell_completion import get_completion_class

    from reconciler.cli.run import commands

    found = get_completion_class(shell)
    assert found is not None  # click has these three
    click.echo(found(commands, {}, "mailstack", "_MAILSTACK_COMPLETE").source())
    return 0
