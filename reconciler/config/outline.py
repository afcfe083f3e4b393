"""Where each node of a YAML text begins and ends: what an editor needs that adds to somebody's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.config.tree import Path


@dataclass(slots=True, kw_only=True)
class Span:
    """One node.  start and end are offsets in the text, end without blanks behind it.

    kind is mapping, list or scalar; is_flow says that brackets are around it.  column is that of the
    keys or of the dashes of a block, from 0; size the number of its entries.
    """

    kind: str
    start: int
    end: int
    is_flow: bool = False
    column: int = 0
    size: int = 0


@dataclass(slots=True)
class _Open:
    span: Span
    path: Path
    key: str | None = None


@dataclass(slots=True)
class Outline:
    """Takes the events of a YAML parser and keeps the span of every node by its path."""

    text: str
    spans: dict[Path, Span] = field(default_factory=dict)
    _open: list[_Open] = field(default_factory=list)

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if self._is_key():
            outer = self._open[-1]
            outer.key = event.value
            outer.span.end = self._trimmed(start, end)
            if not outer.span.size:
                outer.span.column = event.start_mark.column
            outer.span.size += 1
            return
        if start == end:  # no value: it stands where the colon of its key does
            start = end = self._open[-1].span.end + 1 if self._open else 0
        self._node(Span(kind="scalar", start=start, end=self._trimmed(start, end)), event)

    def alias(self, event: Any) -> None:
        span = Span(kind="scalar", start=event.start_mark.index, end=event.end_mark.index)
        self._node(span, event)

    def start_mapping(self, event: Any) -> None:
        self._start("mapping", event)

    def start_list(self, event: Any) -> None:
        self._start("list", event)

    def end(self, event: Any) -> None:
        closed = self._open.pop().span
        if closed.is_flow:
            closed.end = event.end_mark.index
        self._grow(closed.end)

    def _start(self, kind: str, event: Any) -> None:
        mark = event.start_mark
        span = Span(
            kind=kind, start=mark.index, end=mark.index, is_flow=bool(event.flow_style), column=mark.column
        )
        path = self._node(span, event)
        self._open.append(_Open(span, path))

    def _is_key(self) -> bool:
        return bool(self._open) and self._open[-1].span.kind == "mapping" and self._open[-1].key is None

    def _node(self, span: Span, event: Any) -> Path:
        if not self._open:
            path: Path = ()
        else:
            outer = self._open[-1]
            if outer.span.kind == "list":
                path = (*outer.path, outer.span.size)
                outer.span.size += 1
            else:
                path = (*outer.path, str(outer.key))
                outer.key = None
            self._grow(span.end)
        self.spans[path] = span
        return path

    def _grow(self, end: int) -> None:
        """Let what is around a node reach to its end."""
        for outer in self._open:
            outer.span.end = max(outer.span.end, end)

    def _trimmed(self, start: int, end: int) -> int:
        return start + len(self.text[start:end].rstrip())
