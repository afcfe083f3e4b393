"""Whether a single file is bind-mounted somewhere, such as into a container.

A rename gives the name another inode, and a mount holds on to the old one: whoever looks through
it would see the old text until he is started again.  Linux tells of every mount in
/proc/<process>/mountinfo (proc_pid_mountinfo(5)); elsewhere nothing is known, and the answer is no.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_ESCAPE = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One mount: the device, the path on that device that it shows, and where it shows it."""

    device: str
    root: str
    point: str


def is_mounted_alone(path: str) -> bool:
    """Is this very file, and not only a folder above it, mounted in any namespace that we may see?"""
    own = _mounts_of("self")
    place = place_on_device(own, path)
    if place is None:
        return False
    seen = {"", _text("self")}
    for table in glob.glob("/proc/[0-9]*/mountinfo"):
        text = _text(table.split("/")[2])
        if text not in seen and any((m.device, m.root) == place for m in parsed(text)):
            return True
        seen.add(text)
    return any((m.device, m.root) == place for m in own)


def place_on_device(mounts: list[Mount], path: str) -> tuple[str, str] | None:
    """Return the device that holds a path and the path on it; the last mount at a place hides those before."""
    around = [m for m in mounts if path == m.point or path.startswith(m.point.rstrip("/") + "/")]
    if not around:
        return None
    longest = max(len(m.point) for m in around)
    mount = [m for m in around if len(m.point) == longest][-1]
    below = path[len(mount.point.rstrip("/")) :]
    return mount.device, (mount.root.rstrip("/") + below) or "/"


def parsed(text: str) -> Iterator[Mount]:
    """Yield the mounts of one mountinfo."""
    for line in text.splitlines():
        _, _, device, root, point, *_ = line.split(" ")
        yield Mount(device, _unescaped(root), _unescaped(point))


def _mounts_of(process: str) -> list[Mount]:
    return list(parsed(_text(process)))


def _text(process: str) -> str:
    try:
        return Path("/proc", process, "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""  # the process is gone, is not ours to look at, or this is no Linux


def _unescaped(text: str) -> str:
    return os.fsdecode(_ESCAPE.sub(lambda found: chr(int(found[1], 8)), text))
