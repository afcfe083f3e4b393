"""Where a new key goes: beside its siblings, the keys that have the longest part in common with it.

That is the first of these that there is: the inline table or array that the key belongs into; the
table, or the lines before the first header, where its closest siblings stand; a new table behind
the one that has its closest siblings; a new table at the end.
"""

from __future__ import annotations

from reconciler.errors import Where

from .patches import Patch, block_end, head, indent_of, line_end, line_start, newline_of, tail
from .tree import ConfigToml, Container, Form, Scalar, Section, Shape, containers, where
from .writing import key_text, refusal, table_and_rest, value_text


def added(config: ConfigToml, key: str, value: str) -> list[Patch]:
    """Return what writes a key that is not there.  Raises WriteError where it cannot stand."""
    around = [
        container
        for section in config.sections
        for container in containers(section.items)
        if key.startswith(f"{container.key}.")
    ]
    if around:
        return _in_container(config, max(around, key=lambda container: len(container.key)), key, value)
    section, closest = _section_for(config, key)
    if section is not None:
        return [_line_in(config, section, key, value)]
    table, rest = table_and_rest(key)
    if not table:
        return [_line_in(config, config.sections[0], key, value)]
    newline = newline_of(config.data)
    lines = newline.join([b"", f"[{table}]".encode(), _line(rest, key, value, config)])
    at = len(config.data)
    if closest is not None:
        at = block_end(config.data, line_end(config.data, closest.items[-1].end))
    return [_lines_at(config, at, lines if config.data else lines.removeprefix(newline))]


def _section_for(config: ConfigToml, key: str) -> tuple[Section | None, Section | None]:
    """Return the section that takes a line for this key, if any, and the last one that has its closest siblings."""
    best, best_score = None, 0
    closest, closest_score = None, 0
    for section in config.sections:
        shared = max((_shared(item.key, key) for item in section.items), default=0)
        if shared and shared >= closest_score:
            closest, closest_score = section, shared
        score = max(shared, len(section.prefix))
        if key.startswith(section.prefix) and score and score >= best_score:
            best, best_score = section, score
    return (best if best_score >= closest_score else None), closest


def _shared(one: str, other: str) -> int:
    """Return the length of what two keys have in common, up to a dot."""
    length = 0
    for position, (mine, theirs) in enumerate(zip(one, other, strict=False), 1):
        if mine != theirs:
            break
        if mine == ".":
            length = position
    return length


def _line(name: str, key: str, value: str, config: ConfigToml) -> bytes:
    text = f"{key_text(name)} = {value_text(key, value, Where(file=config.file))}"
    return text.encode() + newline_of(config.data)


def _lines_at(config: ConfigToml, at: int, lines: bytes) -> Patch:
    """Return the patch that puts whole lines here, behind a newline where the file ends without one."""
    if at and not config.data.endswith(b"\n", 0, at):
        lines = newline_of(config.data) + lines
    return Patch(at, at, lines)


def _line_in(config: ConfigToml, section: Section, key: str, value: str) -> Patch:
    """Put a line behind the last of the closest siblings in this section, or behind its header."""
    data, at, indent = config.data, section.end, b""
    if section.items:
        sibling = max(reversed(section.items), key=lambda item: _shared(item.key, key))
        at = line_end(data, sibling.end)
        indent = data[line_start(data, sibling.start) : sibling.start]
    line = _line(key.removeprefix(section.prefix), key, value, config)
    return _lines_at(config, at, indent + line)


def _in_container(config: ConfigToml, container: Container, key: str, value: str) -> list[Patch]:
    """Put an element behind the last one of an array, inline table or set."""
    data, items = config.data, container.items
    text = _element(config, container, key, value).encode()
    last = items[-1] if items else None
    at = head(data, container) if last is None else tail(data, last)
    lead = b" "
    own_line = None if last is None else indent_of(data, last.start)
    if own_line is not None:
        lead = newline_of(data) + own_line
    elif b"#" in data[container.start + 1 if last is None else last.end : at]:
        lead = newline_of(data) + b"  "
    elif last is None:
        lead = b""
    if last is None:
        return [Patch(at, at, lead + text)]
    if last.comma is not None:
        return [Patch(at, at, lead + text + b",")]
    if at == last.end:
        return [Patch(at, at, b"," + lead + text)]
    return [Patch(last.end, last.end, b","), Patch(at, at, lead + text)]


def _element(config: ConfigToml, container: Container, key: str, value: str) -> str:
    place = where(config.data, container.start, config.file)
    rest = key.removeprefix(f"{container.key}.")
    last = container.items[-1].value if container.items else None
    form = last.form if isinstance(last, Scalar) else None
    if container.shape is Shape.ARRAY:
        following = f"{len(container.items):04}"
        if rest != following:
            raise refusal(
                place,
                "key belongs into an array, and is not its next element",
                f"{key}: the array takes {container.key}.{following} next.",
            )
        return value_text(key, value, place, form)
    is_set = form is Form.MEMBER
    name = key_text(rest, is_quoted=is_set)
    return name if is_set and not value else f"{name} = {value_text(key, value, place)}"
