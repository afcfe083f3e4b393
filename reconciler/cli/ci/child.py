"""mailstack run by mailstack, as a process of its own: so a code is a code, and a crash is told as one."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from reconciler.cli.publishing import OUTPUT, SUMMARY
from reconciler.errors import Where
from reconciler.render.github import Annotation, commands

# -P: the folder that we stand in is the repository's, and a `reconciler/` in it is not ours to import.
_MAILSTACK = (sys.executable, "-P", "-c", "from reconciler.cli import main; main()")
_PROBLEM = re.compile(
    r"^error: (?:(?P<file>[^\s:]+):(?P<line>\d+)(?::(?P<column>\d+))?: )?(?P<text>.+)$", re.M
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class Child:
    """Runs commands and writes to the job's log."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self._has_orders = bool(environ.get("GITHUB_ACTIONS"))

    def run(self, *arguments: str, publishes: bool = True) -> Ended:
        """Run one command to its end.  publishes: it may write the step's summary and outputs."""
        environ = {**self.environ, "NO_COLOR": "1"}
        # Our own choice of stacks: the command is always told its file.
        environ.pop("MAILSTACK_FILE", None)
        if not publishes:
            environ.pop(SUMMARY, None)
            environ.pop(OUTPUT, None)
        done = subprocess.run(
            [*_MAILSTACK, *arguments], env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def tell(self, text: str) -> None:
        """Write text that may hold anything into the log: between these lines the runner takes no orders."""
        if not text:
            return
        if not self._has_orders:
            click.echo(text, nl=not text.endswith("\n"))
            return
        end = secrets.token_hex(16)
        click.echo(f"::stop-commands::{end}\n{text.rstrip()}\n::{end}::")

    def annotate(self, text: str) -> None:
        """Write workflow commands that we made ourselves."""
        if self._has_orders:
            click.echo(text, nl=False)

    def tell_failure(self, ended: Ended) -> None:
        """Write what a command said when it failed, also beside the lines that it is about."""
        self.tell(ended.out)
        self.tell(ended.err)
        self.annotate(commands(problems(ended.err)))

    def summarise(self, text: str) -> None:
        """Append to the job's summary, where there is one."""
        self._append(SUMMARY, f"{text}\n")

    def output(self, **values: str) -> None:
        """Set outputs of the step."""
        from reconciler.render.github import outputs

        self._append(OUTPUT, outputs({name.replace("_", "-"): value for name, value in values.items()}))

    def _append(self, variable: str, text: str) -> None:
        if name := self.environ.get(variable):
            with open(name, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)


def problems(err: str) -> Iterator[Annotation]:
    """Yield the errors that a command told on stderr, each with its place in the file."""
    for found in _PROBLEM.finditer(err):
        where = None
        if found["file"]:
            where = Where(file=found["file"], line=int(found["line"]), column=int(found["column"] or 0))
        detail = []
        for line in err[found.end() :].splitlines()[1:]:
            if line and not line.startswith("    "):
                break
            detail.append(line.removeprefix("    "))
        text = "\n".join((found["text"], *detail)).rstrip()
        yield Annotation(level="error", title="mailstack", text=text, where=where)
