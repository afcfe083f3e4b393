"""Records as the rules see them: each with its place, in a zone file or in the stack."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.errors import Problem, Where
from reconciler.kinds.record import Record, address_of, meaning, text_of
from reconciler.resource import Address, Resource

_LONGEST_STRING: Final = 255  # octets, RFC 1035 §3.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record.  owner and zone are absolute with a dot at the end, value is canonical (dnsdata.data).

    strings are the character-strings of a TXT record as they are written, where a file was read.
    is_default says that the stack names no text: what is live then stays.
    """

    zone: str
    owner: str
    type: str
    value: str
    ttl: int | None = None
    where: Where | None = None
    strings: tuple[str, ...] = ()
    is_declared: bool = False
    is_default: bool = False

    @property
    def text(self) -> str:
        """The joined text of a TXT record."""
        return text_of(self.value)

    @property
    def target(self) -> str:
        """The name that an MX, SRV, CNAME, NS or PTR record points to; "" for others."""
        return self.value.rpartition(" ")[2] if self.type in ("MX", "SRV", "CNAME", "NS", "PTR") else ""

    @property
    def is_doubled(self) -> bool:
        """Does the target hold the zone's name twice, for want of a dot?"""
        return f".{self.target}".endswith(f".{self.zone}{self.zone}")

    @property
    def glued(self) -> str:
        """The term that two strings of an SPF record make at their joint, by mistake; "" where none."""
        if not self.strings or not self.strings[0].lower().startswith("v=spf1"):
            return ""
        for before, after in zip(self.strings, self.strings[1:], strict=False):
            # A string of 255 octets was split by length, at any place.
            if before and after and " " not in (before[-1], after[0]) and len(before) < _LONGEST_STRING:
                return f"{before.rpartition(' ')[2]}{after.partition(' ')[0]}"
        return ""

    @property
    def meaning(self) -> str:
        """What a TXT record is for: spf, dmarc, dkim, tlsrpt, mtasts, or nothing of these."""
        return meaning(self.owner, self.type, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneText:
    """A zone file that was read.  problems are what its own checks say; serial is the SOA's.

    includes and generates are the places of such lines; what an included file holds is not known.
    """

    name: str
    file: str
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()
    serial: int | None = None
    includes: tuple[Where, ...] = ()
    generates: tuple[Where, ...] = ()


def bare(name: str) -> str:
    """Return a name as people write it: without the dot at its end."""
    return name if name == "." else name.removesuffix(".")


def lines_of(
    resources: Mapping[Address, Resource],
    where: Callable[[Address], Where | None],
    declared: Container[Address],
) -> Iterator[Line]:
    """Yield the records among resources whose data are known by now."""
    for address, record in resources.items():
        if not isinstance(record, Record):
            continue
        is_default = not isinstance(record.value, str)
        value = record.made if is_default else record.value
        if isinstance(value, str):
            ttl = record.ttl if isinstance(record.ttl, int) else None
            yield Line(
                zone=record.zone,
                owner=record.owner,
                type=record.type,
                value=value,
                ttl=ttl,
                where=where(address),
                is_declared=address in declared,
                is_default=is_default,
            )


def merged(present: Iterable[Line], declared: Iterable[Line]) -> tuple[Line, ...]:
    """Return the records as they will be: those of the files, with what the stack declares.

    What there can be one of only is replaced, unless the stack leaves its text to us; of a set with
    several values, the others stay.
    """
    found: dict[Address | tuple[Address, int], Line] = {}
    for number, line in enumerate(present):
        address = address_of(line.zone, line.owner, line.type, line.value)
        # The same record twice, or two with one meaning, are what some rules are about.
        found[(address, number) if address in found else address] = line
    for line in declared:
        address = address_of(line.zone, line.owner, line.type, line.value)
        if address in found and (found[address].value == line.value or line.is_default):
            found[address] = replace(found[address], is_declared=True)
        else:
            found[address] = line
    return tuple(found.values())
