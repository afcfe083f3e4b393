"""A config.toml, read: tables, what is assigned in them, and the flat keys that the server makes of it.

Every start and end is an offset into the bytes of the file; an end is behind the last byte.  Texts
may be secrets: no repr shows them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.errors import Where


class Form(enum.Enum):
    """How a value is written."""

    BARE = "true, 25, foo"
    BASIC = '"…"'
    LITERAL = "'…'"
    RAW = "'''…'''"
    RAW_BASIC = '"""…"""'
    MEMBER = "a member of a set, { a }, which has no value in the file and the empty one in the server"


class Shape(enum.Enum):
    """What a bracket opens."""

    ARRAY = "["
    TABLE = "{"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value.  A member of a set has the empty span behind its key."""

    form: Form
    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """An array, or an inline table, which may be a set.  key is what the keys in it begin with, without the dot."""

    shape: Shape
    key: str
    start: int
    end: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One `key = value` of a table, or one element of a container.

    value is None where the server reads over a gap, as in `[1, , 3]` or `{ a = , b = 2 }`: it makes
    no key of it, but a gap in an array counts.  comma is the place of the comma behind it, if any.
    """

    key: str
    start: int
    end: int
    value: Scalar | Container | None
    comma: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A header line and what follows up to the next one; or what stands before the first, without a name.

    start and end are those of the header line, its newline included.  is_numbered says that the
    header is of the form `[[a]]` and the name ends with the number that the server gives it.
    """

    name: str
    start: int
    end: int
    is_numbered: bool
    items: tuple[Item, ...]

    @property
    def prefix(self) -> str:
        return f"{self.name}." if self.name else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key as the server knows it.

    start and end are those of the value; of the member itself where it is one of a set.  path leads
    from the item of the table down to the one that holds the value.
    """

    key: str
    value: str = field(repr=False)
    start: int
    end: int
    section: Section = field(repr=False)
    path: tuple[Item, ...] = field(repr=False)

    @property
    def table(self) -> str:
        """The name of the table in which it stands, empty before the first header."""
        return self.section.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigToml:
    """One file, read.  entries has every key once, in the order of the file."""

    data: bytes = field(repr=False)
    file: str
    odd_keys: bool
    sections: tuple[Section, ...] = field(repr=False)
    entries: Mapping[str, Entry] = field(repr=False)

    @property
    def values(self) -> dict[str, str]:
        """What `GET /api/settings/list` shows of this file after a boot; macros are not expanded there either."""
        return {key: entry.value for key, entry in self.entries.items()}

    def where(self, entry: Entry) -> Where:
        """Return the place of the key, not that of its value."""
        return where(self.data, entry.path[-1].start, self.file)


def where(data: bytes, offset: int, file: str) -> Where:
    """Return the place for a person: the column counts characters, not bytes."""
    start = data.rfind(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode("utf-8", "replace")) + 1
    return Where(file=file, line=data.count(b"\n", 0, offset) + 1, column=column)


def leaves(path: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    """Yield the paths from here to every value below, in the order of the file."""
    match path[-1].value:
        case Scalar():
            yield path
        case Container(items=items):
            for item in items:
                yield from leaves((*path, item))
        case None:
            return


def containers(items: tuple[Item, ...]) -> Iterator[Container]:
    """Yield the containers at and below these items, outer ones first."""
    for item in items:
        if isinstance(item.value, Container):
            yield item.value
            yield from containers(item.value.items)
