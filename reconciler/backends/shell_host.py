"""Files and commands elsewhere, through a POSIX shell there: the same promises as files.LocalHost.

Each operation is one small script; its data goes over standard input and its names are arguments,
so nothing is quoted into a script.  A connection that is cut in the middle of a write leaves the
file as it was: it is touched only after the whole new text has arrived and its digest is right.
What lies beside the file meanwhile is told in backends.replacing.

Wanted there: sh, cat, cp, mv, ls, readlink, sha256sum, sync; flock where two may write at once.
"""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from reconciler.backends.files import FileChanged, Locks, Ran, busy
from reconciler.backends.lock_holder import holder
from reconciler.backends.mounts import parsed, place_on_device
from reconciler.backends.reach import Explain, Way
from reconciler.errors import BusyError, Problem, ReadError, Where, WriteError

# $1 is the file in each script; f is the file that it leads to.
_TOOLS: Final = """
f=$(readlink -f "$1") || f=$1
made=
sum() { sha256sum < "$1" | cut -d' ' -f1; }
flush() { sync "$@" 2>/dev/null || sync; }
nlink_and_owner() { ls -ldn "$f$1" | { read -r mode links user group rest; echo "$links $user $group"; }; }
finish() {
  rm -f "$f.mailstack-new"
  if [ -e "$f.mailstack-sidecar" ]; then
    cat "$f.mailstack-sidecar" > "$f"; flush "$f"; rm -f "$f.mailstack-sidecar"
  fi
}
put() {  # $1: rename, where nobody holds on to the inode; the new text is whole and beside the file
  flush "$f.mailstack-new" "$(dirname "$f")"
  if [ "$1" = rename ] && [ "$(nlink_and_owner)" = "$(nlink_and_owner .mailstack-new)" ] &&
     mv -f "$f.mailstack-new" "$f" 2>/dev/null; then flush "$(dirname "$f")"; return; fi
  if [ ! -w "$f" ]; then
    rm -f "$f.mailstack-new"; [ -z "$made" ] || rm -f "$f.mailstack-owed"
    echo "It can be neither renamed over nor written." >&2; exit 65
  fi
  mv -f "$f.mailstack-new" "$f.mailstack-sidecar"; flush "$(dirname "$f")"
  finish
}
"""

_READ: Final = (
    _TOOLS
    + """
if [ -e "$f.mailstack-sidecar" ]; then f=$f.mailstack-sidecar; fi
if [ -e "$f" ] && [ ! -f "$f" ]; then echo "It is no regular file." >&2; exit 65; fi
exec cat "$f"
"""
)

# $2 size and $3 digest of the new text on stdin, $4 digest of what must be there now, $5 rename or
# in-place, $6 backup or keep, $7 owed or settled.  `cp -p` gives the new file the owner and mode of the old.
_REPLACE: Final = (
    _TOOLS
    + """
set -e
finish
cp -p "$f" "$f.mailstack-new"
cat > "$f.mailstack-new"
if [ "$(wc -c < "$f.mailstack-new")" -ne "$2" ] || [ "$(sum "$f.mailstack-new")" != "$3" ]; then
  rm -f "$f.mailstack-new"; echo "The text arrived cut off." >&2; exit 65
fi
if [ "$(sum "$f")" != "$4" ]; then rm -f "$f.mailstack-new"; exit 66; fi
if [ "$6" = backup ]; then
  rm -f "$f.mailstack-backup"; cp -p "$f" "$f.mailstack-backup"; flush "$f.mailstack-backup"
fi
if [ "$7" = owed ] && [ ! -e "$f.mailstack-owed" ]; then made=yes; : > "$f.mailstack-owed"; fi
put "$5"
"""
)

_RESTORE: Final = (
    _TOOLS
    + """
set -e
cp -p "$f" "$f.mailstack-new"
cat "$f.mailstack-backup" > "$f.mailstack-new"
put "$2"
"""
)

_OWES: Final = (
    _TOOLS + 'if [ -e "$f.mailstack-owed" ] || [ -e "$f.mailstack-sidecar" ]; then echo yes; else echo no; fi'
)
_FINISH: Final = f"{_TOOLS}set -e; finish"
_SETTLE: Final = f'{_TOOLS}rm -f "$f.mailstack-owed"'
_EXISTS: Final = 'if [ -e "$1" ]; then echo yes; else echo no; fi'
_FOLDER: Final = f'{_TOOLS}dirname "$f"'
_MOUNTS: Final = (
    'readlink -f "$1"; cat /proc/self/mountinfo; echo; cat /proc/[0-9]*/mountinfo | sort -u; true'
)

# The lock ends with the connection: the inner shell ends when our end of its standard input is closed.
# A machine that lost its power closes nothing, so a sign of life is wanted every $2 seconds, where
# there is a `timeout` that can wait for it.
_LOCK: Final = """
if ! command -v flock >/dev/null; then echo none; exit; fi
exec flock -n "$1" sh -c 'echo locked
if [ "$(printf . | timeout 5 head -c 1 2>/dev/null)" = . ]; then
  while [ "$(timeout "$1" head -c 1)" = . ]; do :; done
else
  exec cat >/dev/null
fi' sh "$2"
"""

_INODE: Final = 'ls -di "$1" | { read -r inode rest; echo "$inode"; }'
_TEXT: Final = 'cat "$1" 2>/dev/null'

