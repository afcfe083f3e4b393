"""`--zone`: a zone file, and the zone that is in it."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.cli.hosts import Hosts
from reconciler.config.dns import Place, Ssh
from reconciler.errors import InputError, Problem

_NAMED = re.compile(r"(?P<zone>[a-z0-9_-]+(?:\.[a-z0-9_-]+)+)=(?P<rest>.+)", re.IGNORECASE)
_CONTAINER = re.compile(r"(?P<container>[A-Za-z0-9][A-Za-z0-9_.-]*):(?P<path>/.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneArgument:
    """What `--zone` says: a file, here or in a container, and perhaps its zone (without a dot)."""

    text: str
    place: Place
    zone: str = ""


def place_of(text: str, *, is_remote: bool) -> Place:
    """Return the file that `PATH` or `CONTAINER:PATH` names; here it is made absolute."""
    if found := _CONTAINER.fullmatch(text):
        return Place(path=found["path"], container=found["container"])
    if is_remote and not text.startswith("/"):
        detail = "With --via it is meant on the other machine, so write it from the root: /..."
        raise InputError(Problem(summary=f"{text}: a path that is not absolute", detail=detail, rule="path"))
    return Place(path=text if is_remote else os.path.abspath(os.path.expanduser(text)))


def argument(text: str, *, is_remote: bool) -> ZoneArgument:
    """Return what `FILE`, `CONTAINER:FILE` or `ZONE=...` says."""
    named = _NAMED.fullmatch(text)
    rest = named["rest"] if named else text
    zone = named["zone"].lower().rstrip(".") if named else ""
    return ZoneArgument(text=text, place=place_of(rest, is_remote=is_remote), zone=zone)


def zone_of(found: ZoneArgument, hosts: Hosts, via: Ssh | None, domains: Sequence[str]) -> str:
    """Return the zone in a file, without a dot at its end.  Reads only.

    Most files do not say it: their SOA stands at "@".  Then it is the domain of the server that the
    file's name names, or the only one.  Raises InputError where that is not clear.
    """
    path = found.place.path
    data = hosts.files_of(found.place, via).read(path)
    if found.zone:
        return Zone.parse(data, name=found.zone, file=path).name.rstrip(".")
    try:
        return Zone.parse(data, name=None, file=path).name.rstrip(".")
    except InputError:
        fitting = _fitting(os.path.basename(path), domains)
    if len(fitting) != 1:
        likely = (fitting or list(domains) or ["example.org"])[0]
        raise InputError(
            Problem(
                summary=f"{path} does not say which zone it holds",
                detail=f'Its SOA stands at "@". Say it:\n\n    --zone {likely}={found.text}',
                rule="zone-nameless",
            )
        )
    return Zone.parse(data, name=fitting[0], file=path).name.rstrip(".")


def _fitting(name: str, domains: Sequence[str]) -> list[str]:
    """Return the domains that a file's name may mean: the longest that stands in it, else all."""
    inside = [
        domain
        for domain in domains
        if re.search(rf"(?<![a-z0-9-]){re.escape(domain)}(?![a-z0-9-])", name.lower())
    ]
    if not inside:
        return list(domains)
    longest = max(map(len, inside))
    return [domain for domain in inside if len(domain) == longest]
