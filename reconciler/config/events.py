"""YAML text to a tree: the only module that imports PyYAML.

It reads events, not objects: every scalar stays the text that was written (``007``, ``no``
and ``1.10`` mean what people think), duplicate keys are seen, and each node's position is
at hand.  libyaml's parser is used when PyYAML has it: five times as fast, same events.

What a tree may not hold is refused by the builder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from reconciler.config.builder import Builder, Refused
from reconciler.config.outline import Outline
from reconciler.config.tree import Tree
from reconciler.config.yaml_words import explain
from reconciler.errors import InputError, Problem, Where

_FAST: Any = getattr(yaml, "CBaseLoader", None)


def parse(data: bytes, file: str, *, fast: bool = True) -> Tree:
    """Return the one document of a YAML text, which is NOTHING when it is empty.

    file is what error messages call it.  Without `fast`, PyYAML's own parser is used even
    where libyaml's is there.  Raises InputError with every duplicate key, or with the place
    at which the text stops being YAML.
    """
    text = _decoded(data, file)
    loader = (_FAST if fast else None) or yaml.BaseLoader
    builder = Builder(file)
    failure: Problem | None = None
    try:
        _drive(loader(text), builder)
    except yaml.YAMLError as error:
        failure = explain(error, text, file)
    except Refused as refused:
        failure = refused.problem
    if failure is not None:
        builder.problems.append(failure)
    builder.report_unused_anchors()
    if builder.problems:
        raise InputError(*builder.problems)
    return builder.tree


def outline(data: bytes, file: str) -> Outline:
    """Return where each node of a text stands that parse() takes.  Offsets are in the decoded text."""
    found = Outline(_decoded(data, file))
    _drive((_FAST or yaml.BaseLoader)(found.text), found)
    return found


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n")
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace"))
        byte = data[error.start]
    raise InputError(
        Problem(
            where=Where(file=file, line=line + 1, column=column + 1),
            summary="not UTF-8",
            detail=f"The byte 0x{byte:02x} here is no UTF-8.  Save the file as UTF-8.",
            rule="not-utf8",
        )
    )


def _drive(loader: Any, builder: Builder | Outline) -> None:
    take: dict[type, Callable[[Any], None]] = {
        yaml.ScalarEvent: builder.scalar,
        yaml.MappingStartEvent: builder.start_mapping,
        yaml.MappingEndEvent: builder.end,
        yaml.SequenceStartEvent: builder.start_list,
        yaml.SequenceEndEvent: builder.end,
        yaml.AliasEvent: builder.alias,
    }
    if isinstance(builder, Builder):
        take[yaml.DocumentStartEvent] = builder.document
    get = loader.get_event
    try:
        while (event := get()) is not None:
            handler = take.get(type(event))
            if handler is not None:
                handler(event)
            elif type(event) is yaml.StreamEndEvent:
                return
    finally:
        loader.dispose()
