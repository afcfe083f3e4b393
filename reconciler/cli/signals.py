"""What a run does when it is told to end: by Ctrl-C, by whoever ends a job, by a terminal that goes away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Was this run told to end?  Until it writes it ends at once; from then on, after the current write."""

    def __init__(self) -> None:
        self._is_asked = False
        self._is_writing = False

    def __call__(self) -> bool:
        return self._is_asked

    def begin_writing(self) -> None:
        """From now on a signal is only noted: what is done must be told, and locks given back."""
        self._is_writing = True

    def note(self, number: int, _: FrameType | None) -> None:
        self._is_asked = True
        if not self._is_writing:
            raise KeyboardInterrupt
        try:
            click.echo("Stopping after the current write.", err=True)
        except OSError:
            pass  # the terminal is gone, which may be what the signal says


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Yield what knows whether the run was told to end."""
    stop = Stop()
    # Who was started by nohup shall outlive its terminal.
    wanted = [n for n in _SIGNALS if n != signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN]
    former = {number: signal.signal(number, stop.note) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
