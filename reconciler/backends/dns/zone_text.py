"""A zone file -> what the rules of lint look at.  Pure."""

from __future__ import annotations

from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.dnsdata import names
from reconciler.dnsdata.strings import octets_of, split
from reconciler.errors import Problem
from reconciler.lint.lines import Line, ZoneText


def zone_text(zone: Zone) -> ZoneText:
    """Return a zone file as the rules see it."""
    generated = [
        Line(zone=zone.name, owner=g.owner, type=g.rrtype, value=g.value, where=zone.at_line(g.line))
        for several in zone.generated.values()
        for g in several
    ]
    lines = [
        Line(
            zone=zone.name,
            owner=record.owner,
            type=record.rrtype,
            value=record.value,
            ttl=record.ttl,
            where=zone.at_line(record.line),
            strings=_strings(record.rdata) if record.rrtype == "TXT" else (),
        )
        for record in zone.records
    ]
    return ZoneText(
        name=zone.name,
        file=zone.file,
        lines=(*lines, *generated),
        problems=_problems(zone),
        serial=zone.serial,
        includes=tuple(zone.at_line(one.line) for one in zone.includes),
        generates=tuple(zone.at_line(one.line) for one in zone.generates),
    )


def _problems(zone: Zone) -> tuple[Problem, ...]:
    """Return what is wrong with a file; what a byte order mark does to its first line is told once."""
    found = check(zone)
    if not any(problem.rule == "ZONE-19" for problem in found):
        return found
    return tuple(p for p in found if p.rule == "ZONE-19" or p.where is None or p.where.line != 1)


def _strings(rdata: str) -> tuple[str, ...]:
    try:
        return tuple(octets_of(token).decode("utf-8", "replace") for token in split(rdata))
    except names.BadData:
        return ()
