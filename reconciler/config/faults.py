"""What is wrong with one file, collected: a person mends everything in one go."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from typing import TypeVar

from reconciler.config.tree import Path, Tree
from reconciler.dnsdata.readable import readable
from reconciler.errors import Problem, Where

T = TypeVar("T")

# The keys that `defaults` lays under every domain.
_LAID = frozenset({"description", "type", "dns", "accounts", "aliases", "lists", "groups", "catch_all"})
# Looking for a near name costs time in proportion to the names; after so many, people have seen enough.
_HINTS_MAX = 20
_LENGTHS_APART = 2
_NEAR = 0.6


class UnfitError(ValueError):
    """A text that is not what it should be; the caller knows its place."""

    def __init__(self, summary: str, detail: str, rule: str) -> None:
        super().__init__(summary)
        self.told = (summary, detail, rule)


def where_written(tree: Tree, path: Path, *, key: bool = False) -> tuple[Where, bool]:
    """Return the place of a node of a normalised stack, and whether it is one of `defaults`.

    A node that the domain itself does not have comes from `defaults`; of one that nobody
    wrote (a fallback), the nearest thing above it is the place.
    """
    depth, where = tree.find(path, key=key)
    if depth < len(path):
        rest = path[2:] if path[0] == "domains" else path
        if rest and rest[0] in _LAID:
            deeper, place = tree.find(("defaults", *rest), key=key)
            own = depth - (len(path) - len(rest))
            if deeper > 1 and deeper - 1 > own:
                return place, True
    return where, False


class Faults:
    """The problems so far, and the way from a path to its place."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self._told_of_defaults: set[tuple[Where, str]] = set()
        self._hints = 0
        # List -> the numbers that its items have in the file, where unfit ones were taken out.
        self.kept: dict[Path, list[int]] = {}

    def add(self, path: Path, told: tuple[str, str, str], *, key: bool = False) -> None:
        """Note a problem: (summary, detail, rule).  With `key` the key is at fault, not its value."""
        summary, detail, rule = told
        path = self._as_written(path)
        where, laid = where_written(self.tree, path, key=key)
        if laid:
            # One fault in `defaults` shows in every domain; it is told once.
            if (where, rule) in self._told_of_defaults:
                return
            self._told_of_defaults.add((where, rule))
        # Names are compared as A-labels and told as they were written.
        self.problems.append(Problem(where=where, summary=summary, detail=readable(detail), rule=rule))

    def attempt(self, path: Path, make: Callable[..., T], *arguments: object, key: bool = False) -> T | None:
        """Return make(*arguments), or None after noting why the text is unfit."""
        try:
            return make(*arguments)
        except UnfitError as error:
            self.add(path, error.told, key=key)
            return None

    def place(self, path: Path) -> Where:
        """Return the place of a node's key."""
        return where_written(self.tree, self._as_written(path), key=True)[0]

    def _as_written(self, path: Path) -> Path:
        for length in range(1, len(path)) if self.kept else ():
            kept = self.kept.get(path[:length])
            number = path[length]
            if kept and isinstance(number, int) and number < len(kept):
                path = (*path[:length], kept[number], *path[length + 1 :])
        return path

    def did_you_mean(self, address: str, known: Collection[str]) -> str:
        """Return "Did you mean ...?  " for the nearest known address, or nothing.

        Names are compared with names of the same domain; a domain that differs is a guess
        of its own.
        """
        if self._hints >= _HINTS_MAX:
            return ""
        self._hints += 1
        local, _, domain = address.rpartition("@")
        own = f"@{domain}"
        near = [
            other.removesuffix(own)
            for other in known
            if other.endswith(own) and abs(len(other) - len(address)) <= _LENGTHS_APART
        ]
        found = difflib.get_close_matches(local, near, n=1, cutoff=_NEAR)
        if found:
            return f'Did you mean "{found[0]}{own}"?  '
        elsewhere = next((other for other in known if other.startswith(f"{local}@")), None)
        return f'Did you mean "{elsewhere}"?  ' if elsewhere else ""


def did_you_mean(word: str, known: Collection[str], *, cutoff: float = 0.7) -> str:
    """Return "Did you mean ...?  " for the nearest known name, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=cutoff)
    return f'Did you mean "{near[0]}"?  ' if near else ""
