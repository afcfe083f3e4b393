"""Patches of a file, and where lines and elements end in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from .tree import Container, Item

_COMMENT: Final = re.compile(rb"[ \t]*#[^\r\n]*")


class Patch(NamedTuple):
    """The text that comes in place of the bytes from start to end."""

    start: int
    end: int
    text: bytes


def spliced(data: bytes, patches: Iterable[Patch]) -> bytes:
    """Return the data with the patches in place; they do not overlap."""
    for patch in sorted(patches, reverse=True):
        data = data[: patch.start] + patch.text + data[patch.end :]
    return data


def newline_of(data: bytes) -> bytes:
    """Return the newline of the file: that of its first line."""
    return b"\r\n" if data[: data.find(b"\n") + 1].endswith(b"\r\n") else b"\n"


def line_start(data: bytes, offset: int) -> int:
    return data.rfind(b"\n", 0, offset) + 1


def line_end(data: bytes, offset: int) -> int:
    """Return the offset behind the newline of this line, or that of the end of the file."""
    return data.find(b"\n", offset) + 1 or len(data)


def indent_of(data: bytes, offset: int) -> bytes | None:
    """Return the blanks in front of what begins here; None where something else is on its line before it."""
    before = data[line_start(data, offset) : offset]
    return None if before.strip(b" \t") else before


def block_end(data: bytes, offset: int) -> int:
    """Return the end of the comment lines that follow here.

    Comment lines on top of a header, with no blank line in between, belong to it and do not count.
    """
    end = offset
    while data[end:].lstrip(b" \t").startswith(b"#"):
        end = line_end(data, end)
    return offset if data[end:].lstrip(b" \t").startswith(b"[") else end


def tail(data: bytes, item: Item) -> int:
    """Return the offset behind an element, its comma and a comment on the same line."""
    return past_comment(data, item.end if item.comma is None else item.comma + 1)


def head(data: bytes, container: Container) -> int:
    """Return the offset behind an opening bracket and a comment on the same line."""
    return past_comment(data, container.start + 1)


def past_comment(data: bytes, offset: int) -> int:
    match = _COMMENT.match(data, offset)
    return match.end() if match else offset
