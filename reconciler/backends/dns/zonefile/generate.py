"""$GENERATE: the records that one line stands for (BIND 9 ARM, "BIND Primary File Extension")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from reconciler.dnsdata import names, rrtypes, ttl
from reconciler.dnsdata.tokens import Fault, Logical

from .fields import Fields, fields_of, text_of

MAX_EXPANSION: Final = 65536

_RANGE: Final = re.compile(r"([0-9]{1,10})-([0-9]{1,10})(?:/([0-9]{1,10}))?")
_SLOT: Final = re.compile(
    r"\\(.) | \$\$ | \$\{(-?[0-9]{1,10})(?:,([0-9]{1,3})(?:,([doxXnN]))?)?\} | \$", re.VERBOSE | re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """One $GENERATE line.  owner and rdata are templates; ttl is None where it is inherited."""

    line: int
    numbers: range
    owner: str
    ttl: int | None
    rrtype: str
    rdata: str
    origin: str

    def records(self) -> Iterator[tuple[str, str, str]]:
        """Yield (owner, type, rdata text), in the order of the numbers, at most MAX_EXPANSION.

        A number that gives no valid owner is left out: BIND does not load such a line at all.
        """
        for number in self.numbers[:MAX_EXPANSION]:
            try:
                owner = names.absolute(_filled(self.owner, number), self.origin)
            except names.BadData:
                continue
            yield owner, self.rrtype, _filled(self.rdata, number)


def generate_of(data: bytes, line: Logical, number: int, origin: str) -> Generate | Fault:
    """Return what a $GENERATE stands for: range, owner, [TTL] [class] type, one token of data."""
    if len(line.tokens) < 5:
        return Fault(line.start, "$GENERATE is too short", "Write $GENERATE range owner type data.")
    numbers = _numbers(text_of(data, line.tokens[1]))
    if numbers is None:
        return Fault(line.tokens[1].start, "bad range in $GENERATE", "Write it as 1-20 or 1-20/2.")
    fields = _record_part(data, line)
    if isinstance(fields, Fault):
        return fields
    if len(fields.rdata) != 1:
        return Fault(
            line.start, "$GENERATE takes one token of data", "Put data with blanks in them in quotes."
        )
    return Generate(
        line=number,
        numbers=numbers,
        owner=text_of(data, line.tokens[2]),
        ttl=ttl.effective(ttl.seconds(text_of(data, fields.ttl))) if fields.ttl else None,
        rrtype=rrtypes.normal(text_of(data, fields.rrtype)),
        rdata=text_of(data, fields.rdata[0]),
        origin=origin,
    )


def _record_part(data: bytes, line: Logical) -> Fields | Fault:
    """Return the tokens of a $GENERATE line from its owner on, read like a record's."""
    return fields_of(data, replace(line, start=line.tokens[2].start, tokens=line.tokens[2:]))


def _numbers(text: str) -> range | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
    return range(first, last + 1, step) if first <= last and step else None


def _filled(template: str, number: int) -> str:
    """Return the template with the number in each place of ``$`` and ``${offset,width,base}``."""

    def fill(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        if match[0] == "$$":
            return "\\$"
        value = number + int(match[2] or 0)
        width, base = int(match[3] or 0), match[4] or "d"
        if base == "d":
            return f"{value:0{width}d}"
        value &= 0xFFFFFFFF
        return _nibbles(value, width, base) if base in "nN" else f"{value:0{width}{base}}"

    return _SLOT.sub(fill, template)


def _nibbles(value: int, width: int, base: str) -> str:
    """Return the hex digits in reverse with dots between them, as ip6.arpa wants.

    Digits and dots count in the width, so an even one ends in a dot (BIND 9.18).
    """
    digits = f"{value:{'X' if base == 'N' else 'x'}}"[::-1]
    text = ".".join(digits.ljust((width + 1) // 2, "0"))
    return text + "." if len(text) < width else text
