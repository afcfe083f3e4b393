"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.errors import InputError, Problem
from reconciler.render.sizes import MAX_BYTES, MIN_BYTES

F = TypeVar("F", bound=Callable[..., Any])

_NAME = "mailstack.yaml"
_NEW_SERVER = "--new-server"


def stack_file(command: F) -> F:
    """Add `-f FILE`."""
    return click.option(
        "-f",
        "--file",
        "file",
        envvar="MAILSTACK_FILE",
        metavar="FILE",
        type=click.Path(),
        help=f"The stack file.  [default: {_NAME} here or above, up to the repository's root]",
    )(command)


def connections(command: F) -> F:
    """Add `--connections FILE`."""
    return click.option(
        "--connections",
        envvar="MAILSTACK_CONNECTIONS",
        metavar="FILE",
        type=click.Path(),
        help="The file with url, login and commands. The stack may then say none of it.",
    )(command)


def _with_new_server(
    context: click.Context, _: click.Parameter, addresses: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what is released: the addresses, and a new server as one of them."""
    return (*addresses, *([_NEW_SERVER.strip("-")] if context.meta.get(_NEW_SERVER) else []))


def releases(command: F) -> F:
    """Add what lets held changes go."""
    for option in (
        click.option(
            "--allow-deletes",
            type=click.IntRange(min=0),
            metavar="N",
            help="Let up to N removals of one kind go at once.",
        ),
        click.option(
            "--release",
            "released",
            multiple=True,
            metavar="ADDRESS",
            callback=_with_new_server,
            help="Let a held change go, such as account/bob@example.org. May be repeated.",
        ),
        click.option(
            _NEW_SERVER,
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda context, _, value: context.meta.update({_NEW_SERVER: value}),
            help="Fill a server that knows nothing of this stack, although the zone carries its marks.",
        ),
    ):
        command = option(command)
    return command


def forms(*names: str) -> Callable[[F], F]:
    """Add in which form the answer is given: text, or one of these."""
    return click.option(
        "--format", "form", type=click.Choice(["text", *names]), default="text", show_default=True
    )


def max_bytes(command: F) -> F:
    """Add how long Markdown may be."""
    return click.option(
        "--max-bytes",
        type=click.IntRange(min=MIN_BYTES),
        default=MAX_BYTES,
        metavar="N",
        show_default=True,
        help="How long Markdown may be. Whole changes are left out, and counted.",
    )(command)


def output(command: F) -> F:
    """Add what is told beside the answer."""
    for option in (
        click.option(
            "--debug", is_flag=True, help="Tell each request on stderr: never a body, never a secret."
        ),
        click.option("--unmanaged", is_flag=True, help="List what is live and not declared."),
        click.option("--json-into", metavar="FILE", help="Write the JSON to FILE, beside the text."),
    ):
        command = option(command)
    return command


def find_file(file: str | None) -> str:
    """Return the stack file to use: the given one, or the nearest one at or above here."""
    if file:
        return file
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _NAME).is_file():
            return os.path.relpath(folder / _NAME)
        if (folder / ".git").exists():
            break
    raise InputError(
        Problem(
            summary=f"there is no {_NAME} here or above",
            detail="Name the file with -f FILE, or start from the example:\n\n    examples/mailstack.yaml",
            rule="no-stack-file",
        )
    )


def metrics(command: F) -> F:
    """Add `--metrics FILE`."""
    return click.option(
        "--metrics",
        envvar="MAILSTACK_METRICS",
        metavar="FILE",
        type=click.Path(),
        help="Write metrics of the run for Prometheus, such as /var/lib/node_exporter/mailstack.prom.",
    )(command)


def write(name: str, text: str) -> None:
    """Write a file that the command line names: whole, or not at all.  What is no file is written to."""
    target = os.path.realpath(name)
    beside = f"{target}.{os.getpid()}.new"
    try:
        if os.path.exists(name) and not os.path.isfile(name):
            Path(name).write_text(text, encoding="utf-8")
            return
        try:
            with open(beside, "x", encoding="utf-8") as file:
                if os.path.exists(target):
                    os.chmod(beside, os.stat(target).st_mode & 0o7777)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            Problem(summary=f"{name} cannot be written", detail=f"The system says: {error.strerror}.")
        ) from error


def colour(stream: Any = None) -> bool:
    """May what goes to this stream be coloured?"""
    return not os.environ.get("NO_COLOR") and (stream or sys.stdout).isatty()


_STYLES: dict[str, dict[str, Any]] = {
    "+": {"fg": "green"},
    "~": {"fg": "yellow"},
    "-": {"fg": "red"},
    ">": {"fg": "cyan"},
    "<": {"fg": "cyan"},
    "*": {"fg": "magenta"},
    "head": {"bold": True},
    "warn": {"fg": "yellow", "bold": True},
    "faint": {"dim": True},
}


def paint(what: str, text: str) -> str:
    """Return the text coloured for a terminal."""
    return click.style(text, **_STYLES.get(what, {}))
