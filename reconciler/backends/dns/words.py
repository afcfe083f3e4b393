"""What a zone backend tells: notes of a plan, facts of a report, problems.  Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from reconciler.backends.dns.activation import ZoneFile
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.config.dns import NameServer
from reconciler.errors import Problem, Where
from reconciler.state import Finding


def note(label: str, where: ZoneFile) -> str:
    """Return what a person must know or do himself; nothing where mailstack can do and prove all."""
    proof = "nothing proves that the change is served; name your servers in dns.servers"
    if not where.reload and not where.servers:
        return f"{label}: nothing reloads the name server (dns.reload), and {proof}. Run it yourself: {where.advice}"
    if not where.reload:
        return (
            f"{label}: nothing reloads the name server (dns.reload). Run it yourself while apply waits "
            f"up to {where.timeout:g} seconds, or apply again afterwards: {where.advice}"
        )
    return "" if where.servers else f"{label}: {proof}."


def facts(where: ZoneFile, before: int | None, serial: int | None, unchecked: str) -> tuple[str, ...]:
    """Return what a person should know once the new file is served; serial is None where it did not rise."""
    found = []
    if serial is not None:
        found.append(f"Zone {where.zone} has the serial {serial}, before {before}.")
    if unchecked:
        found.append(unchecked)
    if serial is not None and not where.reload and not where.servers:
        found.append(f"Now make the name server load it:\n\n    {where.advice}\n")
    return tuple(found)


def way_back(path: str, backup: str, serial: int | None) -> str:
    """Return how to get the file from before; serial is the one that is served now, None where it did not rise.

    Without -p, on purpose: BIND 9.18 loads no file that is older than its last load.  And a
    secondary does not go back to a smaller serial.
    """
    how = "" if serial is None else f" copy it, give it a serial above {serial} and reload the zone"
    return f"The file from before is {backup}; to go back{how}:\n\n    {shlex.join(['cp', backup, path])}\n"


def not_served(
    where: ZoneFile, wrong: Sequence[str], said: str, hints: Sequence[str], put_back: str
) -> Problem:
    """Return what went wrong after a reload."""
    detail = [*wrong, f"The reload said: {said}", *hints, *([put_back] if put_back else [])]
    return Problem(
        where=Where(file=where.path),
        summary="the name server does not serve the change",
        detail="\n".join(detail),
        rule="not-served",
    )


def not_served_yet(where: ZoneFile, wrong: Sequence[str]) -> Problem:
    """Return what is to be done where we cannot reload ourselves."""
    detail = [
        *wrong,
        "The file is written. The stack does not say how to reload the name server (dns.reload).",
        "Do it, then apply again:",
        "",
        f"    {where.advice}",
    ]
    return Problem(
        where=Where(file=where.path),
        summary="the name server does not serve the change yet",
        detail="\n".join(detail),
        rule="not-served",
    )


def unusable_soa(zone: Zone) -> Problem:
    """Return why a zone cannot be managed whose serial cannot be raised."""
    detail = f"No name server loads a zone without one. Write an SOA record for {zone.name}"
    if "SOA" in zone.scan.types:
        detail = "The third field of its SOA must be a number up to 4294967295; units are not allowed there."
    elif zone.includes:
        files = ", ".join(include.file for include in zone.includes)
        detail = (
            f"It may stand in an included file ({files}), and mailstack edits this one only.\n"
            "Move the SOA record here: its serial rises with every change."
        )
    elif not zone.scan.data.strip():
        detail = f"The file is empty. {detail}"
    return Problem(
        where=Where(file=zone.file),
        summary="no SOA with a serial in this zone file",
        detail=detail,
        rule="zone-no-soa",
    )


def without_proof(zone: str, server: NameServer, said: str) -> Finding:
    """Return that a server proves nothing."""
    name = server.host if server.port == 53 else f"{server.host} port {server.port}"
    return Finding(
        rule="NS-03",
        severity="warning",
        text=f"{name} does not answer for {zone}: {said}. A change cannot be proved there",
        fix="is it running, and is the zone loaded there? (rndc zonestatus)",
    )
