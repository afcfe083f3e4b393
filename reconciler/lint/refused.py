"""What others have found already: the stack's loader, and the reader of zone files.

Both refuse on their own, with words and a place; the rules of the catalogue that they keep turn
their problems into findings, so that a fault has one text wherever it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.errors import Problem
from reconciler.lint.lines import bare
from reconciler.lint.rule import Found
from reconciler.lint.scene import Scene

# The loader's rule -> the rule of the catalogue that it keeps.
KEPT_BY_LOADER: Final[Mapping[str, str]] = {
    "hostname": "HOST-01",
    "claimed-twice": "ADDR-03",
    "group-cycle": "ADDR-04",
    "list-in-list": "ADDR-04",
    "address": "ADDR-06",
    "unknown-domain": "ADDR-07",
    "parked": "ADDR-07",
    "quota": "ADDR-10",
    "secret-in-file": "ADDR-13",
    "ip-too-wide": "STW-06",
    "ip-host-bits": "STW-06",
}


def by_loader(scene: Scene, rule: str) -> Iterator[Found]:
    """Yield what the loader refused under this rule of the catalogue."""
    for problem in scene.refused:
        if KEPT_BY_LOADER.get(problem.rule) == rule:
            yield _found(problem, str(problem.where))


def by_zone(scene: Scene, rule: str) -> Iterator[Found]:
    """Yield what the reader of the zone files says under this rule."""
    for zone in scene.zones:
        for problem in zone.problems:
            if problem.rule == rule:
                yield _found(problem, bare(zone.name))


def _found(problem: Problem, name: str) -> Found:
    return Found(text=problem.summary, fix=problem.detail, name=name, where=problem.where)
