"""One logical line, token by token: the slow and exact way.

A logical line ends with the newline outside of parentheses.  Quotes close on their own line,
unless the newline is escaped (BIND 9.18 takes that); comments run to the end of their physical
line, also within parentheses.  Every byte is either in a token, in a comment, or is blank,
newline or parenthesis, so that who knows the spans can change one token and keep the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

_PIECE: Final = re.compile(
    rb"""([ \t]+)
       | (\r?\n)
       | (;[^\n]*?)(?=\r?\n|\Z)
       | ([(])
       | ([)])
       | ("(?:[^"\\\n]|\\.)*+")
       | ((?:[^ \t\r\n;()"\\]|\\[^\r\n])++)
    """,
    re.VERBOSE | re.DOTALL,
)
_INTRICATE: Final = re.compile(rb'["()\\\r]')
_WORD: Final = re.compile(rb"[^ \t]+")
_BLANK, _NEWLINE, _COMMENT, _OPEN, _CLOSE, _QUOTED, _BARE = range(1, 8)


class Token(NamedTuple):
    """A span of the file.  A quoted token includes its quotes."""

    start: int
    end: int
    quoted: bool


def words(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens with those joined that have nothing between them, such as ``alpn="h2,h3"``."""
    found: list[Token] = []
    for token in tokens:
        if found and found[-1].end == token.start:
            found[-1] = Token(found[-1].start, token.end, False)
        else:
            found.append(token)
    return found


class Fault(NamedTuple):
    """What cannot be read, and the offset where it begins."""

    offset: int
    summary: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """The pieces of one logical line.

    `end` is behind its newline, `stop` before it (and before the CR).  `comments` are the spans of
    all comments, each from its semicolon, `parentheses` the offsets of all parentheses.  With a
    fault the line is its first physical line.
    """

    start: int
    stop: int
    end: int
    tokens: tuple[Token, ...]
    comments: tuple[tuple[int, int], ...]
    parentheses: tuple[int, ...]
    lines: int
    fault: Fault | None = None

    @property
    def trailing(self) -> tuple[int, int] | None:
        """The comment that ends the logical line, if one does."""
        if self.comments and self.comments[-1][1] == self.stop:
            return self.comments[-1]
        return None


def tokenize(data: bytes, start: int) -> Logical:
    """Return the logical line that begins at that offset."""
    plain = _plain(data, start)
    if plain is not None:
        return plain
    tokens: list[Token] = []
    comments: list[tuple[int, int]] = []
    parentheses: list[int] = []
    opened: list[int] = []
    position = stop = start
    newlines = 0
    while position < len(data):
        piece = _PIECE.match(data, position)
        if piece is None:
            return _faulty(data, start, _why_unreadable(data, position))
        kind, position, stop = piece.lastindex, piece.end(), piece.end()
        if kind == _NEWLINE:
            newlines += 1
            if not opened:
                stop = piece.start()
                break
        elif kind == _COMMENT:
            comments.append(piece.span())
        elif kind == _OPEN:
            opened.append(piece.start())
            parentheses.append(piece.start())
        elif kind == _CLOSE:
            if not opened:
                return _faulty(data, start, _UNOPENED._replace(offset=piece.start()))
            opened.pop()
            parentheses.append(piece.start())
        elif kind in (_QUOTED, _BARE):
            newlines += piece[0].count(b"\n")
            tokens.append(Token(*piece.span(), kind == _QUOTED))
    else:
        newlines += 1  # the last line of the file, which has no newline
    if opened:
        return _faulty(data, start, _UNCLOSED._replace(offset=opened[0]))
    return Logical(
        start=start,
        stop=stop,
        end=position,
        tokens=tuple(tokens),
        comments=tuple(comments),
        parentheses=tuple(parentheses),
        lines=newlines,
    )


def _plain(data: bytes, start: int) -> Logical | None:
    """Return a line that needs no care: no quotes, escapes or parentheses before its comment.  Most are."""
    newline = data.find(b"\n", start)
    end = newline + 1 or len(data)
    stop = end if newline < 0 else newline - (data[newline - 1 : newline] == b"\r")
    semicolon = data.find(b";", start, stop)
    code = stop if semicolon < 0 else semicolon
    if _INTRICATE.search(data, start, code):
        return None
    return Logical(
        start=start,
        stop=stop,
        end=end,
        tokens=tuple(Token(*word.span(), False) for word in _WORD.finditer(data, start, code)),
        comments=() if semicolon < 0 else ((semicolon, stop),),
        parentheses=(),
        lines=1,
    )


_UNOPENED: Final = Fault(0, "closing parenthesis without an opening one", "Remove it, or open one before.")
_UNCLOSED: Final = Fault(
    0, "parenthesis never closed", 'Close it with ")"; until then everything behind it is one record.'
)


def _why_unreadable(data: bytes, position: int) -> Fault:
    octet = data[position : position + 1]
    if octet == b'"':
        return Fault(position, "quote never closed", 'Close it with a second " on the same line.')
    if octet == b"\r":
        return Fault(
            position,
            "line ended by CR alone",
            "Name servers read a CR without LF as the end of the line, editors do not; write LF or CR LF.",
        )
    return Fault(position, "backslash at the end of the line", "Remove it; long data go into parentheses.")


def _faulty(data: bytes, start: int, fault: Fault) -> Logical:
    """Return the first physical line alone, so that the lines behind it are still read."""
    newline = data.find(b"\n", start)
    end = len(data) if newline < 0 else newline + 1
    stop = end if newline < 0 else newline - (data[newline - 1 : newline] == b"\r")
    return Logical(
        start=start, stop=stop, end=end, tokens=(), comments=(), parentheses=(), lines=1, fault=fault
    )
