"""Reads values: scalars, arrays and inline tables, in each other."""

from __future__ import annotations

from typing import Final

from reconciler.errors import InputError

from .lexer import BLANK, Cursor, key, scalar
from .tree import Container, Form, Item, Scalar, Shape, where

_MAX_DEPTH: Final = 10


def value(cursor: Cursor, flat: str, stops: bytes = b"", depth: int = 0) -> Scalar | Container | None:
    """Return the value that begins here, for that key; None where one of the stops stands in its place."""
    if depth == _MAX_DEPTH:
        detail = f"Stalwart reads {_MAX_DEPTH - 1} brackets within each other and no more."
        raise cursor.fault("config-value", "brackets are nested too deep", detail)
    char = cursor.peek()
    if not char:
        raise cursor.ended("a value")
    if char == b"[":
        return _array(cursor, flat, depth)
    if char == b"{":
        return _table(cursor, flat, depth)
    if char in stops:
        return None
    found = scalar(cursor)
    if found is None:
        raise cursor.fault(
            "config-value",
            "key without a value"
            if char == b"\n"
            else f"character {cursor.char()!r} where a value should begin",
            "The value stands on the line of its key: a string in quotes, a word, a number, `[` or `{`.",
        )
    return found


def unexpected(cursor: Cursor, before: Scalar | Container | None, expected: str) -> InputError:
    """Return the error about what stands behind a value."""
    detail = f"Here stands {expected}.  Write a value that is more than a word in double quotes."
    if isinstance(before, Scalar) and b"\n" in cursor.data[before.start : before.end]:
        line = where(cursor.data, before.start, cursor.file).line
        detail = (
            f"Here stands {expected}, behind a string that begins on line {line}.\n"
            'Is its closing quote missing, or behind a backslash?  Also `\\\\"` does not end a string.'
        )
    return cursor.fault("config-value", f"character {cursor.char()!r} behind a value", detail)


def _array(cursor: Cursor, flat: str, depth: int) -> Container:
    items: list[Item] = []
    start, stop = cursor.at, b","
    cursor.at += 1
    while stop == b",":
        cursor.skip(BLANK)
        begin, number = cursor.at, f"{flat}.{len(items):04}"
        found = value(cursor, number, b",]", depth + 1)
        end = cursor.at
        stop, comma = _stop(cursor, found, b",]")
        if found is not None or stop == b",":
            items.append(Item(key=number, start=begin, end=end, value=found, comma=comma))
    return Container(shape=Shape.ARRAY, key=flat, start=start, end=cursor.at, items=tuple(items))


def _table(cursor: Cursor, flat: str, depth: int) -> Container:
    """Read an inline table.  A key in it that has no "=" is a member of a set."""
    items: list[Item] = []
    start, stop = cursor.at, b","
    cursor.at += 1
    while stop == b",":
        name = key(cursor, in_table=True)
        inner = f"{flat}.{name.text}"
        found: Scalar | Container | None
        if name.stop == b"=":
            cursor.skip(BLANK)
            found = value(cursor, inner, b",}", depth + 1)
            end = cursor.at
            stop, comma = _stop(cursor, found, b",}")
            # A comment may follow this comma, but not the one behind a member of a set.
            if stop == b",":
                cursor.skip(BLANK)
        else:
            end, stop = name.end, name.stop
            comma = cursor.at - 1 if stop == b"," else None
            found = Scalar(form=Form.MEMBER, start=end, end=end, text="")
        items.append(Item(key=inner, start=name.start, end=end, value=found, comma=comma))
    return Container(shape=Shape.TABLE, key=flat, start=start, end=cursor.at, items=tuple(items))


def _stop(cursor: Cursor, before: Scalar | Container | None, stops: bytes) -> tuple[bytes, int | None]:
    """Read the comma or bracket behind an element; return it, and its place if it is a comma."""
    cursor.skip(BLANK)
    char = cursor.peek()
    if not char:
        raise cursor.ended("brackets")
    if char not in stops:
        raise unexpected(cursor, before, " or ".join(f"`{chr(stop)}`" for stop in stops))
    cursor.at += 1
    return char, cursor.at - 1 if char == b"," else None
