"""What goes with a key that is deleted: its line, or its place in an array, an inline table or a set."""

from __future__ import annotations

from .patches import Patch, block_end, head, indent_of, line_end, line_start, tail
from .tree import ConfigToml, Container, Entry, Item, Section, Shape
from .writing import refusal


def removed(config: ConfigToml, entry: Entry) -> list[Patch]:
    """Return what deletes a key.  Raises WriteError where other keys would change with it."""
    path = list(entry.path)
    while len(path) > 1:
        item, around = path[-1], path[-2].value
        assert isinstance(around, Container)
        if around.shape is Shape.ARRAY and item is not around.items[-1]:
            raise refusal(
                config.where(entry),
                "element is not the last one of its array",
                f"{entry.key}: the elements behind it would get other keys.\n"
                "Change this element instead and delete the last one, or edit the array by hand.",
            )
        # Stalwart does not read `{}`: an inline table goes with its last key.  An array may be empty.
        if around.shape is Shape.ARRAY or len(around.items) > 1:
            return _element(config.data, around, item)
        path.pop()
    return [_line(config.data, entry.section, path[0])]


def _line(data: bytes, section: Section, item: Item) -> Patch:
    """Take a line away, and the header on top of it when the table holds nothing else, not even a comment."""
    start, end = line_start(data, item.start), line_end(data, item.end)
    is_alone = len(section.items) == 1 and start == section.end and block_end(data, end) == end
    if not (is_alone and section.name and not section.is_numbered and _is_bare_header(data, section)):
        return Patch(start, end, b"")
    start = line_start(data, section.start)
    before = line_start(data, start - 1) if start else 0
    if data[before:start].strip(b"\r\n"):
        # What stands right on top of the header is about it.
        return Patch(section.end, end, b"")
    return Patch(before, end, b"")


def _is_bare_header(data: bytes, section: Section) -> bool:
    """Whether the line holds the header and nothing that Stalwart would ignore."""
    line = data[section.start : section.end].rstrip()
    return line.find(b"]") == len(line) - 1


def _element(data: bytes, around: Container, item: Item) -> list[Patch]:
    """Take an element away, with its comma, and the comment behind it where they have a line of their own."""
    index = around.items.index(item)
    before = around.items[index - 1] if index else None
    end = item.end if item.comma is None else item.comma + 1
    if indent_of(data, item.start) is not None:
        end = tail(data, item)
    start = head(data, around) if before is None else tail(data, before)
    # Comments between the two elements stay, and so does the newline that ends them.
    if b"#" in data[around.start if before is None else before.end : item.start]:
        start = data.rfind(b"\n", start, item.start)
        start -= data.endswith(b"\r", 0, start)
        if not data[end:].lstrip(b" \t\r").startswith(b"\n"):
            start = item.start
    patches = [Patch(start, end, b"")]
    if item.comma is None and before is not None and before.comma is not None:
        patches.append(Patch(before.comma, before.comma + 1, b""))
    return patches
