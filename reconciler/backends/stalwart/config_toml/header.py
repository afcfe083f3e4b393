"""Reads table headers, `[name]` and `[[name]]`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from reconciler.errors import InputError

from .lexer import SPACE, Cursor, quoted_part

_NAME_START: Final = re.compile(rb"[0-9A-Za-z_\x80-\xff-]")


class Header(NamedTuple):
    """is_numbered says that it is `[[name]]`; the number is not in the name yet."""

    name: str
    is_numbered: bool


def header(cursor: Cursor) -> Header:
    """Return the header that begins here, read up to its last bracket.

    The server lower-cases what is not in quotes, except the first character of `[name]`.
    """
    cursor.at += 1
    cursor.skip(SPACE)
    if cursor.peek() == b"[":
        cursor.at += 1
        name = _name(cursor, keeps_first=False)
        cursor.skip(SPACE)
        if cursor.peek() != b"]":
            raise _fault(cursor, "`[[` is closed by `]]`.")
        cursor.at += 1
        return Header(name, True)
    if not _NAME_START.match(cursor.data, cursor.at):
        raise _fault(
            cursor,
            "A table name begins with a letter or a digit.  Stalwart does not read one that begins with a quote:\n"
            'write `[server]` and a line such as `"a.b" = "value"`.',
        )
    return Header(_name(cursor, keeps_first=True), False)


def _name(cursor: Cursor, *, keeps_first: bool) -> str:
    """Return the name up to "]", which is read too."""
    parts: list[str] = []
    while (char := cursor.peek()) != b"]":
        if char in (b"", b"\n"):
            raise _fault(cursor, "The header ends with `]`, on its line.")
        if char in (b" ", b"\t", b"\r"):
            cursor.at += 1
        elif char == b'"':
            parts.append(quoted_part(cursor))
        else:
            letter = cursor.char()
            if not letter.isalnum() and letter not in "._-":
                raise _fault(cursor, "Write names that are more than words in double quotes.")
            is_lowered = letter.isascii() and (parts or not keeps_first)
            parts.append(letter.lower() if is_lowered else letter)
            cursor.at += len(letter.encode())
    name = "".join(parts)
    if not name:
        raise _fault(cursor, "A table has a name.")
    cursor.at += 1
    return name


def _fault(cursor: Cursor, detail: str) -> InputError:
    return cursor.fault("config-header", "table header cannot be read", detail)
