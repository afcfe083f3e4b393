"""mailstack run by mailstack, as a process of its own: so a code is a code, and a crash is told as one."""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import click

from reconciler.cli.publishing import OUTPUT, SUMMARY
from reconciler.errors import Where
from reconciler.forge.job import TOKEN
from reconciler.render.github import Annotation, commands

# -P: the folder that we stand in is the repository's, and a `reconciler/` in it is not ours to import.
_MAILSTACK = (sys.executable, "-P", "-c", "from reconciler.cli import main; main()")
_PROBLEM = re.compile(
    r"^error: (?:(?P<file>[^\s:]+):(?P<line>\d+)(?::(?P<column>\d+))?: )?(?P<text>.+)$", re.M
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended and what it said.  summary is what it had to say in Markdown."""

    code: int
    out: str
    err: str
    summary: str = ""


class Child:
    """Runs commands and writes to the job's log."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self._has_orders = bool(environ.get("GITHUB_ACTIONS"))
        self.was_told_to_end = False

    def run(self, *arguments: str, publishes: bool = True, is_watched: bool = False) -> Ended:
        """Run one command to its end.

        publishes: it may write the step's summary and outputs.  is_watched: what it says on stderr is
        in the log while it runs, and need not be told again.
        """
        with ExitStack() as stack:
            hand_on = stack.enter_context(self._handing_on())
            said = stack.enter_context(self._silenced()) if is_watched else None
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mailstack-"))
            summary = Path(folder, "summary.md")
            process = stack.enter_context(
                subprocess.Popen(
                    [*_MAILSTACK, *arguments],
                    env={**self._environ(publishes=publishes), SUMMARY: str(summary)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                    # What ends us ends it by our word alone, and once.
                    start_new_session=True,
                )
            )
            hand_on(process)
            assert process.stdout is not None and process.stderr is not None
            err: list[str] = []
            reader = threading.Thread(target=_read, args=(process.stderr, err, said))
            reader.start()
            out = process.stdout.read()
            reader.join()
            process.wait()
            told = summary.read_text(encoding="utf-8").rstrip() if summary.exists() else ""
        if publishes and told:
            self.summarise(told)
        return Ended(code=process.returncode, out=out, err="".join(err), summary=told)

    def _environ(self, *, publishes: bool) -> dict[str, str]:
        """Return what a command sees: not the token of the forge, which it does not need."""
        hidden = {TOKEN, "GITHUB_TOKEN", "MAILSTACK_FILE", *(() if publishes else (OUTPUT,))}
        return {**{name: text for name, text in self.environ.items() if name not in hidden}, "NO_COLOR": "1"}

    @contextmanager
    def _handing_on(self) -> Iterator[Callable[[subprocess.Popen[str]], None]]:
        """Hand the signals that end a job on to the command: an apply then ends after its current write, and tells."""
        running: list[subprocess.Popen[str]] = []
        asked: list[int] = []

        def note(number: int, _: FrameType | None) -> None:
            self.was_told_to_end = True
            asked.append(number)
            for process in running:
                process.send_signal(number)

        def begin(process: subprocess.Popen[str]) -> None:
            running.append(process)
            for number in asked:
                process.send_signal(number)

        former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield begin
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    @contextmanager
    def _silenced(self) -> Iterator[Callable[[str], None]]:
        """Yield what writes into the log, where the runner takes no orders until the block ends."""
        end = secrets.token_hex(16)
        self.annotate(f"::stop-commands::{end}\n")
        try:
            yield lambda line: click.echo(line, nl=False)
        finally:
            self.annotate(f"::{end}::\n")

    def tell(self, text: str) -> None:
        """Write text that may hold anything into the log: between these lines the runner takes no orders."""
        if not text:
            return
        with self._silenced() as say:
            say(f"{text.rstrip()}\n")

    def annotate(self, text: str) -> None:
        """Write workflow commands that we made ourselves."""
        if self._has_orders:
            click.echo(text, nl=False)

    def tell_failure(self, ended: Ended, *, is_told: bool = False) -> None:
        """Write what a command said when it failed, also beside the lines that it is about."""
        if not is_told:
            self.tell(ended.out + ended.err)
        self.annotate(commands(problems(ended.err)))

    def summarise(self, text: str) -> None:
        """Append to the job's summary, where there is one."""
        self._append(SUMMARY, f"{text.rstrip()}\n\n")

    def output(self, **values: str) -> None:
        """Set outputs of the step."""
        from reconciler.render.github import outputs

        self._append(OUTPUT, outputs({name.replace("_", "-"): value for name, value in values.items()}))

    def _append(self, variable: str, text: str) -> None:
        if name := self.environ.get(variable):
            with open(name, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)


def _read(stream: IO[str], into: list[str], said: Callable[[str], None] | None) -> None:
    for line in stream:
        into.append(line)
        if said is not None:
            said(line)


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
