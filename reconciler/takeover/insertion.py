"""Entries and items put into somebody's YAML, in its own style; every other byte stays as it is.

What is in block style grows by lines, what is in brackets grows inside them; what is missing is made.
Nobody has to trust this: whoever inserts loads the result and compares (cli/merging.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.config.events import outline, parse
from reconciler.config.outline import Outline, Span
from reconciler.config.tree import NOTHING, Node, Path
from reconciler.takeover.scalars import flow, flow_mapping, scalar, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key with what belongs to it, for the mapping at path.  lines are block style, not indented."""

    path: Path
    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One more item for the list at path: YAML that fits on one line.  A new list is long or short."""

    path: Path
    text: str
    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Edit:
    start: int
    number: int
    end: int
    text: str


def inserted(data: bytes, file: str, additions: Iterable[Entry | Item]) -> bytes:
    """Return the file with the additions, in their order.  It must be YAML that parse() takes."""
    found = outline(data, file)
    edits: list[_Edit] = []
    groups = _grouped(additions, found)
    # Where two blocks end at one place, what belongs to the inner one comes first.
    for path, members in sorted(groups.items(), key=lambda group: -len(group[0])):
        for start, end, text in _edits(path, members, found):
            edits.append(_Edit(start=start, number=len(edits), end=end, text=text))
    text = found.text
    newline = "\r\n" if "\r\n" in text else "\n"
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text.replace("\n", newline) + text[edit.end :]
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode()


def _grouped(additions: Iterable[Entry | Item], found: Outline) -> dict[Path, list[Entry | Item]]:
    """Return the additions by the path where they go.  What is missing there becomes an entry further up."""
    groups: dict[Path, list[Entry | Item]] = {}
    for one in additions:
        groups.setdefault(one.path, []).append(one)
    while missing := [path for path in groups if path not in found.spans]:
        path = max(missing, key=len)
        members = groups.pop(path)
        key = scalar(str(path[-1]))
        if all(isinstance(one, Item) and not one.is_long for one in members):
            lines = [f"{key}: {flow(one.text for one in members if isinstance(one, Item))}"]
        else:
            lines = [f"{key}:", *(f"  {line}" for one in members for line in _block(one))]
        outer = groups.setdefault(path[:-1], [])
        _join(Entry(path=path[:-1], key=str(path[-1]), lines=tuple(lines)), outer)
    return groups


def _join(made: Entry, outer: list[Entry | Item]) -> None:
    """Add an entry to its group; where the group has one with its key, that one holds both."""
    for number, one in enumerate(outer):
        if isinstance(one, Entry) and one.key == made.key:
            is_empty = len(one.lines) == 1 and one.lines[0].endswith(": {}")
            lines = made.lines if is_empty else (*one.lines, *made.lines[1:])
            outer[number] = Entry(path=one.path, key=one.key, lines=lines)
            return
    outer.append(made)


def _block(one: Entry | Item) -> Sequence[str]:
    return one.lines if isinstance(one, Entry) else (f"- {one.text}",)


def _edits(path: Path, members: Sequence[Entry | Item], found: Outline) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text) of what is to be replaced."""
    span = found.spans[path]
    outer = found.spans.get(path[:-1]) if path else None
    in_brackets = outer is not None and outer.is_flow
    is_empty = span.kind == "scalar" or span.size == 0
    if is_empty and not in_brackets:
        if span.kind != "scalar":
            yield _start_of_gap(found.text, span.start), span.end, ""  # {} or []
        column = (outer.column if outer is not None else -2) + 2
        yield _below(found.text, span.end, column, members)
    elif span.is_flow or in_brackets:
        yield _inside(found.text, span, members)
    else:
        # Sections of the file have a blank line between them.
        yield _below(found.text, span.end, span.column, members, gap="" if path else "\n")


def _start_of_gap(text: str, start: int) -> int:
    """Return where the blanks before an empty value begin, so that none stays at the end of its line."""
    return len(text[:start].rstrip(" "))


def _below(
    text: str, end: int, column: int, members: Sequence[Entry | Item], gap: str = ""
) -> tuple[int, int, str]:
    at = text.find("\n", end)
    if at < 0:
        at = len(text)
    elif text[at - 1 : at] == "\r":
        at -= 1
    lines = [
        (gap if n == 0 else "") + " " * column + line for one in members for n, line in enumerate(_block(one))
    ]
    return at, at, "\n" + "\n".join(lines)


def _inside(text: str, span: Span, members: Sequence[Entry | Item]) -> tuple[int, int, str]:
    if span.kind == "scalar":  # a key in brackets without a value
        return span.end, span.end, " " + flow_mapping(_pair(one) for one in members if isinstance(one, Entry))
    shown = [one.text if isinstance(one, Item) else ": ".join(_pair(one)) for one in members]
    inner = text[span.start + 1 : span.end - 1].rstrip()
    at = span.start + 1 + len(inner)
    comma = "" if not inner.strip() or inner.endswith(",") else ","
    if inner.endswith(":"):  # its last key has no value, and a comma at once would be a part of the key
        comma = " ,"
    blank = " " if inner.strip() else ""
    return at, at, comma + blank + ", ".join(shown)


def _pair(entry: Entry) -> tuple[str, str]:
    """Return key and value of an entry as they stand in brackets."""
    root = parse("\n".join(entry.lines).encode(), "an entry").root
    assert isinstance(root, dict)
    ((key, node),) = root.items()
    return scalar(key), _in_brackets(node)


def _in_brackets(node: Node) -> str:
    if isinstance(node, dict):
        return flow_mapping((scalar(key), _in_brackets(inner)) for key, inner in node.items())
    if isinstance(node, list):
        return flow(_in_brackets(inner) for inner in node)
    return "{}" if node is NOTHING else value(str(node))
