"""How the neighbours of a new record are written: its columns, its blanks, its way with names."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.dnsdata import data as rdata_rules

from .fields import Fields, text_of
from .scan import Scan

_REACH: Final = 6  # records looked at on each side of the place
_TAB: Final = 8


class Gap(NamedTuple):
    """The blanks before one field, and the column in which the field begins, with tabs at every 8."""

    text: bytes
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the neighbours do.  gaps is by the field that follows: ttl, class, type, data."""

    gaps: dict[str, tuple[Gap, ...]]
    indent: bytes
    rrclass: bytes
    is_lower: bool
    has_absolute_owners: bool

    def before(self, field: str, column: int) -> bytes:
        """Return the blanks between a column and the next field."""
        samples = self.gaps.get(field, ())
        if not samples:
            return self._default_gap()
        (text, texts), *_ = Counter(gap.text for gap in samples).most_common(1)
        (target, columns), *_ = Counter(gap.column for gap in samples).most_common(1)
        # One blank may be a column by chance; several are meant as one.
        if columns > texts or (columns == texts and len(text) > 1):
            return pad(column, target, with_tabs=any(b"\t" in gap.text for gap in samples))
        return text

    def _default_gap(self) -> bytes:
        tabs = sum(gap.text.startswith(b"\t") for samples in self.gaps.values() for gap in samples)
        return b"\t" if tabs or not self.gaps else b" "


def pad(column: int, target: int, *, with_tabs: bool) -> bytes:
    """Return the blanks that lead from a column to a later one; at least one, when it is not later."""
    if column >= target:
        return b"\t" if with_tabs else b" "
    blanks = b""
    while with_tabs and column // _TAB * _TAB + _TAB <= target:
        column = column // _TAB * _TAB + _TAB
        blanks += b"\t"
    return blanks + b" " * (target - column)


def width(text: bytes, column: int = 0) -> int:
    """Return the column behind a text that begins in a column."""
    for octet in text:
        column = column // _TAB * _TAB + _TAB if octet == 0x09 else column + 1
    return column


def style_at(scan: Scan, anchor: int) -> Style:
    """Return how the records around one are written; those on one line say it."""
    around = sorted(range(anchor - _REACH, anchor + _REACH + 1), key=lambda index: abs(index - anchor))
    found = [scan.fields(index) for index in around if 0 <= index < len(scan.owners)]
    neighbours = [fields for fields in found if fields.line.lines == 1 and fields.rdata] or found
    owners = [text_of(scan.data, fields.owner) for fields in neighbours if fields.owner is not None]
    named = [owner for owner in owners if owner != "@"]
    classes = Counter(_class_text(scan, fields) for fields in neighbours)
    return Style(
        gaps=_gaps(scan, neighbours),
        indent=next((_indent(scan, fields) for fields in neighbours if fields.owner is None), b""),
        rrclass=classes.most_common(1)[0][0],
        is_lower=all(text_of(scan.data, fields.rrtype).islower() for fields in neighbours),
        has_absolute_owners=bool(named) and sum(owner.endswith(".") for owner in named) * 2 > len(named),
    )


def writes_relative_targets(scan: Scan, rrtype: str, anchor: int) -> bool:
    """Say whether the record of the type that is nearest to the place writes a relative name."""
    position = rdata_rules.NAME_AT.get(rrtype)
    if position is None:
        return False
    same = scan.of_type(rrtype)
    behind = bisect_left(same, anchor)
    around = same[max(behind - 1, 0) : behind + 1]
    if not around:
        return False
    nearest = min(around, key=lambda index: abs(index - anchor))
    return is_relative(scan, scan.fields(nearest), position)


def is_relative(scan: Scan, fields: Fields, position: int) -> bool:
    """Say whether the name at a position of the rdata is written relative to the $ORIGIN."""
    if len(fields.rdata) <= position:
        return False
    return not text_of(scan.data, fields.rdata[position]).endswith(".")


def _class_text(scan: Scan, fields: Fields) -> bytes:
    return scan.data[fields.rrclass.start : fields.rrclass.end] if fields.rrclass else b""


def _indent(scan: Scan, fields: Fields) -> bytes:
    return scan.data[fields.line.start : fields.line.tokens[0].start]


def _gaps(scan: Scan, neighbours: Iterable[Fields]) -> dict[str, tuple[Gap, ...]]:
    gaps: dict[str, list[Gap]] = {}
    for fields in neighbours:
        parts = [("ttl", fields.ttl), ("class", fields.rrclass), ("type", fields.rrtype)]
        tokens = [(name, token) for name, token in parts if token is not None]
        if fields.rdata:
            tokens.append(("data", fields.rdata[0]))
        end = fields.owner.end if fields.owner else fields.line.start
        for name, token in sorted(tokens, key=lambda entry: entry[1].start):
            blanks = scan.data[end : token.start]
            if not blanks.strip(b" \t"):
                column = width(scan.data[fields.line.start : token.start])
                gaps.setdefault(name, []).append(Gap(blanks, column))
            end = token.end
    return {name: tuple(found) for name, found in gaps.items()}
