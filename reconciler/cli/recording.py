"""What a run leaves for others to read: metrics.  Written when it ends, however it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.errors import InputError
from reconciler.outcome import Outcome
from reconciler.plan import Plan
from reconciler.report import DONE, HELD


@dataclass(slots=True)
class Recording:
    """What is known of a run so far; the command fills it in."""

    command: str
    file: str
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] = ()
    exit_code: int | None = None


@contextmanager
def recorded(command: str, file: str, *, metrics: str | None) -> Iterator[Recording]:
    """Yield what the command fills in, and write the metrics of the run at its end."""
    recording = Recording(command=command, file=file)
    started = time.time()
    try:
        yield recording
    except BaseException:
        try:
            _measure(recording, metrics, started, is_success=False)
        except InputError as error:
            click.echo(f"error: {error}", err=True)  # beside the one that ended the run
        raise
    _measure(recording, metrics, started, is_success=recording.exit_code in (DONE, HELD))


def _measure(recording: Recording, metrics: str | None, started: float, *, is_success: bool) -> None:
    if metrics is None:
        return
    from reconciler.config.found import name_of
    from reconciler.render import metrics as as_metrics

    plan = recording.plan
    measured = as_metrics.Measured(
        stack=name_of(recording.file) if plan is None else plan.stack,
        command=recording.command,
        started=started,
        ended=time.time(),
        is_success=is_success,
        last_success=as_metrics.last_success_in(_text(metrics)),
        plan=plan,
        outcomes=recording.outcomes,
    )
    options.write(metrics, as_metrics.metrics(measured))


def _text(name: str) -> str:
    path = Path(name)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
