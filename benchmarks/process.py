"""Run processes and say what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAILSTACK = str(Path(sys.executable).with_name("mailstack"))  # of the same environment
PASSWORD = "admin-pw"  # of the stand-in's fallback admin
_ROOT = Path(__file__).parents[1]

# An installed program has its bytecode; a developer's environment may keep Python from writing it.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one process took, and what it said on stdout.

    processor_seconds are those of all its threads: on a machine that others use too, they say more
    of a program that hardly waits than the seconds on the clock.
    """

    seconds: float
    processor_seconds: float
    peak_megabytes: float
    text: str


def run(command: Sequence[str], environment: Mapping[str, str] = {}) -> Took:
    """Run the command to its end.  RuntimeError with its words when it fails."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, cwd=_ROOT, env=_ENVIRONMENT | dict(environment)
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{text[-2000:]}")
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Took(
        seconds=seconds,
        processor_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=usage.ru_maxrss / unit,
        text=text,
    )


def quickest(runs: Sequence[Took]) -> Took:
    """Return the run that the rest of the machine disturbed least."""
    return min(runs, key=lambda took: took.seconds)


def lightest(runs: Sequence[Took]) -> Took:
    """Return the run that took the least of the processor."""
    return min(runs, key=lambda took: took.processor_seconds)


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Run the stand-in server in a process of its own while the block lasts; yield its URL."""
    command = [sys.executable, "-m", "benchmarks.server", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
