"""Files and commands elsewhere, through a POSIX shell there: the same promises as files.LocalHost.

Each operation is one small script; its data goes over standard input and its names are arguments,
so nothing is quoted into a script.  A connection that is cut in the middle of a write leaves the
temporary file and never a torn one: the rename comes after the whole text has been counted.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Final

from reconciler.backends.files import Ran
from reconciler.backends.reach import Way, here
from reconciler.errors import BusyError, Problem, ReadError, Where, WriteError

# $1 is the file; the sidecar is the whole text of a write in place that was cut off.
_READ: Final = """
if [ -e "$1.mailstack-sidecar" ]; then cat "$1.mailstack-sidecar"; else cat "$1"; fi
"""

# $1 file, $2 size of the new text on stdin, $3 its sha256, $4 sha256 of what must be there now.
# `cp -p` gives the temporary file owner and mode of the old one before its text is replaced.
_REPLACE: Final = """
set -e
sum() { sha256sum < "$1" | cut -d' ' -f1; }
if [ -e "$1.mailstack-sidecar" ]; then cat "$1.mailstack-sidecar" > "$1"; sync; rm -f "$1.mailstack-sidecar"; fi
cp -p "$1" "$1.mailstack-new"
cat > "$1.mailstack-new"
if [ "$(wc -c < "$1.mailstack-new")" -ne "$2" ] || [ "$(sum "$1.mailstack-new")" != "$3" ]; then
  rm -f "$1.mailstack-new"; echo "the text arrived cut off" >&2; exit 65
fi
if [ "$(sum "$1")" != "$4" ]; then rm -f "$1.mailstack-new"; exit 66; fi
cp -p "$1" "$1.mailstack-backup"
sync
if ! mv -f "$1.mailstack-new" "$1" 2>/dev/null; then
  mv -f "$1.mailstack-new" "$1.mailstack-sidecar"; sync
  cat "$1.mailstack-sidecar" > "$1"; sync
  rm -f "$1.mailstack-sidecar"
fi
sync
"""

_RESTORE: Final = """
set -e
cp -p "$1.mailstack-backup" "$1.mailstack-new"
sync
mv -f "$1.mailstack-new" "$1" 2>/dev/null || { cat "$1.mailstack-new" > "$1"; rm -f "$1.mailstack-new"; }
sync
"""

# The lock ends with the connection: `cat` ends when our end of its standard input is closed.
_LOCK: Final = 'exec flock -n "$(dirname "$1")" sh -c "echo locked; cat"'

_CHANGED: Final = 66
_NO_PROGRAM: Final = 127


class ShellHost:
    """The machine or container that way leads to.

    explain translates what a failed way said (ssh, docker) into a Problem, or returns None.
    commands is the way for run(): commands are meant on the machine, files may be in a container.
    """

    def __init__(
        self,
        way: Way,
        *,
        explain: Callable[[str], Problem | None] = lambda _: None,
        commands: Way = here,
    ) -> None:
        self._way = way
        self._explain = explain
        self._commands = commands

    def read(self, path: str) -> bytes:
        done = self._script(_READ, path)
        if done.returncode:
            raise ReadError(self._problem(path, "this file cannot be read", done.stderr))
        return done.stdout

    def replace(self, path: str, data: bytes, *, expected: bytes) -> str:
        arguments = (path, str(len(data)), _sum(data), _sum(expected))
        done = self._script(_REPLACE, *arguments, data=data)
        if done.returncode == _CHANGED:
            raise WriteError(
                Problem(
                    where=Where(file=path),
                    summary="this file has changed since it was read",
                    detail="Somebody else wrote it meanwhile. Nothing was written; apply again.",
                    rule="file-changed",
                )
            )
        if done.returncode:
            raise WriteError(self._problem(path, "this file cannot be replaced", done.stderr))
        return f"{path}.mailstack-backup"

    def restore(self, path: str) -> None:
        done = self._script(_RESTORE, path)
        if done.returncode:
            raise WriteError(self._problem(path, "the old file cannot be put back", done.stderr))

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        deadline = time.monotonic() + timeout
        while True:
            process = subprocess.Popen(
                self._way(["sh", "-c", _LOCK, "sh", path]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert process.stdin is not None and process.stdout is not None
            if process.stdout.readline().strip() == b"locked":
                return lambda: _let_go(process)
            _let_go(process)
            if process.returncode == _NO_PROGRAM:
                # A small image without flock: the digest that replace() checks still guards the file.
                return lambda: None
            if time.monotonic() >= deadline:
                raise BusyError(
                    Problem(
                        summary=f"somebody else is writing in the folder of {path}",
                        detail="Another apply holds its lock. Wait for it with --lock-timeout SECONDS.",
                        rule="busy",
                    )
                )
            time.sleep(0.2)

    def exists(self, path: str) -> bool:
        return self._script('test -e "$1"', path).returncode == 0

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        try:
            done = subprocess.run(
                self._commands(argv),
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            return None
        except subprocess.TimeoutExpired:
            return Ran(code=124, output=f"it did not end within {timeout:g} seconds")
        if done.returncode == _NO_PROGRAM:
            return None
        return Ran(code=done.returncode, output=done.stdout.decode("utf-8", "replace")[-4000:])

    def _script(self, script: str, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = self._way(["sh", "-c", script, "sh", *arguments])
        try:
            return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=120)
        except FileNotFoundError as error:
            raise ReadError(_no_program(argv[0])) from error
        except subprocess.TimeoutExpired as error:
            raise ReadError(
                Problem(summary=f"{argv[0]} did not end within two minutes", rule="no-answer")
            ) from error

    def _problem(self, path: str, summary: str, stderr: bytes) -> Problem:
        words = stderr.decode("utf-8", "replace").strip()
        return self._explain(words) or Problem(
            where=Where(file=path),
            summary=summary,
            detail=words[-1000:] or "No reason was given.",
            rule="file",
        )


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _let_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def _no_program(name: str) -> Problem:
    return Problem(
        summary=f"there is no program {name} here",
        detail=f"It is needed to reach the file. Install {name}, or run mailstack where it is.",
        rule="no-program",
    )
