"""Files and commands of the machine where a live system stands: read, replace whole, run.

A file is never torn.  It is replaced by rename, with the old owner and mode, after the new text is
safe on disk.  A single file that is bind-mounted into a container cannot be renamed over; it is
written in place, after the whole new text was put beside it (the sidecar), and a run that dies in
between is finished by the next one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from reconciler.errors import BusyError, Problem, ReadError, Where, WriteError

_BACKUP: Final = ".mailstack-backup"
_SIDECAR: Final = ".mailstack-sidecar"
_TEMPORARY: Final = ".mailstack-new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended.  output is stdout and stderr together, its last 4,000 characters."""

    code: int
    output: str


class Host(Protocol):
    """The machine where files and commands are meant."""

    def read(self, path: str) -> bytes:
        """Return the whole file; of an interrupted write, what it was going to be.  Reads only."""
        ...

    def replace(self, path: str, data: bytes, *, expected: bytes) -> str:
        """Replace a file that still holds expected, and return the path of the backup.  WriteError when it does not."""
        ...

    def restore(self, path: str) -> None:
        """Put the backup back."""
        ...

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        """Become the only writer of the files beside path; call what is returned to let others.  BusyError."""
        ...

    def exists(self, path: str) -> bool: ...

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        """Run a command, never through a shell; None where there is no such program."""
        ...


class LocalHost:
    """This machine."""

    def read(self, path: str) -> bytes:
        beside = Path(path + _SIDECAR)
        try:
            return beside.read_bytes() if beside.exists() else Path(path).read_bytes()
        except OSError as error:
            raise ReadError(_unreadable(path, error)) from error

    def replace(self, path: str, data: bytes, *, expected: bytes) -> str:
        try:
            _finish(path)
            present = Path(path).read_bytes()
        except OSError as error:
            raise WriteError(_unreadable(path, error)) from error
        if present != expected:
            raise WriteError(_moved(path))
        backup = path + _BACKUP
        try:
            _write_beside(path, backup, present)
            _put(path, data)
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error
        return backup

    def restore(self, path: str) -> None:
        try:
            _put(path, Path(path + _BACKUP).read_bytes())
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        # The kernel's lock on the file's folder: it ends with the process, however that ends.
        try:
            folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise WriteError(_unwritable(path, error)) from error
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lambda: os.close(folder)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    os.close(folder)
                    raise BusyError(_busy(path)) from error
                time.sleep(0.1)

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
        except PermissionError as error:
            return Ran(code=126, output=str(error))
        except subprocess.TimeoutExpired:
            return Ran(code=124, output=f"it did not end within {timeout:g} seconds")
        return Ran(code=done.returncode, output=done.stdout.decode("utf-8", "replace")[-4000:])


def _put(path: str, data: bytes) -> None:
    """Replace the whole file, durably."""
    temporary = path + _TEMPORARY
    _write_beside(path, temporary, data)
    try:
        os.rename(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EXDEV, errno.EPERM):
            raise
        # A bind-mounted single file: its name belongs to the mount.
        os.rename(temporary, path + _SIDECAR)
        _flush_folder(path)
        _finish(path)
        return
    _flush_folder(path)


def _finish(path: str) -> None:
    """Complete a write in place that was begun: the sidecar is whole, for it got its name by rename."""
    sidecar = path + _SIDECAR
    if not os.path.exists(sidecar):
        return
    data = Path(sidecar).read_bytes()
    with open(path, "r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    os.unlink(sidecar)
    _flush_folder(path)


def _write_beside(path: str, target: str, data: bytes) -> None:
    """Write a file beside another, with its owner and mode, safe on disk when this returns."""
    status = os.stat(path)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), status.st_uid, status.st_gid)
        os.fchmod(file.fileno(), status.st_mode & 0o7777)
        os.fsync(file.fileno())


def _flush_folder(path: str) -> None:
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this file cannot be read",
        detail=f"{error.strerror or error}. Is the path right, seen from where mailstack runs, and may it read it?",
        rule="file-unreadable",
    )


def _unwritable(path: str, error: OSError) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this file cannot be replaced",
        detail=f"{error.strerror or error}. Nothing of it was changed.",
        rule="file-unwritable",
    )


def _busy(path: str) -> Problem:
    return Problem(
        summary=f"somebody else is writing in the folder of {path}",
        detail="Another apply holds its lock. Wait for it with --lock-timeout SECONDS.",
        rule="busy",
    )


def _moved(path: str) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this file has changed since it was read",
        detail="Somebody else wrote it meanwhile. Nothing was written; apply again.",
        rule="file-changed",
    )
