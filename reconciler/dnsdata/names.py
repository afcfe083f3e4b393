"""Domain names as zone files write them, brought to one form.

The one form is absolute, lower-case, ASCII, with a dot at the end and with the escapes of
RFC 1035 §5.1 only where they are needed: ``mail.example.org.``, ``a\\.b.example.org.``.
Two names are the same name exactly when these texts are equal (RFC 4343).
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9_*/-]{1,63}\.)*+[A-Za-z0-9_*/-]{1,63}\.?")
_PIECE: Final = re.compile(r"\\([0-9]{3})|\\([^0-9])|(\.)|([^\\.])", re.DOTALL)
_SPECIAL: Final = frozenset(b'"().;\\@$')
_MAX_WIRE: Final = 255


class BadData(ValueError):
    """A name, TTL or datum that cannot be read.  The message is a sentence for people."""


def absolute(text: str, origin: str) -> str:
    """Return the one form of a name that stands in a zone file under that $ORIGIN.

    text holds one character for each octet (Latin-1), origin is in the one form.
    Raises BadData.
    """
    if text == "@":
        return origin
    if _PLAIN.fullmatch(text):
        name = text.lower()
        if not name.endswith("."):
            name += "." + origin if origin != "." else "."
        if len(name) <= _MAX_WIRE - 1:
            return name
    elif text == ".":
        return text
    labels, is_absolute = _labels(text)
    name = "".join(_presented(label) + "." for label in labels)
    if not is_absolute:
        labels += _labels(origin)[0]
        name += origin if origin != "." else ""
    if sum(len(label) + 1 for label in labels) + 1 > _MAX_WIRE:
        raise BadData(f"The name {shown(text)} is longer than 255 octets.")
    return name


def _labels(text: str) -> tuple[list[bytes], bool]:
    """Return the lower-case labels, and whether a dot ends the name."""
    labels: list[bytes] = []
    label = bytearray()
    position = 0
    ends_with_dot = False
    if text == ".":
        return labels, True
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None or (piece[1] and int(piece[1]) > 255):
            raise BadData(
                f"The name {shown(text)} holds a bad escape; write \\DDD with three digits up to 255."
            )
        position = piece.end()
        ends_with_dot = piece[3] is not None
        if ends_with_dot:
            if not label:
                raise BadData(
                    f"The name {shown(text)} holds an empty label (two dots, or a dot at its start)."
                )
            labels.append(bytes(label).lower())
            label.clear()
            continue
        label += bytes([int(piece[1])]) if piece[1] else (piece[2] or piece[4]).encode("latin-1", "replace")
        if len(label) > 63:
            raise BadData(f"A label of the name {shown(text)} is longer than 63 octets.")
    if label:
        labels.append(bytes(label).lower())
    if not labels:
        raise BadData("The name is empty.")
    return labels, ends_with_dot


def _presented(label: bytes) -> str:
    return "".join(
        "\\" + chr(octet) if octet in _SPECIAL else chr(octet) if 0x20 < octet < 0x7F else f"\\{octet:03d}"
        for octet in label
    )


def is_under(name: str, zone: str) -> bool:
    """Say whether the name is the zone's or below it.  Both in the one form."""
    if name == zone or zone == ".":
        return True
    if not name.endswith("." + zone):
        return False
    # "a\.example.org." is a neighbour of example.org., not a name in it.
    before = name[: -len(zone) - 1]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 0


def relative(name: str, origin: str) -> str:
    """Return the text that means the name under that $ORIGIN: ``@``, a relative name, or the name itself.

    Under ``$ORIGIN .`` every name stays absolute: ``mail.example.org`` would be right there and is
    misread by everyone.
    """
    if name == origin:
        return "@" if origin != "." else name
    if origin == "." or not is_under(name, origin):
        return name
    return name[: -len(origin) - 1]


def parent(name: str) -> str:
    """Return the name without its first label; the root is its own parent."""
    end = 0
    while end < len(name):
        piece = _PIECE.match(name, end)
        if piece is None:
            break
        end = piece.end()
        if piece[3]:
            break
    return name[end:] or "."


def shown(text: str) -> str:
    """Return the text in quotes, shortened, for a message."""
    return f'"{text[:60]}..."' if len(text) > 63 else f'"{text}"'
