"""What BIND says of a zone through rndc, whose exit code says nothing (BIND 9.18).  Pure.

How to call it follows from `dns.reload`: where that calls rndc, directly or through docker, sudo
or ssh, the same call can ask for the zone's status.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `rndc zonestatus` says.  kind is empty where it said nothing that we know."""

    kind: str
    is_dynamic: bool

    @property
    def is_edited_by_hand(self) -> bool:
        """Is the file the person's?

        A zone that is signed inline is not dynamic by that: named keeps what it signs in files of
        its own.  It is once it also allows updates; then named rewrites the person's file.
        """
        return self.kind in ("primary", "master") and not self.is_dynamic


def status_argv(reload: Sequence[str], zone: str) -> tuple[str, ...] | None:
    """Return the argv that asks for the zone's status; None where the reload does not call rndc."""
    names = [os.path.basename(word) for word in reload]
    if "rndc" not in names:
        return None
    rest = reload[names.index("rndc") + 1 :]
    if "reload" not in rest:
        return None
    at = names.index("rndc") + 1 + rest.index("reload")
    # What follows may name class and view too.
    said = [word for word in reload[at + 1 :] if "{zonefile}" not in word]
    target = [word.replace("{zone}", zone) for word in said] or [zone]
    return (*(word.replace("{zone}", zone) for word in reload[:at]), "zonestatus", *target)


def parsed(text: str) -> Status:
    """Return what the answer says; lines of other programs around it do no harm."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(": ")
        if colon:
            said.setdefault(key.strip(), value.strip())
    return Status(
        kind=said.get("type", ""),
        is_dynamic=said.get("dynamic") == "yes",
    )
