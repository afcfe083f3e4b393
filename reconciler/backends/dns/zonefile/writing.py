"""The text of data: in a new line, and in an old one."""

from __future__ import annotations

from typing import NamedTuple

from reconciler.dnsdata import data as rdata_rules
from reconciler.dnsdata import names, strings
from reconciler.dnsdata.tokens import words

from .fields import Fields, text_of
from .scan import Scan
from .style import is_relative, pad, width


class Patch(NamedTuple):
    """Bytes that take the place of a span."""

    start: int
    end: int
    text: bytes


def rdata_tokens(rrtype: str, value: str, origin: str, *, relative: bool) -> list[str]:
    """Return the tokens of a canonical datum as they are written under that $ORIGIN.

    TXT data are cut into strings of 255 octets.  They come in quotes, so no semicolon cuts them.
    """
    tokens = strings.split_words(value)
    if rrtype == "TXT" and len(tokens) == 1 and tokens[0] != "\\#":
        return [strings.quoted(piece) for piece in strings.pieces(strings.octets_of(tokens[0]))]
    position = rdata_rules.NAME_AT.get(rrtype)
    if relative and position is not None and len(tokens) > position and tokens[0] != "\\#":
        tokens[position] = names.relative(tokens[position], origin)
    return tokens


def joined(tokens: list[str], rrtype: str, column: int, newline: bytes, *, with_tabs: bool) -> bytes:
    """Return the tokens as rdata that begin in a column; several strings go into parentheses, one a line."""
    if rrtype != "TXT" or len(tokens) < 2:
        return " ".join(tokens).encode("ascii")
    indent = newline + pad(0, column + 2, with_tabs=with_tabs)
    return b"( " + indent.join(token.encode("ascii") for token in tokens) + b" )"


def new_rdata(scan: Scan, fields: Fields, rrtype: str, value: str, newline: bytes) -> list[Patch]:
    """Return the patches that put another datum into a line and keep its layout and comments."""
    position = rdata_rules.NAME_AT.get(rrtype)
    relative = position is not None and is_relative(scan, fields, position)
    origin = scan.origin_at(scan.line_of(fields.line.start))
    after = rdata_tokens(rrtype, value, origin, relative=relative)
    before = words(fields.rdata)
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [
            Patch(token.start, token.end, text.encode("ascii"))
            for at, (token, text) in pairs
            if not _means(text_of(scan.data, token), text, origin, is_name=at == position)
        ]
    return _rewritten(scan, fields, rrtype, after, newline)


def _means(before: str, after: str, origin: str, *, is_name: bool) -> bool:
    """Say whether a written token may stay: a name in capitals is the same name."""
    if not is_name:
        return False
    try:
        return names.absolute(before, origin) == names.absolute(after, origin)
    except names.BadData:
        return False


def _rewritten(scan: Scan, fields: Fields, rrtype: str, after: list[str], newline: bytes) -> list[Patch]:
    """Return the patches where the number of tokens changes."""
    line, before = fields.line, words(fields.rdata)
    if not before:
        place = fields.rrtype.end
        return [Patch(place, place, b" " + " ".join(after).encode("ascii"))]
    start, end = before[0].start, before[-1].end
    inside = [*line.parentheses, *(comment for comment, _ in line.comments)]
    if any(start < offset < end for offset in inside):
        # The person's words and parentheses between the tokens stay where they are.
        gone = [Patch(token.start, token.end, b"") for token in before[1:]]
        return [Patch(start, before[0].end, " ".join(after).encode("ascii")), *gone]
    head = scan.data[line.start : start]
    column = width(head.rpartition(b"\n")[2])
    with_tabs = b"\t" in head
    opened = sum(1 if scan.data[at] == ord("(") else -1 for at in line.parentheses if at < start)
    if opened:
        indent = newline + pad(0, column, with_tabs=with_tabs)
        return [Patch(start, end, indent.join(text.encode("ascii") for text in after))]
    return [Patch(start, end, joined(after, rrtype, column, newline, with_tabs=with_tabs))]
