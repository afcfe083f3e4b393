"""Reads the text of a zone before it may be written: what makes a name server refuse or misread it.

`named-checkzone` says more where there is one; these rules always run.  They read no data that
they do not need: a file of 100,000 records is checked in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from reconciler.dnsdata import names, rrtypes, ttl
from reconciler.errors import Problem, collected

from .check_alias import alias_beside_others, alias_loops, name_server_without_address
from .check_text import cut_by_semicolon, one_policy_a_name, string_too_long
from .fields import text_of
from .scan import Inherited
from .zone import Zone

_MAX_LABEL: Final = 63
_MAX_NAME: Final = 254
_BOM: Final = b"\xef\xbb\xbf"


def check(zone: Zone) -> tuple[Problem, ...]:
    """Return everything that is wrong with the zone, in the order of the file."""
    return collected(problem for rule in _RULES for problem in rule(zone))


def _unreadable(zone: Zone) -> Iterator[Problem]:
    yield from zone.problems


def _byte_order_mark(zone: Zone) -> Iterator[Problem]:
    if zone.scan.data.startswith(_BOM):
        yield Problem(
            where=zone.where(0),
            rule="ZONE-19",
            summary="byte order mark at the start of the file",
            detail="Name servers take it for a part of the first name. Save the file as plain UTF-8 or ASCII.",
        )


def _start_of_authority(zone: Zone) -> Iterator[Problem]:
    found = zone.scan.of_type("SOA")
    if not found and not zone.includes:
        yield Problem(
            where=zone.where(0),
            rule="zone-no-soa",
            summary="zone without SOA",
            detail=f"No name server loads a zone without one. Write an SOA record for {zone.name}",
        )
    for index in found[1:]:
        yield Problem(
            where=zone.at(index),
            rule="zone-no-soa",
            summary="second SOA",
            detail="A zone has one SOA, at its top. Remove this one.",
        )
    if found and zone.serial is None:
        yield Problem(
            where=zone.at(found[0]),
            rule="zone-bad-serial",
            summary="bad serial",
            detail="The third field of the SOA must be a number up to 4294967295; units are not allowed there.",
        )


def _name_servers(zone: Zone) -> Iterator[Problem]:
    if not zone.includes and not zone.scan.find(zone.name, "NS"):
        yield Problem(
            where=zone.where(0),
            rule="zone-no-ns",
            summary="zone without NS",
            detail=f"No name server loads a zone without an NS record at its top. Write one for {zone.name}",
        )


def _out_of_zone(zone: Zone) -> Iterator[Problem]:
    scan, name = zone.scan, zone.name
    suffix = "." + name
    text = "\n".join(scan.owners) + "\n"
    inside = text.count(suffix + "\n") + scan.owners.count(name)
    if inside == len(scan.owners) and "\\" not in text:
        return  # The way of nearly every file, at C speed.
    suspects = [i for i, owner in enumerate(scan.owners) if not owner.endswith(suffix) or "\\" in owner]
    for index in suspects:
        owner = scan.owners[index]
        if names.is_under(owner, name):
            continue
        if index and scan.owners[index - 1] == owner and scan.is_blank_owner(index):
            continue
        yield Problem(
            where=zone.at(index),
            rule="ZONE-01",
            summary="owner outside of the zone",
            detail=_outside_detail(zone, index),
        )


def _outside_detail(zone: Zone, index: int) -> str:
    scan, owner = zone.scan, zone.scan.owners[index]
    line = scan.lines[index]
    origin = scan.origin_at(line)
    start = f"This record is for {owner}, which is not in {zone.name}; BIND leaves it out and goes on.\n"
    if not names.is_under(origin, zone.name) and names.is_under(owner, origin):
        since = max(at for at, _ in scan.origins if at <= line) + 1
        inside = owner + zone.name if origin == "." else owner.removesuffix(origin) + zone.name
        return (
            start
            + f"The $ORIGIN in force is {origin} since line {since}, and a name without a dot at its end "
            + "continues with it. Write the whole name, with its dot:\n"
            + f"    {inside}\n"
            + "or this line above the first relative name:\n"
            + f"    $ORIGIN {zone.name}"
        )
    return start + "Records of another zone belong into the file of that zone."


def _bad_names(zone: Zone) -> Iterator[Problem]:
    suspects = [name for name in zone.scan.first if len(name) > _MAX_LABEL or ".." in name or name[0] == "."]
    for owner in suspects:
        labels = owner.removesuffix(".").split(".")
        is_good = all(0 < len(label) <= _MAX_LABEL for label in labels) and len(owner) <= _MAX_NAME
        # Names with escapes were measured when they were read.
        if not is_good and "\\" not in owner and owner != ".":
            yield Problem(
                where=zone.at(zone.scan.first[owner]),
                rule="zone-bad-name",
                summary="bad owner name",
                detail=f"{names.shown(owner)} has an empty label, one longer than 63 octets, or is too long.",
            )


def _unknown_types(zone: Zone) -> Iterator[Problem]:
    for rrtype in sorted(set(zone.scan.types)):
        if not rrtypes.is_known(rrtype):
            yield Problem(
                where=zone.at(zone.scan.types.index(rrtype)),
                rule="zone-unknown-type",
                summary="unknown record type",
                detail=f"{names.shown(rrtype)} is not a record type. A new one is written TYPE and its number, "
                "with its data in the generic form (RFC 3597).",
            )


def _times_to_live(zone: Zone) -> Iterator[Problem]:
    scan = zone.scan
    if None in scan.ttls:
        index = scan.ttls.index(None)
        if scan.default_at(scan.lines[index]) is Inherited.CHAIN:
            yield Problem(
                where=zone.at(index),
                rule="ZONE-13",
                summary="no TTL",
                detail="Neither this record nor a $TTL above it says one. Write this as the first line:\n"
                "    $TTL 3600",
            )
    zeros = [index for index, seconds in enumerate(scan.ttls) if seconds == 0] if 0 in scan.ttls else []
    for index in zeros:
        token = scan.fields(index).ttl
        if token is not None and ttl.seconds(text_of(scan.data, token)) > ttl.MAX_TTL:
            yield Problem(
                where=zone.where(token.start),
                rule="ZONE-13",
                summary="bad TTL",
                detail=f"The TTL is over {ttl.MAX_TTL}, the most that RFC 2181 allows; BIND takes 0 for it.",
            )


_RULES: Final[tuple[Callable[[Zone], Iterator[Problem]], ...]] = (
    _byte_order_mark,
    _unreadable,
    _start_of_authority,
    _name_servers,
    _out_of_zone,
    _bad_names,
    _unknown_types,
    _times_to_live,
    alias_beside_others,
    alias_loops,
    name_server_without_address,
    one_policy_a_name,
    cut_by_semicolon,
    string_too_long,
)
