"""Files and commands of the machine where a live system stands: read, replace whole, run.

A file is never torn: it is replaced whole, or completed from its sidecar by the next run
(backends.replacing).
"""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reconciler.backends import replacing
from reconciler.backends.lock_holder import holder
from reconciler.errors import BusyError, Problem, ReadError, Where, WriteError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended.  output is stdout and stderr together, its last 4,000 characters."""

    code: int
    output: str


class FileChanged(WriteError):
    """The file is not what it was when it was read.  Nothing was written."""

    def __init__(self, path: str) -> None:
        super().__init__(
            Problem(
                where=Where(file=path),
                summary="this file has changed since it was read",
                detail="Somebody else wrote it meanwhile. Nothing was written; apply again.",
                rule="file-changed",
            )
        )


class Host(Protocol):
    """The machine where files and commands are meant."""

    def read(self, path: str) -> bytes:
        """Return the whole file; of an interrupted write, what it was going to be.  Reads only."""
        ...

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        """Replace a file that still holds expected, and return where its backup lies.

        backup=False keeps the one of an earlier write.  owed leaves a trace beside the file that it
        is not active yet, until settle().  Raises FileChanged, or WriteError.
        """
        ...

    def restore(self, path: str) -> None:
        """Put the backup back."""
        ...

    def owes(self, path: str) -> bool:
        """Was the file written and never settled, or not even written to its end?  Reads only."""
        ...

    def finish(self, path: str) -> None:
        """Complete what an interrupted write began."""
        ...

    def settle(self, path: str) -> None:
        """Take the trace of replace(owed=True) away: the file is active, or as it was."""
        ...

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        """Become the only writer of the files beside path; call what is returned to let others.

        Two files of one folder are one lock for the same Host.  Raises BusyError.
        """
        ...

    def exists(self, path: str) -> bool: ...

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        """Run a command, never through a shell; None where there is no such program."""
        ...

    def run_beside(
        self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None
    ) -> Ran | None:
        """Run a command that finds the files by their paths: in a container, where they are in one.

        None where there is no such program, or the container does not run.
        """
        ...


class Locks:
    """The folders that one run has locked, each once however many of its files are written."""

    def __init__(self) -> None:
        self._holders: dict[object, int] = {}
        self._release: dict[object, Callable[[], None]] = {}

    def take(self, folder: object, lock: Callable[[], Callable[[], None]]) -> Callable[[], None]:
        """Lock the folder unless this run has it already; return what lets it go."""
        if folder not in self._release:
            self._release[folder] = lock()
        self._holders[folder] = self._holders.get(folder, 0) + 1

        def let_go() -> None:
            self._holders[folder] -= 1
            if not self._holders[folder]:
                self._release.pop(folder)()

        return let_go


class LocalHost:
    """This machine.  A path that is a symbolic link stays one: the file that it leads to is replaced."""

    def __init__(self) -> None:
        self._locks = Locks()

    def read(self, path: str) -> bytes:
        target = os.path.realpath(path)
        sidecar = target + replacing.SIDECAR
        try:
            if not stat.S_ISREG(os.stat(target).st_mode):
                raise ReadError(_not_a_file(path))
            return Path(sidecar if os.path.exists(sidecar) else target).read_bytes()
        except OSError as error:
            raise ReadError(_unreadable(path, error)) from error

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        target = os.path.realpath(path)
        try:
            replacing.finish(target)
            if Path(target).read_bytes() != expected:
                raise FileChanged(path)
            if backup:
                replacing.write_beside(target, target + replacing.BACKUP, expected)
            if owed:
                replacing.note_owed(target)
            replacing.put(target, data)
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error
        return target + replacing.BACKUP

    def restore(self, path: str) -> None:
        target = os.path.realpath(path)
        try:
            replacing.put(target, Path(target + replacing.BACKUP).read_bytes())
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error

    def owes(self, path: str) -> bool:
        target = os.path.realpath(path)
        return any(os.path.exists(target + trace) for trace in (replacing.OWED, replacing.SIDECAR))

    def finish(self, path: str) -> None:
        try:
            replacing.finish(os.path.realpath(path))
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error

    def settle(self, path: str) -> None:
        try:
            replacing.settle(os.path.realpath(path))
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        folder = os.path.dirname(os.path.realpath(path))
        return self._locks.take(folder, lambda: _locked(path, folder, timeout))

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        try:
            done = subprocess.run(
                list(argv),
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            return Ran(code=126, output=str(error))
        except subprocess.TimeoutExpired:
            return Ran(code=124, output=f"it did not end within {timeout:g} seconds")
        return Ran(code=done.returncode, output=done.stdout.decode("utf-8", "replace")[-4000:])

    def run_beside(
        self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None
    ) -> Ran | None:
        return self.run(argv, timeout=timeout, text=text)


def _locked(path: str, folder: str, timeout: float) -> Callable[[], None]:
    """Hold the kernel's lock on a folder: it ends with the process, however that ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise WriteError(_unwritable(path, error)) from error
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lambda: os.close(descriptor)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                inode = str(os.fstat(descriptor).st_ino)
                os.close(descriptor)
                raise BusyError(busy(path, holder(inode, _text))) from error
            time.sleep(0.1)
        except OSError as error:
            os.close(descriptor)
            raise WriteError(_unwritable(path, error)) from error


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this file cannot be read",
        detail=f"{error.strerror or error}. Is the path right, seen from where mailstack runs, and may it read it?",
        rule="file-unreadable",
    )


def _not_a_file(path: str) -> Problem:
    kind = "a folder" if os.path.isdir(path) else "no regular file"
    return Problem(
        where=Where(file=path),
        summary="this file cannot be read",
        detail=f"It is {kind}. Give the path of the file itself.",
        rule="file-unreadable",
    )


def _unwritable(path: str, error: OSError) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this file cannot be replaced",
        detail=f"{error.strerror or error}. It was not torn: it is as before, or the next apply completes it.",
        rule="file-unwritable",
    )


def busy(path: str, who: str) -> Problem:
    """Return what is said of a folder that somebody else has locked; who is a sentence, or nothing."""
    return Problem(
        summary=f"somebody else is writing in the folder of {path}",
        detail=f"Another apply holds its lock. {who}Wait for it with --lock-timeout SECONDS.",
        rule="busy",
    )


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
