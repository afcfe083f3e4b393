"""Who holds a lease: this process in the words that a lease keeps, and whether such a process is gone."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any


def this_process() -> dict[str, Any]:
    """Return what tells this process from every other, now and on every machine."""
    return {"host": platform.node(), "boot": _boot(), "space": _space(), "pid": os.getpid()}


def is_gone(holder: Mapping[str, Any], me: Mapping[str, Any]) -> bool:
    """Was the holder a process of this very host that is no more?  Of others nobody here can know.

    Two containers may share a host's name and start and yet not see each other's processes, so
    the space in which process ids count must be the same.
    """
    same = all(me[part] and holder.get(part) == me[part] for part in ("host", "boot", "space"))
    return same and not _is_alive(holder.get("pid"))


def age_of(since: object, now: float) -> str:
    """Return `12 seconds` or `3 minutes`."""
    seconds = max(0, int(now - since)) if isinstance(since, (int, float)) else 0
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


def _boot() -> str:
    """Return what tells this start of this host from others; empty where it cannot be told."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
