"""What a YAML file says, as text, and where each piece of it stands.

A tree is made of dicts, lists, texts and NOTHING (a plain scalar that is empty, ``~`` or
``null``); no scalar has a type yet.  Positions are kept beside it, one number a node, and
become file:line:column only when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reconciler.errors import Where

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a YAML node, such as ``("accounts", "alice", "quota")``."""


class Nothing:
    """The type of NOTHING: a key whose value was not written.

    It is not None: what a model leaves unset is None, and an empty ``quota:`` is no unset one.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = Nothing()

Node: TypeAlias = "dict[str, Node] | list[Node] | str | Nothing"

Marks: TypeAlias = list[int]
"""Positions of one container: of each item of a list, of key and value in turn of a mapping."""

COLUMN_BITS = 32


def packed(line: int, column: int) -> int:
    """Return a position as one number; line and column count from 0, as PyYAML counts."""
    return line << COLUMN_BITS | column


@dataclass(slots=True, kw_only=True)
class Tree:
    """One YAML document and the place of everything in it.

    Containers are known by their identity, so a tree must not be copied or changed.
    """

    file: str
    root: Node = field(repr=False)
    marks: dict[int, Marks] = field(default_factory=dict, repr=False)
    _orders: dict[int, dict[str, int]] = field(default_factory=dict, repr=False)

    def find(self, path: Path, *, key: bool = False) -> tuple[int, Where]:
        """Return how many steps of the path exist, and the place of the last that does.

        A text is found at its value, everything else at its key: a block below
        ``accounts:`` begins on the next line, but people look for the word.
        With `key`, a text is found at its key too.
        """
        node, position, depth = self.root, 0, 0
        for step in path:
            marks = self.marks.get(id(node))
            if isinstance(node, dict) and isinstance(step, str) and step in node and marks:
                at = 2 * self._order(node)[step]
                node = node[step]
                position = marks[at + 1] if isinstance(node, str) and not key else marks[at]
            elif isinstance(node, list) and isinstance(step, int) and step < len(node) and marks:
                node, position = node[step], marks[step]
            else:
                break
            depth += 1
        if not depth:
            return 0, Where(file=self.file)
        return depth, self.at(position)

    def at(self, position: int) -> Where:
        """Return a packed position as people count: from 1."""
        column = position & (1 << COLUMN_BITS) - 1
        return Where(file=self.file, line=(position >> COLUMN_BITS) + 1, column=column + 1)

    def _order(self, node: dict[str, Node]) -> dict[str, int]:
        order = self._orders.get(id(node))
        if order is None:
            order = self._orders[id(node)] = {key: index for index, key in enumerate(node)}
        return order
