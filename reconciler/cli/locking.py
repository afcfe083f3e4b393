"""The right to write to everything that a run writes to: all of it, or none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from reconciler.backends.interface import Backend
from reconciler.errors import BusyError

# Seconds before the next try: few at first, because most applies are over soon.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


@contextmanager
def locked(
    backends: Iterable[Backend], timeout: float, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the lock of every system, waiting up to timeout seconds in all.  BusyError names the holder.

    Two runs may want the same systems in another order; so nobody waits for one lock while it
    holds another.
    """
    deadline = time.monotonic() + timeout
    systems = tuple(backends)
    pause = _FIRST_PAUSE
    while True:
        with ExitStack() as held:
            try:
                for system in systems:
                    # First, because a signal may come between the two; to let go of nothing does nothing.
                    held.callback(system.unlock)
                    system.lock(0)
            except BusyError:
                if time.monotonic() >= deadline:
                    raise
            else:
                yield
                return
        sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
