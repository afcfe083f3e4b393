"""Rules about CNAME records, and about the names that NS records point to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.dnsdata import names
from reconciler.errors import Problem

from .fields import text_of
from .scan import Scan
from .zone import Zone

# What may stand beside a CNAME: its signatures and proofs (RFC 4034 §2 to §4, RFC 3007 §3.2).
_BESIDE: Final = frozenset({"CNAME", "RRSIG", "NSEC", "KEY", "SIG", "NXT"})

_INTRICATE: Final = re.compile(rb'["()\\]')


def alias_beside_others(zone: Zone) -> Iterator[Problem]:
    """A name with a CNAME has nothing else, and one CNAME only (RFC 2181 §10.1)."""
    scan = zone.scan
    for owner in dict.fromkeys(scan.owners[index] for index in scan.of_type("CNAME")):
        indices = scan.of(owner)
        generated = zone.generated.get(owner, ())
        others = {scan.types[index] for index in indices} | {one.rrtype for one in generated}
        others -= _BESIDE
        aliases = [index for index in indices if scan.types[index] == "CNAME"]
        if others:
            kinds = ", ".join(sorted(others))
            yield Problem(
                where=zone.at(aliases[0]),
                rule="ZONE-02",
                summary="CNAME beside other data",
                detail=f"{owner} also has {kinds}, and no name server loads a zone with both. "
                f"Remove the CNAME, or move the other data to the name that it points to.",
            )
        elif len(aliases) > 1 and len({record.value for record in zone.find(owner, "CNAME")}) > 1:
            yield Problem(
                where=zone.at(aliases[1]),
                rule="ZONE-02",
                summary="two CNAMEs on one name",
                detail=f"{owner} can point to one name only. Remove one of them.",
            )


def alias_loops(zone: Zone) -> Iterator[Problem]:
    """A CNAME leads to something else in the end (RFC 1034 §3.6.2)."""
    targets = _targets(zone)
    done: set[str] = set()
    for start in targets:
        path: dict[str, None] = {}
        name = start
        while name in targets and name not in path and name not in done:
            path[name] = None
            name = targets[name]
        done.update(path)
        if name not in path:
            continue
        loop = list(path)[list(path).index(name) :]
        where = zone.at(zone.scan.find(name, "CNAME")[0])
        if len(loop) == 1:
            yield Problem(
                where=where,
                rule="ZONE-03",
                summary="CNAME to itself",
                detail=f"{name} points to {name}, so nobody ever gets an address. A CNAME says that a name is "
                "another name for some other host. Write an A record with the address instead.",
            )
        else:
            yield Problem(
                where=where,
                rule="ZONE-03",
                summary="CNAME loop",
                detail=" -> ".join([*loop, name]) + "\nOne of these names needs an A record instead.",
            )


def _targets(zone: Zone) -> dict[str, str]:
    """Return where each CNAME leads to."""
    scan = zone.scan
    found: dict[str, str] = {}
    for index in scan.of_type("CNAME"):
        try:
            found[scan.owners[index]] = names.absolute(
                _target_text(scan, index), scan.origin_at(scan.lines[index])
            )
        except names.BadData:
            continue  # `named-checkzone` says so; a name that cannot be read leads nowhere.
    return found


def _target_text(scan: Scan, index: int) -> str:
    """Return the name in a CNAME's data; a line without quotes and parentheses needs no lexer."""
    line = scan.lines[index]
    words = scan.data[scan.starts[line] : scan.starts[line + 1]].partition(b";")[0]
    if not _INTRICATE.search(words):
        return words.split()[-1].decode("latin-1")
    rdata = scan.fields(index).rdata
    return text_of(scan.data, rdata[0]) if rdata else ""


def name_server_without_address(zone: Zone) -> Iterator[Problem]:
    """A name server of the zone that is named inside it has an address there.

    BIND 9.18 refuses to load a primary zone otherwise (`check-integrity`).
    """
    if zone.includes:
        return
    for record in zone.find(zone.name, "NS"):
        if not names.is_under(record.value, zone.name) or _has_address(zone, record.value):
            continue
        yield Problem(
            where=zone.at_line(record.line),
            rule="NS-04",
            summary="name server without an address",
            detail=f"{record.value} has neither A nor AAAA in this zone, and BIND does not load it then. "
            f"Write an A record for {record.value}",
        )


def _has_address(zone: Zone, name: str) -> bool:
    """Say whether the zone gives the name an address, or leaves that to a wildcard or to a delegation."""
    types = {zone.scan.types[index] for index in zone.scan.of(name)}
    types |= {one.rrtype for one in zone.generated.get(name, ())}
    if types & {"A", "AAAA"}:
        return True
    above = name
    while above != zone.name:
        if zone.scan.find(above, "NS") or "*." + names.parent(above) in zone.scan.first:
            return True
        above = names.parent(above)
    return False
