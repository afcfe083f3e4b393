"""Character-strings (RFC 1035 §5.1): octets, their escapes, and the pieces of 255 that a TXT record has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from .names import BadData, shown
from .tokens import Token, tokenize, words

MAX_STRING: Final = 255

_ESCAPE: Final = re.compile(r"\\(?:([0-9]{3})|(.))", re.DOTALL)
_INTRICATE: Final = re.compile(r"[^!#-\'*-:<-\[\]-~ ]|  |^ | $")
_UNPRINTABLE: Final = re.compile(r"(\\[\x20-\x7e])|\\?([^\x20-\x7e])")


def split(text: str) -> list[str]:
    """Return the tokens of rdata text, quotes kept.  Raises BadData when something is left open."""
    if not _INTRICATE.search(text):
        return text.split(" ") if text else []
    return _cut(text, lambda tokens: tokens)


def split_words(text: str) -> list[str]:
    """Return the words of rdata text: what stands between blanks, quotes kept.  Raises BadData."""
    return _cut(text, words)


def _cut(text: str, pieces: Callable[[tuple[Token, ...]], Iterable[Token]]) -> list[str]:
    data = text.encode("latin-1", "replace")
    line = tokenize(data, 0)
    if line.fault is not None:
        raise BadData(f"{shown(text)} cannot be read: {line.fault.summary}. {line.fault.detail}")
    if line.comments or line.end < len(data):
        raise BadData(f"{shown(text)} is cut by a semicolon or a line break; put it in quotes.")
    return [data[piece.start : piece.end].decode("latin-1") for piece in pieces(line.tokens)]


def octets_of(token: str) -> bytes:
    """Return the octets that one token means, quoted or not.  Raises BadData."""
    inner = token[1:-1] if token.startswith('"') else token
    if "\\" not in inner:
        return inner.encode("latin-1", "replace")

    def octet(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[2]
        if int(match[1]) > 255:
            raise BadData(f"{shown(token)} holds the escape {match[0]}, which is over 255.")
        return chr(int(match[1]))

    return _ESCAPE.sub(octet, inner).encode("latin-1", "replace")


def quoted(octets: bytes) -> str:
    """Return the octets as one string in quotes."""
    return '"' + "".join(map(_PRESENTED.__getitem__, octets)) + '"'


_PRESENTED: Final = [
    f"\\{chr(octet)}" if octet in b'"\\' else chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
    for octet in range(256)
]


def ascii_of(raw: bytes) -> str:
    """Return bytes of a zone file as text, everything but printable ASCII as escapes."""
    text = raw.decode("latin-1")
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda match: match[1] or f"\\{ord(match[2]):03d}", text)


def pieces(octets: bytes) -> list[bytes]:
    """Return the octets in strings of at most 255; BIND does not load a zone with a longer one."""
    return [octets[start : start + MAX_STRING] for start in range(0, len(octets), MAX_STRING)] or [b""]
