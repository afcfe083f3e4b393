"""Make a name server load a zone file, and see that it serves what is in it.

The exit code of a reload proves nothing (BIND 9.18: "zone reload queued", 0, for a zone that it
then refuses).  Only what the servers answer does; where none is named, nothing proves it.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.backends.dns import rndc
from reconciler.backends.dns.expected import Expected
from reconciler.backends.files import Host
from reconciler.config.dns import NameServer

_STATUS_LINES = ("files", "serial", "signed serial", "last loaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFile:
    """Where a zone is kept and who serves it.

    zone is without a dot at its end; reload is an argv with {zone} and {zonefile} in it, timeout in
    seconds.
    """

    zone: str
    path: str
    reload: tuple[str, ...] = ()
    servers: tuple[NameServer, ...] = ()
    timeout: float = 10.0

    @property
    def advice(self) -> str:
        """The command that a person runs where none is configured."""
        return f"rndc reload {self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """How the reload ended and what it said."""

    said: str = ""
    has_failed: bool = False


def reload(where: ZoneFile, host: Host) -> Reloaded:
    """Run the reload, if there is one."""
    if not where.reload:
        return Reloaded()
    argv = [word.replace("{zonefile}", where.path).replace("{zone}", where.zone) for word in where.reload]
    ran = host.run(argv)
    if ran is None:
        return Reloaded(said=f"there is no program {argv[0]}", has_failed=True)
    said = ran.output.strip() or "nothing"
    return Reloaded(said=f"{said} (exit code {ran.code})", has_failed=ran.code != 0)


def unserved(where: ZoneFile, expected: Sequence[Expected]) -> list[str]:
    """Wait until every server serves what is expected; return, in words, what is not served in time."""
    if not where.servers or not expected:
        return []
    from reconciler.backends.dns import served

    return served.missing(where.servers, expected, timeout=where.timeout)


def unserved_now(servers: Sequence[NameServer], expected: Sequence[Expected]) -> bool:
    """Does one of the servers not serve something of this now?"""
    if not servers or not expected:
        return False
    from reconciler.backends.dns import served

    return bool(served.missing(servers, expected, timeout=0))


def serials(where: ZoneFile) -> dict[NameServer, int | str]:
    """Return the serial that each server has for the zone, or in words why it has none."""
    if not where.servers:
        return {}
    from reconciler.backends.dns import served

    return served.serials(where.servers, f"{where.zone}.")


def why_not(where: ZoneFile, host: Host) -> list[str]:
    """Return what may help a person whose name server does not serve the file."""
    found = []
    argv = rndc.status_argv(where.reload, where.zone)
    ran = host.run(argv, timeout=10.0) if argv else None
    if ran is not None:
        lines = [line for line in ran.output.splitlines() if line.partition(":")[0] in _STATUS_LINES]
        found += ["rndc zonestatus says: " + (", ".join(lines) or ran.output.strip())]
    if {"docker", "podman"} & {os.path.basename(word) for word in where.reload}:
        found.append(
            "Where this one file is mounted into the container, and not its folder, the container may "
            "still see the old one: restart it, or mount the folder."
        )
    return found
