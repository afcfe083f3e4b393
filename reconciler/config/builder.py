"""A tree out of YAML events, one event at a time, with the position of each node.

Anchors and aliases work, within a limit; merge keys (``<<``) and tags do not: `defaults:`
is the way to say something once, and nothing here has a type that a tag could choose.
"""

from __future__ import annotations

from typing import Any

from reconciler.config.tree import NOTHING, Marks, Node, Tree, packed
from reconciler.errors import Problem

DEPTH_MAX = 64
# Nodes that exist only because of aliases.  A file that says things once stays far below;
# nine lines of nested aliases (the "billion laughs") are far above.
ALIASED_MAX = 100_000

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Refused(Exception):
    """Reading stops here: going on would cost too much or mean nothing."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.summary)
        self.problem = problem


class Builder:
    """The tree so far: the open container, its marks, the key that waits for its value."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self.tree = Tree(file=file, root=NOTHING)
        self._root: list[Node] = []
        self._node: dict[str, Node] | list[Node] = self._root
        self._marks: Marks = []
        self._key: str | None = None
        self._key_position = 0
        self._dropped = False  # the waiting value belongs to a key that is refused
        self._open: list[tuple[Any, ...]] = []
        self._nodes = 0
        self._aliased = 0
        # Name -> node and its size; None while the anchored node is still being read.
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._unused: dict[str, int] = {}

    def report_unused_anchors(self) -> None:
        for position in self._unused.values():
            self.problems.append(
                Problem(
                    where=self.tree.at(position),
                    summary="an anchor that nothing uses",
                    detail='YAML reads a word that begins with "&" as a mark and not as text.  '
                    "If it is meant as text, put the whole value in quotes.",
                    rule="yaml-anchor",
                )
            )

    def document(self, event: Any) -> None:
        if self._root:
            raise Refused(
                Problem(
                    where=self.tree.at(packed(event.start_mark.line, event.start_mark.column)),
                    summary="more than one document",
                    detail='A line "---" begins a second YAML document.  One file holds one stack: '
                    "delete the line, or move what follows into a file of its own.",
                    rule="yaml-documents",
                )
            )

    def scalar(self, event: Any) -> None:
        mark = event.start_mark
        position = packed(mark.line, mark.column)
        text = event.value
        if event.tag is not None:
            self._refuse_tag(event)
        node: Node = text
        if self._key is None and type(self._node) is dict:
            if not text and event.implicit[0]:
                self._note(position, "a key is missing", "There is no text before this colon.", "yaml-key")
        elif event.implicit[0] and event.tag is None and text in _NULLS:
            node = NOTHING
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1)
            self._unused[event.anchor] = position
        self._nodes += 1
        self._add(node, position)

    def start_mapping(self, event: Any) -> None:
        self._start(event, {})

    def start_list(self, event: Any) -> None:
        self._start(event, [])

    def _start(self, event: Any, node: dict[str, Node] | list[Node]) -> None:
        mark = event.start_mark
        position = packed(mark.line, mark.column)
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self._open) >= DEPTH_MAX:
            raise Refused(
                Problem(
                    where=self.tree.at(position),
                    summary="nested too deep",
                    detail=f"Nothing in a stack needs more than {DEPTH_MAX} levels.",
                    rule="yaml-depth",
                )
            )
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._refuse_container_as_key(position)
        self._open.append(
            (
                self._node,
                self._marks,
                self._key,
                self._key_position,
                self._dropped,
                position,
                event.anchor,
                self._nodes,
            )
        )
        self._nodes += 1
        self._node, self._marks, self._key, self._dropped = node, [], None, False

    def end(self, event: Any) -> None:
        node = self._node
        self.tree.marks[id(node)] = self._marks
        (
            self._node,
            self._marks,
            self._key,
            self._key_position,
            self._dropped,
            position,
            anchor,
            nodes_before,
        ) = self._open.pop()
        if anchor is not None:
            self._anchors[anchor] = (node, self._nodes - nodes_before)
        self._add(node, position)

    def alias(self, event: Any) -> None:
        mark = event.start_mark
        position = packed(mark.line, mark.column)
        name = event.anchor
        self._unused.pop(name, None)
        known = self._anchors.get(name)
        if known is None:
            if name in self._anchors:
                summary, why = "an alias inside its own anchor", "The value would contain itself."
            else:
                summary = "an alias without an anchor"
                why = 'A word that begins with "*" stands for what was marked with "&" before; nothing was.'
            self._note(position, summary, f"{why}  If it is meant as text, put it in quotes.", "yaml-alias")
            known = (NOTHING, 1)
        node, size = known
        self._nodes += size
        self._aliased += size
        if self._aliased > ALIASED_MAX:
            raise Refused(
                Problem(
                    where=self.tree.at(position),
                    summary="aliases that multiply",
                    detail=f"Written out, the aliases up to here are more than {ALIASED_MAX:,} values.  "
                    "No stack needs that: it looks like a YAML bomb.",
                    rule="yaml-bomb",
                )
            )
        if not isinstance(node, str):
            self._refuse_container_as_key(position)
        self._add(node, position)

    def _add(self, node: Node, position: int) -> None:
        container = self._node
        if type(container) is list:
            container.append(node)
            self._marks.append(position)
            if container is self._root:
                self.tree.root = node
            return
        assert isinstance(container, dict)
        if self._key is None:
            self._take_key(node if isinstance(node, str) else "", position)
        else:
            if not self._dropped:
                container[self._key] = node
                self._marks.append(self._key_position)
                self._marks.append(position)
            self._key = None

    def _take_key(self, key: str, position: int) -> None:
        container = self._node
        assert isinstance(container, dict)
        self._key, self._key_position = key, position
        self._dropped = key in container
        if self._dropped:
            first = self._marks[2 * list(container).index(key)]
            place = self.tree.at(first)
            self._note(
                position,
                f'duplicate key "{key}"',
                f"It stands already at {place}.  "
                "Keep one of the two, or put what belongs to both under one key.",
                "duplicate-key",
            )
        elif key == "<<":
            self._dropped = True
            self._note(
                position,
                'merge keys ("<<") are not read',
                "Write the keys out, use an alias for the whole value, or put what every domain "
                "has under `defaults:`.",
                "yaml-merge",
            )

    def _refuse_container_as_key(self, position: int) -> None:
        if type(self._node) is dict and self._key is None:
            raise Refused(
                Problem(
                    where=self.tree.at(position),
                    summary="a key must be a text",
                    detail="Here a list or a mapping stands where a key belongs.  "
                    "A text with braces or brackets must be in quotes.",
                    rule="yaml-key",
                )
            )

    def _refuse_tag(self, event: Any) -> None:
        if event.tag in ("!", "tag:yaml.org,2002:str"):
            return
        mark = event.start_mark
        self._note(
            packed(mark.line, mark.column),
            "YAML tags are not read",
            'A word that begins with "!" is a tag.  If it is meant as text, write the value in quotes; '
            "a secret is written {env: NAME}, {file: path} or {command: [...]}.",
            "yaml-tag",
        )

    def _note(self, position: int, summary: str, detail: str, rule: str) -> None:
        self.problems.append(Problem(where=self.tree.at(position), summary=summary, detail=detail, rule=rule))
