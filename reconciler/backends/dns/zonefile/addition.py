"""The line of a new record, as the person who wrote its neighbours would write it."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.dnsdata import names

from .edits import Add
from .marks import mark_text
from .scan import Inherited, Scan
from .style import Style, style_at, width, writes_relative_targets
from .writing import joined, rdata_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a line goes: behind which record, and the owner and TTL that it would inherit there."""

    scan: Scan
    anchor: int
    owner: str
    ttl: int | None

    @property
    def line(self) -> int:
        return self.scan.lines[self.anchor]

    @property
    def inherited(self) -> int | None:
        """The TTL of a line that writes none; None when an included file decides."""
        default = self.scan.default_at(self.line)
        if isinstance(default, int):
            return default
        return self.ttl if default is Inherited.CHAIN else None

    @property
    def usual(self) -> int | None:
        """The TTL of a line of which nobody says one: the default, else that of its neighbour."""
        default = self.scan.default_at(self.line)
        return self.scan.ttls[self.anchor] if default is Inherited.CHAIN else self.inherited

    @property
    def writes_every_ttl(self) -> bool:
        """Whether there is no $TTL and the neighbour does not rely on the line before it."""
        is_chained = self.scan.default_at(self.line) is Inherited.CHAIN
        return is_chained and self.scan.fields(self.anchor).ttl is not None


def added_line(one: Add, place: Place, wanted: int | None, newline: bytes) -> tuple[bytes, int | None]:
    """Return the line of a new record, its newline included, and the TTL that it has.

    wanted is the TTL that it must have, None for the inherited one.
    """
    seconds = place.usual if wanted is None else wanted
    is_written = seconds is not None and (seconds != place.inherited or place.writes_every_ttl)
    style = style_at(place.scan, place.anchor)
    rrtype = one.rrtype.lower() if style.is_lower else one.rrtype
    parts = [
        ("ttl", b"%d" % seconds if is_written and seconds is not None else b""),
        ("class", style.rrclass),
        ("type", rrtype.encode("ascii")),
    ]
    line = _owner_text(one.owner, place, style)
    for name, text in parts:
        if text:
            line += (style.before(name, width(line)) if line else style.indent or b"\t") + text
    line += style.before("data", width(line))
    relative = writes_relative_targets(place.scan, one.rrtype, place.anchor)
    tokens = rdata_tokens(one.rrtype, one.value, place.scan.origin_at(place.line), relative=relative)
    line += joined(tokens, one.rrtype, width(line), newline, with_tabs=b"\t" in line)
    if one.stack is not None:
        line += b" " + mark_text(one.stack, one.owner, one.rrtype, one.value)
    return line + newline, seconds


def _owner_text(owner: str, place: Place, style: Style) -> bytes:
    """Return the owner as it is written here, empty where the neighbour leaves it blank too."""
    scan, anchor = place.scan, place.anchor
    if scan.is_blank_owner(anchor) and place.owner == owner:
        return b""
    token = scan.fields(anchor).owner
    if token is not None and scan.owners[anchor] == owner:
        return scan.data[token.start : token.end]
    if style.has_absolute_owners:
        return owner.encode("ascii")
    return names.relative(owner, scan.origin_at(place.line)).encode("ascii")
