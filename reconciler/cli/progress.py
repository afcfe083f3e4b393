"""Telling, on stderr, how far a long apply is: a bar on a terminal, a line a wave elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.apply import Progress, Watch

# A wave with fewer changes is over before anybody wonders.
_LONG = 20


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield what apply tells its progress to."""
    if not sys.stderr.isatty():
        yield _tell_wave
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[object, object] = {}

        def show(progress: Progress) -> None:
            if progress.total < _LONG:
                return
            key = (progress.wave.phase, progress.wave.system)
            if key not in tasks:
                tasks[key] = bar.add_task(_title(progress), total=progress.total)
            bar.update(tasks[key], completed=progress.done)  # type: ignore[arg-type]

        yield show


def _tell_wave(progress: Progress) -> None:
    if progress.done == 0 and progress.total >= _LONG:
        print(f"{_title(progress)}: {progress.total} changes", file=sys.stderr)


def _title(progress: Progress) -> str:
    return f"{progress.wave.system}, {progress.wave.phase.name.lower().replace('_', ' ')}"
