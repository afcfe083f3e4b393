"""The process behind `cli.Forks`: for each line of its input it forks a mailstack and tells how that ended.

A line is {"folder", "environ", "arguments"}; the answers are the process's id, then its exit code or
minus the signal that ended it.  What the process says goes to `out.txt` and `err.txt` in the folder.
"""

from __future__ import annotations

import json
import os
import sys

import argon2  # noqa: F401 - all of these are imported once, for every fork

import reconciler.apply
import reconciler.backends.dns.elsewhere
import reconciler.backends.stalwart.connect
import reconciler.backends.stalwart.rest.backend
import reconciler.cli.apply
import reconciler.cli.plan
import reconciler.cli.progress
import reconciler.cli.session
import reconciler.render.json
import reconciler.render.text  # noqa: F401
from reconciler.cli.run import run


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        _tell(pid)
        _tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _become(order: dict) -> None:
    os.chdir(order["folder"])
    os.environ.update(order["environ"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "out.txt"), (2, "err.txt")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    code = 70
    try:
        code = run(order["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
