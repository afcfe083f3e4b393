"""What a run leaves for others to read: its report and its metrics.  Written when it ends, however it ends.

The report is written before the first change as well, without an end: of a run that is killed it
says that it began, and no report of an earlier run is taken for its own.
"""

from __future__ import annotations

import datetime
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.errors import BusyError, InputError, MailstackError, Problem
from reconciler.outcome import Outcome
from reconciler.plan import Plan
from reconciler.report import BUSY, DONE, HELD, IN_PART, NOTHING_DONE, Report
from reconciler.resource import Address


@dataclass(slots=True, kw_only=True)
class Recording:
    """What is known of a run so far; the command fills it in."""

    command: str
    file: str
    metrics: str | None = None
    report_into: str | None = None
    actor: str | None = None
    started: float = field(default_factory=time.time)
    plan: Plan | None = None
    report: Report | None = None
    exit_code: int | None = None
    problems: tuple[Problem, ...] = ()
    stored: dict[Address, float] = field(default_factory=dict)

    def note(self, outcome: Outcome) -> None:
        """Remember when a change was stored."""
        self.stored[outcome.address] = time.time()

    @property
    def stack(self) -> str:
        """The stack's name; of a file that cannot be loaded, as much as can be told of it."""
        from reconciler.config.found import name_of

        return name_of(self.file) if self.plan is None else self.plan.stack

    def begin_writing(self) -> None:
        """Say that the run is about to write.  InputError where the report cannot be written."""
        self.tell(ended=None)

    def tell(self, ended: float | None) -> None:
        """Write the report."""
        if self.report_into is None:
            return
        from reconciler.cli import repository
        from reconciler.render import json as as_json
        from reconciler.report import Run

        commit, is_modified = repository.commit(self.file)
        run = Run(
            command=self.command,
            stack=self.stack,
            file=self.file,
            started=_utc(self.started),
            ended="" if ended is None else _utc(ended),
            actor=self.actor or repository.actor(),
            host=platform.node(),
            commit=commit,
            is_modified=is_modified,
            job=repository.job(),
            exit_code=self.exit_code,
            problems=self.problems,
            stored={address: _utc(at) for address, at in self.stored.items()},
        )
        options.write(
            self.report_into.replace("{stack}", self.stack), as_json.audit(run, self.plan, self.report)
        )

    def measure(self, ended: float) -> None:
        """Write the metrics."""
        if self.metrics is None:
            return
        from reconciler.render import metrics

        file = self.metrics.replace("{stack}", self.stack)

        measured = metrics.Measured(
            stack=self.stack,
            command=self.command,
            started=self.started,
            ended=ended,
            is_success=self.exit_code in (DONE, HELD),
            last_success=metrics.last_success_in(_text(file)),
            plan=self.plan,
            outcomes=self.report.outcomes if self.report is not None else (),
        )
        options.write(file, metrics.metrics(measured))


@contextmanager
def recorded(recording: Recording) -> Iterator[Recording]:
    """Yield what the command fills in, and write report and metrics at its end.

    Where they cannot be written after an apply, it ends as one that was done in part: an audit that
    silently lacks a run is worth nothing.
    """
    try:
        yield recording
    except BaseException as error:
        recording.exit_code = BUSY if isinstance(error, BusyError) else NOTHING_DONE
        recording.problems = _problems(error)
        for problem in _closed(recording):
            click.echo(f"error: {problem}", err=True)  # beside the one that ended the run
        raise
    errors = _closed(recording)
    if errors and recording.report is None:
        raise errors[0]
    for problem in errors:
        click.echo(f"error: {problem}", err=True)
        recording.exit_code = recording.exit_code or IN_PART


def _closed(recording: Recording) -> list[InputError]:
    """Write everything; return why something could not be written."""
    ended = time.time()
    errors = []
    for write in (recording.tell, recording.measure):
        try:
            write(ended)
        except InputError as error:
            errors.append(error)
    return errors


def _problems(error: BaseException) -> tuple[Problem, ...]:
    if isinstance(error, MailstackError):
        return error.problems
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return (Problem(summary="the run was stopped before it wrote anything", rule="stopped"),)
    return (Problem(summary=f"an error of mailstack's own: {type(error).__name__}", rule="internal"),)


def _utc(seconds: float) -> str:
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(name: str) -> str:
    path = Path(name)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
