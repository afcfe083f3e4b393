"""mailstack killed (SIGKILL) just before its n-th step that writes: a system call on a file, or a command.

One process has everything imported and forks for each run.  The fork watches the calls of C functions
that `backends.replacing` and `subprocess` make, so no code of ours knows of it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

# What writes, by the file that calls it.  `flush` is where buffered text is written; a raw file, which
# is written in place, has `write`.
_STEPS = {
    "replacing.py": frozenset({"open", "flush", "write", "fsync", "rename", "unlink", "truncate"}),
    "subprocess.py": frozenset({"fork_exec"}),
}
KILLED = -signal.SIGKILL


class Stops:
    """Runs mailstack and stops it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        root = Path(__file__).parents[2]
        self._parent = subprocess.Popen(
            [sys.executable, __file__],
            cwd=root,
            env={**environ, "PATH": os.environ["PATH"], "PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, arguments: Sequence[str], before_step: int) -> int:
        """Run one command in a folder; return its exit code, or minus the signal that ended it."""
        assert self._parent.stdin is not None and self._parent.stdout is not None
        order = {"folder": str(folder), "arguments": list(arguments), "before": before_step}
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(timeout=20)
        self._parent.stdout.close()


def _serve() -> None:
    import reconciler.backends.dns.backend
    import reconciler.backends.dns.places
    import reconciler.backends.dns.served
    import reconciler.backends.dns.zonefile.editor
    import reconciler.backends.stalwart.connect
    import reconciler.backends.stalwart.rest.backend
    import reconciler.cli.apply
    import reconciler.cli.progress
    import reconciler.cli.session
    import reconciler.render.text  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _become(order: dict) -> None:
    from reconciler.cli.run import run

    os.chdir(order["folder"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    left = order["before"]

    def watch(frame: FrameType, event: str, what: object) -> None:
        nonlocal left
        file = os.path.basename(frame.f_code.co_filename)
        name = getattr(what, "__name__", "")
        if event != "c_call" or name not in _STEPS.get(file, ()):
            return
        if name == "write" and isinstance(getattr(what, "__self__", None), io.BufferedWriter):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    code = 70
    try:
        code = run(order["arguments"])
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
