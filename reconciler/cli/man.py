"""`mailstack man`: the manual page, made from the parser, so that it cannot tell another story than `--help`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

_HEAD = """\
.\\" Made by `mailstack man`; do not edit.
.TH MAILSTACK 1 "" "mailstack {version}" "User Commands"
.SH NAME
mailstack \\- Terraform for the mail server that you run yourself
.SH SYNOPSIS
.B mailstack
.I COMMAND
[\\fIOPTION\\fR]...
.SH DESCRIPTION
One YAML file, the stack, says what should be true: domains, hostname, accounts, aliases, lists, allowed IPs, settings, DNS
records.
.B mailstack plan
compares it with what is true on the live Stalwart server, in its config.toml and in the BIND zone file, and shows every
difference.
.B mailstack apply
makes them equal, in an order in which mail never breaks, and proves it: afterwards the plan is empty.
"""

_FOOT = """\
.SH FILES
.TP
.I mailstack.yaml
The stack, here or above, up to the root of the repository.
.SH SEE ALSO
.BR named (8),
.BR rndc (8),
.BR named\\-checkzone (1)
"""


@click.command("man", short_help="Print the manual page.")
def command() -> int:
    """Print the manual page, for man.

    \b
    Examples:
      mailstack man | man -l -
      mailstack man > /usr/local/share/man/man1/mailstack.1
    """
    click.echo(page(), nl=False)
    return 0


def page() -> str:
    """Return the manual page of all commands as roff."""
    from reconciler import __version__
    from reconciler.cli.run import commands

    context = click.Context(commands, info_name="mailstack")
    lines = [".SH COMMANDS"]
    for path, one in _all(commands, context):
        lines += _command(path, one, context)
    return "\n".join(
        [
            _HEAD.format(version=_text(__version__)).rstrip("\n"),
            *lines,
            *_exit_status(commands),
            *_environment(commands, context),
            _FOOT,
        ]
    )


def _all(
    group: click.Group, context: click.Context, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that lead to it; of a group, those in it."""
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None  # the group has just named it
        yield (*above, name), one
        if isinstance(one, click.Group):
            yield from _all(one, context, (*above, name))


def _command(path: tuple[str, ...], one: click.Command, context: click.Context) -> Iterator[str]:
    name = " ".join(path)
    own = click.Context(one, parent=context, info_name=name)
    usage = " ".join(piece for piece in one.collect_usage_pieces(own) if piece != "[OPTIONS]")
    yield f".SS {_text(f'mailstack {name} {usage}'.strip())}"
    yield from _prose(one.help or one.short_help or "")
    for parameter in one.params:
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(own)):
            yield ".TP"
            yield f".B {_text(record[0])}"
            yield _text(" ".join(record[1].split())) or r"\&"


def _prose(text: str) -> Iterator[str]:
    """Yield paragraphs; what the parser must not wrap stays in its lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", inspect.cleandoc(text))):
        is_whole = paragraph.startswith("\b")
        lines = [line for line in paragraph.removeprefix("\b").splitlines() if line.strip()]
        if number:
            yield ".PP"
        if is_whole:
            yield ".nf"
            yield from (_text(line) for line in lines)
            yield ".fi"
        else:
            yield _text(" ".join(" ".join(lines).split()))


def _exit_status(commands: click.Command) -> Iterator[str]:
    yield ".SH EXIT STATUS"
    yield ".nf"
    table = (commands.help or "").partition("Exit codes:\n")[2]
    yield from (_text(line.strip()) for line in table.splitlines() if line.strip())
    yield ".fi"


def _environment(commands: click.Group, context: click.Context) -> Iterator[str]:
    found = {"NO_COLOR": "Where it is set, nothing is coloured."}
    for _, one in _all(commands, context):
        for parameter in one.params:
            if isinstance(parameter, click.Option) and isinstance(parameter.envvar, str):
                found.setdefault(parameter.envvar, f"The same as {parameter.opts[-1]}.")
    yield ".SH ENVIRONMENT"
    for name in sorted(found):
        yield from (".TP", f".B {_text(name)}", _text(found[name]))


def _text(text: str) -> str:
    """Return a line that roff shows as it is."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...").replace("·", r"\(pc")
    return rf"\&{shown}" if shown.startswith((".", "'")) else shown