_CHANGED: Final = 66
_NO_PROGRAM: Final = 127
_SECONDS: Final = 120.0
# So long a lock outlives whoever holds it and is no longer there.
_LOCK_SECONDS: Final = 120.0


class ShellHost:
    """The machine or container that way leads to.

    explain translates what a failed way said (ssh, docker) into a Problem, or returns None.
    """

    def __init__(self, way: Way, explain: Explain, *, lock_seconds: float = _LOCK_SECONDS) -> None:
        self._way = way
        self._explain = explain
        self._lock_seconds = lock_seconds
        self._locks = Locks()

    def read(self, path: str) -> bytes:
        done = self._script(_READ, path)
        if done.returncode:
            raise ReadError(self._problem(path, "this file cannot be read", done.stderr))
        return done.stdout

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        words = (
            *(str(len(data)), _sum(data), _sum(expected), self._manner(path)),
            *("backup" if backup else "keep", "owed" if owed else "settled"),
        )
        done = self._script(_REPLACE, path, *words, data=data)
        if done.returncode == _CHANGED:
            raise FileChanged(path)
        if done.returncode:
            raise WriteError(self._problem(path, "this file cannot be replaced", done.stderr))
        return f"{path}.mailstack-backup"

    def restore(self, path: str) -> None:
        self._do(_RESTORE, path, self._manner(path))

    def owes(self, path: str) -> bool:
        return self._asked(_OWES, path)

    def finish(self, path: str) -> None:
        self._do(_FINISH, path)

    def settle(self, path: str) -> None:
        self._do(_SETTLE, path)

    def exists(self, path: str) -> bool:
        return self._asked(_EXISTS, path)

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        folder = self._script(_FOLDER, path).stdout.decode("utf-8", "replace").strip()
        return self._locks.take(folder, lambda: self._locked(path, folder, timeout))

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        try:
            done = subprocess.run(
                self._way(argv),
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ran(code=124, output=f"it did not end within {timeout:g} seconds")
        if done.returncode == _NO_PROGRAM:
            return None
        return Ran(code=done.returncode, output=done.stdout.decode("utf-8", "replace")[-4000:])

    def run_beside(
        self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None
    ) -> Ran | None:
        return self.run(argv, timeout=timeout, text=text)

    def _locked(self, path: str, folder: str, timeout: float) -> Callable[[], None]:
        deadline = time.monotonic() + timeout
        while True:
            process = subprocess.Popen(
                self._way(["sh", "-c", _LOCK, "sh", folder, f"{self._lock_seconds:g}"]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            assert process.stdout is not None and process.stderr is not None
            answer = process.stdout.readline().strip()
            if answer == b"locked":
                return _kept(process, self._lock_seconds / 4)
            said = process.stderr.read()
            _let_go(process)
            if answer == b"none":
                # A small image without flock: the digest that replace() checks still guards the file.
                return lambda: None
            if said.strip():
                raise WriteError(self._problem(path, "its folder cannot be locked", said))
            if time.monotonic() >= deadline:
                raise BusyError(busy(path, holder(self._said(_INODE, folder).strip(), self._text)))
            time.sleep(0.2)

    def _text(self, path: str) -> str:
        return self._said(_TEXT, path)

    def _said(self, script: str, path: str) -> str:
        return self._script(script, path).stdout.decode("utf-8", "replace")

    def _manner(self, path: str) -> str:
        """Return how the file is to be replaced: by rename, unless a mount holds on to its inode.

        A file that is mounted into a container would stay as it was in there.
        """
        real, _, rest = self._script(_MOUNTS, path).stdout.decode("utf-8", "replace").partition("\n")
        own, _, everybody = rest.partition("\n\n")
        place = place_on_device(list(parsed(own.strip())), real)
        is_mounted = place is not None and any((m.device, m.root) == place for m in parsed(everybody.strip()))
        return "in-place" if is_mounted else "rename"

    def _asked(self, script: str, path: str) -> bool:
        """Return the answer to a question.  A way that fails is an error, never a no."""
        done = self._script(script, path)
        answer = done.stdout.strip()
        if answer not in (b"yes", b"no"):
            raise ReadError(self._problem(path, "this file cannot be looked at", done.stderr))
        return answer == b"yes"

    def _do(self, script: str, *arguments: str) -> None:
        done = self._script(script, *arguments)
        if done.returncode:
            raise WriteError(self._problem(arguments[0], "this file cannot be replaced", done.stderr))

    def _script(self, script: str, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = self._way(["sh", "-c", script, "sh", *arguments])
        try:
            return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ReadError(
                Problem(summary=f"{argv[0]} did not end within {_SECONDS:g} seconds", rule="no-answer")
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


def _kept(process: subprocess.Popen[bytes], pause: float) -> Callable[[], None]:
    """Give signs of life to what holds a lock; return what ends it."""
    done = threading.Event()
    assert process.stdin is not None
    stream = process.stdin

    def beat() -> None:
        while not done.wait(pause):
            try:
                stream.write(b".")
                stream.flush()
            except (OSError, ValueError):
                return  # it is gone; that the file is what it was is checked at every write

    thread = threading.Thread(target=beat, name="lock", daemon=True)
    thread.start()

    def let_go() -> None:
        done.set()
        thread.join()
        _let_go(process)

    return let_go


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close our ends, so that what runs there ends; a connection that hangs is ended here."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    try:
        process.stdin.close()
    except OSError:
        pass  # a sign of life was on its way, and nobody is there
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    process.stderr.close()
