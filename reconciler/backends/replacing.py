"""How a file of this machine is replaced: whole, durably, with its owner and mode, or not at all.

By rename, after the new text is safe on disk.  Where that would cut somebody off (the single file
is bind-mounted into a container, or has a second name) or is refused, the file is written in
place, after the whole new text was put beside it: the sidecar.  A run that dies in between is
finished by the next one.

Beside the file, while a write is not finished or does not count yet:

    .mailstack-new       the new text, not complete; worth nothing
    .mailstack-sidecar   the new text, complete; to be written in place
    .mailstack-owed      what is written is not active yet
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from reconciler.backends.mounts import is_mounted_alone

BACKUP: Final = ".mailstack-backup"
SIDECAR: Final = ".mailstack-sidecar"
OWED: Final = ".mailstack-owed"
_NEW: Final = ".mailstack-new"

# What a rename over a file that must keep its inode says: it is a mount point, it is on another
# device, or its folder lets nobody else take its name.
_IN_PLACE: Final = (errno.EBUSY, errno.EXDEV, errno.EPERM)


def put(path: str, data: bytes) -> None:
    """Replace the whole file.  OSError leaves it as it was."""
    beside = path + _NEW
    try:
        has_owner = write_beside(path, beside, data)
        if has_owner and not _must_keep_inode(path) and _renamed(beside, path):
            return
        # Before there is a sidecar: one that nobody can complete would be taken for what is live.
        with open(path, "r+b"):
            pass
        os.rename(beside, path + SIDECAR)
    except OSError:
        _drop(beside)
        raise
    _flush_folder(path)
    finish(path)


def finish(path: str) -> None:
    """Complete a write in place that was begun: the sidecar is whole, for it got its name by rename."""
    _drop(path + _NEW)
    sidecar = path + SIDECAR
    if not os.path.exists(sidecar):
        return
    data = Path(sidecar).read_bytes()
    with open(path, "r+b", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        file.truncate()
        os.fsync(file.fileno())
    os.unlink(sidecar)
    _flush_folder(path)


def write_beside(path: str, target: str, data: bytes) -> bool:
    """Write a file beside another, with its mode, safe on disk when this returns.

    Returns whether it has the other's owner too: only root can give files away.
    """
    status = os.stat(path)
    _drop(target)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        has_owner = True
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            try:
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            except PermissionError:
                has_owner = False
        os.fchmod(file.fileno(), status.st_mode & 0o7777)
        os.fsync(file.fileno())
    return has_owner


def note_owed(path: str) -> None:
    """Leave the trace that what is written is not active yet; durable when this returns."""
    os.close(os.open(path + OWED, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644))
    _flush_folder(path)


def settle(path: str) -> None:
    """Take that trace away."""
    _drop(path + OWED)


def _renamed(beside: str, path: str) -> bool:
    try:
        os.rename(beside, path)
    except OSError as error:
        if error.errno in _IN_PLACE:
            return False
        raise
    _flush_folder(path)
    return True


def _must_keep_inode(path: str) -> bool:
    return os.stat(path).st_nlink > 1 or is_mounted_alone(path)


def _drop(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _flush_folder(path: str) -> None:
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
