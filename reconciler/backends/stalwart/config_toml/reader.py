"""Reads a config.toml as Stalwart 0.11 to 0.15 does at boot (utils/src/config/parser.rs).

Stricter than the server in what no person writes on purpose, so that nothing is guessed: a
carriage return that ends no line, a table name that begins with a sign, text between the two
brackets that close `[[a]]`, an empty quoted key before a line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.errors import InputError, Problem

from .header import header
from .lexer import BLANK, SPACE, Cursor, key
from .tree import ConfigToml, Entry, Form, Item, Scalar, Section, leaves, where
from .values import unexpected, value

_LINE: Final = re.compile(rb"[^\n]*+\n?")
_END_OF_LINE: Final = re.compile(rb"\n|#[^\n]*+\n?")
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_KEY_START: Final = re.compile(rb'[0-9A-Za-z"]')


def read(data: bytes, *, file: str, odd_keys: bool = True) -> ConfigToml:
    """Return what the file holds.

    odd_keys says whether the server takes keys without quotes that hold more than ASCII letters,
    digits, ".", "-" and "_" (0.13.1 and later); one before that does not start with them.  Raises
    InputError, with the place, for what the server refuses and for what this reader does not know.
    """
    _check_bytes(data, file)
    cursor = Cursor(data=data, file=file, odd_keys=odd_keys)
    sections = tuple(_sections(cursor))
    entries = _entries(sections, cursor)
    return ConfigToml(data=data, file=file, odd_keys=odd_keys, sections=sections, entries=entries)


def _check_bytes(data: bytes, file: str) -> None:
    if data.startswith(b"\xef\xbb\xbf"):
        summary = "file begins with a byte order mark"
        raise _unreadable(
            data, 0, file, summary, "Stalwart does not start with such a file.  Save it without one."
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = (
            "Stalwart takes such a file for an empty one and ends without a word about it.  Save it as UTF-8."
        )
        raise _unreadable(data, error.start, file, "file is not UTF-8", detail) from None
    if match := _LONE_RETURN.search(data):
        summary = "carriage return that ends no line"
        raise _unreadable(
            data, match.start(), file, summary, "Stalwart drops it without a word.  Take it away."
        )


def _unreadable(data: bytes, at: int, file: str, summary: str, detail: str) -> InputError:
    place = where(data, at, file)
    return InputError(Problem(where=place, rule="config-encoding", summary=summary, detail=detail))


def _sections(cursor: Cursor) -> Iterator[Section]:
    yield Section(name="", start=0, end=0, is_numbered=False, items=tuple(_items(cursor, "")))
    # Only another [[name]] ends the count of one; the tables in between do not.
    last, number = "", 0
    while cursor.peek():
        start = cursor.at
        name, is_numbered = header(cursor)
        if is_numbered:
            last, number = name, number + 1 if name == last else 0
            name = f"{name}.{number:04}"
        # Whatever stands behind the header on its line is ignored, also a key.
        cursor.skip(_LINE)
        end = cursor.at
        items = tuple(_items(cursor, f"{name}."))
        yield Section(name=name, start=start, end=end, is_numbered=is_numbered, items=items)


def _items(cursor: Cursor, prefix: str) -> Iterator[Item]:
    """Read the lines up to the next header or the end of the file."""
    while True:
        cursor.skip(BLANK)
        if cursor.peek() in (b"", b"["):
            return
        if not _KEY_START.match(cursor.data, cursor.at):
            raise cursor.fault(
                "config-key",
                f"character {cursor.char()!r} where a key should begin",
                "A key begins with a letter or a digit of ASCII, or with a double quotation mark.",
            )
        name = key(cursor, in_table=False)
        flat = prefix + name.text
        cursor.skip(SPACE)
        found = value(cursor, flat)
        item = Item(key=flat, start=name.start, end=cursor.at, value=found)
        _end_line(cursor, item)
        yield item


def _end_line(cursor: Cursor, item: Item) -> None:
    cursor.skip(SPACE)
    if not cursor.peek():
        raise cursor.fault(
            "config-end",
            "last line has no newline",
            "Stalwart does not start with a file whose last line is `key = value` without a newline.",
        )
    if not _END_OF_LINE.match(cursor.data, cursor.at):
        raise unexpected(cursor, item.value, "a newline or a comment")
    cursor.skip(_END_OF_LINE)


def _entries(sections: tuple[Section, ...], cursor: Cursor) -> dict[str, Entry]:
    """Return the flat keys.  InputError where one is there twice, in whatever tables."""
    entries: dict[str, Entry] = {}
    for section in sections:
        for item in section.items:
            for path in leaves((item,)):
                entry = _entry(section, path)
                if first := entries.get(entry.key):
                    other = where(cursor.data, first.path[-1].start, cursor.file)
                    raise cursor.fault(
                        "config-duplicate-key",
                        "key is set twice",
                        f"{entry.key} is set on line {other.line} already; Stalwart does not start with such a file.",
                        at=path[-1].start,
                    )
                entries[entry.key] = entry
    return entries


def _entry(section: Section, path: tuple[Item, ...]) -> Entry:
    leaf = path[-1]
    value = leaf.value
    assert isinstance(value, Scalar)
    start = leaf.start if value.form is Form.MEMBER else value.start
    return Entry(key=leaf.key, value=value.text, start=start, end=value.end, section=section, path=path)
