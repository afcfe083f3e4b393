"""Groups that contain themselves, directly or over other groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.config.check.holders import Holders
from reconciler.config.check.targets import Reference
from reconciler.config.faults import Faults
from reconciler.config.tree import Path


def cycles(references: Iterable[Reference], known: Holders, faults: Faults) -> None:
    """No group contains itself: what it may see would depend on itself.  Each cycle is told once."""
    inner: dict[str, dict[str, Path]] = {}
    for reference in references:
        if reference.by == "group" and reference.address in known.groups:
            inner.setdefault(reference.holder, {})[reference.address] = reference.at
    done: set[str] = set()
    for group in inner:
        cycle = _cycle_from(group, inner, done)
        if cycle:
            steps = " contains ".join((*cycle, cycle[0]))
            detail = f"{steps}.  Take one of these members out."
            faults.add(inner[cycle[-1]][cycle[0]], ("a group that contains itself", detail, "group-cycle"))


def _cycle_from(start: str, inner: Mapping[str, Mapping[str, Path]], done: set[str]) -> list[str]:
    """Return the first cycle that can be reached, in its order; `done` grows by what leads to none.

    It walks without recursion: a chain of groups may be longer than Python's stack.
    """
    way: list[str] = []
    pending = [(start, False)]
    while pending:
        group, leaving = pending.pop()
        if leaving:
            way.pop()
            done.add(group)
        elif group in way:
            done.update(way)
            return way[way.index(group) :]
        elif group not in done:
            way.append(group)
            pending.append((group, True))
            pending.extend((member, False) for member in inner.get(group, ()))
    return []
