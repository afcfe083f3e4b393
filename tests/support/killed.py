"""Forks of mailstack that kill themselves before their N-th step on the files of a folder.

A step is what Python tells of by an audit event: a file opened to be written, renamed or removed, a
program started.  The process behind `Killed` is started as a script, like forks.py.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cli

FOLDER, STEP = "MAILSTACK_TEST_FOLDER", "MAILSTACK_TEST_STEP"

_WRITING = os.O_WRONLY | os.O_RDWR


class Killed(cli.Forks):
    """As cli.Forks; the run is killed where the environment says so."""

    def __init__(self) -> None:
        import threading

        self._parent = subprocess.Popen(
            [sys.executable, __file__],
            cwd=cli.ROOT,
            env={**os.environ, "PYTHONPATH": str(cli.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0
        self._known = threading.Event()

    def run_until(self, step: int, folder: Path, config: Path, *arguments: str) -> int:
        """Run one command, killed before that step, if it comes to it; return its exit code."""
        environ = {**cli.ENVIRON, FOLDER: str(config.parent), STEP: str(step)}
        return self.run(folder, environ, arguments)


def _kill_at(folder: str, step: int) -> None:
    steps = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if _is_step(event, arguments, folder):
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _is_step(event: str, arguments: tuple[Any, ...], folder: str) -> bool:
    if event == "open":
        path, _, flags = arguments
        return isinstance(flags, int) and bool(flags & _WRITING) and str(path).startswith(folder)
    if event in ("os.rename", "os.remove"):
        return str(arguments[0]).startswith(folder)
    return event == "subprocess.Popen"


def main() -> None:
    import forks

    become = forks._become

    def become_and_die(order: dict[str, Any]) -> None:
        _kill_at(order["environ"][FOLDER], int(order["environ"][STEP]))
        become(order)

    forks._become = become_and_die
    forks.main()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
