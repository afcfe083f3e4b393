"""A stack -> its zone files.  Pure.  Several domains may share a zone; what one of them says holds for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from reconciler.backends.dns.activation import ZoneFile
from reconciler.config.dns import Place, Ssh
from reconciler.config.stack import Domain, Stack
from reconciler.config.tree import Path
from reconciler.errors import InputError, Problem, Where, collected
from reconciler.kinds.record import absolute

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A zone file, and the machine or container that its path and its reload are meant in."""

    where: ZoneFile
    place: Place
    via: Ssh | None


def zone_files(stack: Stack, find: Callable[[Path], Where]) -> dict[str, Placed]:
    """Return the zone files by zone, absolute with a dot.  find tells where a YAML node stands.

    Raises InputError where two domains contradict each other about their zone, or two zones are
    in one file.
    """
    by_zone: dict[str, list[Domain]] = {}
    for domain in stack.domains.values():
        by_zone.setdefault(domain.dns.zone, []).append(domain)
    faults: list[Problem] = []
    found: dict[str, Placed] = {}
    zones: dict[tuple[Place, Ssh | None], str] = {}
    for zone, domains in by_zone.items():
        faults += _contradictions(zone, domains, find)
        place = _said(d.dns.zonefile for d in domains)
        if place is None:
            continue
        via = _said(d.dns.via for d in domains)
        if zones.setdefault((place, via), zone) != zone:
            faults.append(_shared(place, zones[place, via], zone, find((*domains[0].dns.at, "zonefile"))))
        where = ZoneFile(
            zone=zone,
            path=place.path,
            reload=_said(d.dns.reload for d in domains) or (),
            servers=_said(d.dns.servers for d in domains) or (),
            timeout=max(d.dns.timeout for d in domains),
        )
        found[absolute(zone)] = Placed(where=where, place=place, via=via)
    if faults:
        raise InputError(*collected(faults))
    return found


def _said(values: Iterable[T | None]) -> T | None:
    """Return the first value that says something."""
    return next((value for value in values if value), None)


def _contradictions(zone: str, domains: list[Domain], find: Callable[[Path], Where]) -> Iterator[Problem]:
    for key in ("zonefile", "via", "reload", "servers"):
        said = [(getattr(domain.dns, key), domain) for domain in domains if getattr(domain.dns, key)]
        for value, domain in said[1:]:
            if value != said[0][0]:
                first = find((*said[0][1].dns.at, key))
                yield Problem(
                    where=find((*domain.dns.at, key)),
                    summary=f"two different {key} for one zone",
                    detail=(
                        f"{said[0][1].name} and {domain.name} both stand in the zone {zone}, and {first} says "
                        "something else. Say it once."
                    ),
                    rule="zone-twice",
                )


def _shared(place: Place, first: str, second: str, where: Where) -> Problem:
    return Problem(
        where=where,
        summary="one file for two zones",
        detail=(
            f"{place.path} is named for the zones {first} and {second}, and a file holds one. If {second} is "
            f"not delegated, its records stand in {first}: write `zone: {first}`."
        ),
        rule="zone-file-twice",
    )
