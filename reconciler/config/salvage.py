"""Going on after a fault: what is unfit is taken out of a copy, so that the rest is checked, too.

A person who has misspelt a quota and a list's member shall hear of both at once.  What is
taken out must never look like a second fault, so a mailbox or a domain stays, empty.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from reconciler.config import translate
from reconciler.config.faults import Faults
from reconciler.config.models.stack import Written
from reconciler.config.tree import Node, Path

_ROUNDS_MAX = 4
# Mappings whose entries others may refer to, and which are valid with nothing in them.
_NAMED = frozenset({"accounts", "domains"})


def validated(root: dict[str, Node], faults: Faults) -> tuple[Written | None, dict[str, Node]]:
    """Return the model of a file and the mapping that it was made from, without what is unfit.

    Every fault is noted.  The model is None when too much is wrong to go on.
    """
    node: dict[str, Node] = root
    for round_ in range(_ROUNDS_MAX):
        failure: ValidationError
        try:
            return Written.model_validate(node), node
        except ValidationError as error:
            failure = error
        if not round_:
            translate.note(failure, Written, faults)
        node = _without(node, failure, faults)
    return None, node


def _without(root: dict[str, Node], failure: ValidationError, faults: Faults) -> dict[str, Node]:
    """Return a copy of the tree in which nothing is that an error points at."""
    copy: dict[str, Any] = _copied(root)
    unfit: set[Path] = set()
    for error in failure.errors(include_url=False, include_input=False, include_context=False):
        path: Path = error["loc"]
        if path == ("version",):
            copy["version"] = "1"
        else:
            unfit.add(_found(copy, path[:-1] if error["type"] == "missing" else path))
    items: dict[Path, set[int]] = {}
    for path in unfit - {()}:
        last = path[-1]
        if isinstance(last, int):
            items.setdefault(path[:-1], set()).add(last)
        elif len(path) > 1 and path[-2] in _NAMED:
            _at(copy, path[:-1])[last] = {}
        else:
            _at(copy, path[:-1]).pop(last, None)
    for path, indices in items.items():
        _drop(_at(copy, path), path, indices, faults)
    return copy


def _found(root: Any, path: Path) -> Path:
    """Return as much of the path as exists: a model may see keys that a short form stands for."""
    node = root
    for depth, step in enumerate(path):
        if not _holds(node, step):
            return path[:depth]
        node = node[step]
    return path


def _at(root: Any, path: Path) -> Any:
    """Return the container at a path; an empty one where it has been taken out already."""
    node = root
    for step in path:
        if not _holds(node, step):
            return {}
        node = node[step]
    return node


def _holds(node: Any, step: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(step, int) and step < len(node)
    return isinstance(node, dict) and step in node


def _drop(items: Any, path: Path, indices: set[int], faults: Faults) -> None:
    """Remove items of a list and remember which are left: their number is the way to their place."""
    if not isinstance(items, list):
        return
    kept = faults.kept.get(path, range(len(items)))
    faults.kept[path] = [number for index, number in enumerate(kept) if index not in indices]
    items[:] = [item for index, item in enumerate(items) if index not in indices]


def _copied(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_copied(item) for item in node]
    return node
