"""The mounts of a container, as docker and podman tell them.  Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

Mount: TypeAlias = dict[str, Any]
"""One entry of `.Mounts`: Type, Name, Source, Destination."""


def mounts_in(text: str) -> list[Mount] | None:
    """Return the mounts in what `inspect --format '{{json .Mounts}}'` says; None where that is something else.

    podman may put a warning in front of it.
    """
    line = next((line for line in text.splitlines() if line.startswith("[")), "null")
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def mount_around(mounts: Sequence[Mount], path: str) -> Mount | None:
    """Return the mount that a path is on, the innermost one."""
    found = [m for m in mounts if f"{path}/".startswith(f"{point_of(m).rstrip('/')}/")]
    return max(found, key=lambda m: len(point_of(m)), default=None)


def point_of(mount: Mount) -> str:
    """Return where in the container it is seen."""
    return str(mount.get("Destination", ""))
