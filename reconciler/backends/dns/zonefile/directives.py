"""The lines that begin with $: what each says.  $INCLUDE is noted, never followed."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.dnsdata import names, ttl
from reconciler.dnsdata.tokens import Fault, Logical

from .fields import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """An $INCLUDE: the file as it is written there, and the origin under which it is read."""

    line: int
    file: str
    origin: str


def keyword(data: bytes, line: Logical) -> str:
    """Return the directive's word in capitals; BIND 9.18 takes it in any case."""
    return text_of(data, line.tokens[0]).upper()


def origin_of(data: bytes, line: Logical, origin: str) -> str | Fault:
    """Return the name that an $ORIGIN sets; a relative one continues the one in force."""
    if len(line.tokens) != 2:
        return _wrong(line, "$ORIGIN takes one name", "Write $ORIGIN and a name with a dot at its end.")
    try:
        return names.absolute(text_of(data, line.tokens[1]), origin)
    except names.BadData as error:
        return Fault(line.tokens[1].start, "bad name", str(error))


def ttl_of(data: bytes, line: Logical) -> int | Fault:
    """Return the seconds that a $TTL sets."""
    if len(line.tokens) != 2:
        return _wrong(line, "$TTL takes one time", "Write $TTL and seconds, or units such as 1h.")
    try:
        return ttl.effective(ttl.seconds(text_of(data, line.tokens[1])))
    except names.BadData as error:
        return Fault(line.tokens[1].start, "bad TTL", str(error))


def include_of(data: bytes, line: Logical, number: int, origin: str) -> Include | Fault:
    """Return what an $INCLUDE brings in."""
    if len(line.tokens) not in (2, 3):
        return _wrong(line, "$INCLUDE takes a file and at most one origin", "Write $INCLUDE file [origin].")
    file = text_of(data, line.tokens[1])
    if len(line.tokens) == 2:
        return Include(line=number, file=file, origin=origin)
    try:
        return Include(line=number, file=file, origin=names.absolute(text_of(data, line.tokens[2]), origin))
    except names.BadData as error:
        return Fault(line.tokens[2].start, "bad name", str(error))


def _wrong(line: Logical, summary: str, detail: str) -> Fault:
    return Fault(line.start, summary, detail)
