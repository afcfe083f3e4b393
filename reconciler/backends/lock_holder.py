"""Who holds the kernel's lock on a folder, as far as this machine's /proc tells it.  Reads only."""

from __future__ import annotations

from collections.abc import Callable

_TICKS = 100.0  # a second, in /proc (man 5 proc: USER_HZ)


def holder(inode: str, read: Callable[[str], str]) -> str:
    """Return a sentence on the process that holds the lock on this inode; empty where it cannot be told.

    read returns the text of a file there, or nothing.
    """
    pid = _holder_in(read("/proc/locks"), inode)
    if not pid:
        return ""
    age = _age(read(f"/proc/{pid}/stat"), read("/proc/uptime"))
    return f"It is the process {pid} there{age}. "


def _holder_in(locks: str, inode: str) -> str:
    """Return the process id of whoever holds a flock; one of another space of process ids has none here."""
    for line in locks.splitlines():
        # 1: FLOCK  ADVISORY  WRITE 4242 08:01:131 0 EOF, and "->" in front of who waits
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode:
            return words[4] if words[4].isdigit() and words[4] != "0" else ""
    return ""


def _age(stat: str, uptime: str) -> str:
    try:
        # The second field is the program's name in brackets, and may hold anything.
        started = float(stat.rpartition(")")[2].split()[19]) / _TICKS
        seconds = int(float(uptime.split()[0]) - started)
    except (IndexError, ValueError):
        return ""
    return f", since {seconds} seconds" if seconds < 120 else f", since {seconds // 60} minutes"
