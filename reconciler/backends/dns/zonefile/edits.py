"""What may be done to the records of a zone file.  Records are named by owner, type and datum, never by line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """A new record.  value is canonical; without a ttl it gets that of its set, else the inherited one.

    stack is the name in its mark, None for no mark.
    """

    owner: str
    rrtype: str
    value: str
    ttl: int | None = None
    stack: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Another datum, TTL, or both, in the line that holds the record.

    before and value are canonical and may be equal.  Without a ttl the line keeps its own.  stack
    is the name in the mark that the line has afterwards, None for no mark.
    """

    owner: str
    rrtype: str
    before: str
    value: str
    ttl: int | None = None
    stack: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The record goes, with its whole line, and with every other line that says the same."""

    owner: str
    rrtype: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """The record gets this stack's mark and nothing else changes."""

    owner: str
    rrtype: str
    value: str
    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """The record loses its mark and nothing else changes."""

    owner: str
    rrtype: str
    value: str


Edit = Add | Replace | Delete | Adopt | Forget
