"""A plan as a reviewer reads it: what is held and what ends mail before everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.plan import Plan
from reconciler.render import totals, words
from reconciler.render.grave import is_grave
from reconciler.render.markdown import lines
from reconciler.render.markdown.code import span, word
from reconciler.render.markdown.sections import Section, fitted
from reconciler.state import System

# So many live systems and releases are named; more become a number.
_NAMED = 4


def plan(plan: Plan, *, max_bytes: int, command: str = "plan") -> str:
    """Return a plan as Markdown of at most max_bytes bytes.  command is what the headline says was run.

    The first line is a comment that no reader sees: by it the comment of this stack is found again,
    and updated in its place.
    """
    grave = [change for change in plan.changes if is_grave(change)]
    others = frozenset(change.address for change in plan.changes).difference(c.address for c in grave)
    hints = [finding for finding in plan.findings if finding.severity == "hint"]
    grave_findings = [finding for finding in plan.findings if finding.severity != "hint"]
    sections = [
        Section(
            title="Held, will not be done",
            items=tuple(lines.held(item) for item in plan.held),
            noun="held changes",
        ),
        Section(
            title="Look twice, here mail or a login ends",
            items=tuple(lines.aligned(grave)),
            noun="such changes",
        ),
        Section(title="Findings", items=tuple(lines.findings(grave_findings)), noun="findings", folds=True),
        Section(
            title="Only a person can do this",
            items=tuple(map(lines.note, plan.notes)),
            noun="notes",
            language="text",
            folds=True,
        ),
        Section(
            title=f"{'Other changes' if grave else 'Changes'}, in their order",
            items=tuple(lines.changes(plan, only=others)),
            noun="changes",
            folds=True,
        ),
        Section(title="Hints", items=tuple(lines.findings(hints)), noun="hints", folds=True),
    ]
    return fitted(_head(plan, command, len(grave)), sections, foot(plan), max_bytes)


def marker(stack: str) -> str:
    """Return the comment by which what is written for a stack is found again."""
    return f"<!-- mailstack:{re.sub('[^A-Za-z0-9._]', _numbered, stack[:100])} -->"


def _numbered(match: re.Match[str]) -> str:
    return "-" if match[0] == "-" else f"%{ord(match[0]):X}"


def title(command: str, plan: Plan, parts: list[str]) -> str:
    """Return the marker and the headline."""
    return f"{marker(plan.stack)}\n### mailstack {command} {span(plan.stack)}: {' · '.join(parts)}\n"


def systems(plan: Plan) -> str:
    """Return the live systems in one line."""
    told = [span(_named(system)) for system in plan.systems[:_NAMED]]
    if len(plan.systems) > _NAMED:
        told.append(f"{len(plan.systems) - _NAMED:,} more systems")
    return " · ".join(told)


def _named(system: System) -> str:
    if system.kind == system.label and not system.version:
        return system.kind
    return f"{system.kind} {system.version or system.label}"


def _head(plan: Plan, command: str, graves: int) -> str:
    is_empty = not plan.has_work and not plan.held
    # A mail that GitHub sends shows little more than this line: what is grave comes first.
    parts = [f"look twice at {graves:,}"] if graves else []
    parts += ["nothing to do"] if is_empty else totals.planned(plan, held_first=True)
    text = [title(command, plan, parts), f"{systems(plan)}\n"]
    if not plan.complete:
        text.append("**Not everything could be read: there may be more to do than this.**\n")
    if is_empty:
        text.append("Everything is as declared.\n")
    if meaning := totals.adoption(plan):
        text.append(" ".join(meaning) + "\n")
    if told := [span(text) for text in totals.activations(plan)]:
        text.append(f"Then: {' · '.join(told)}\n")
    return "\n".join(text)


def foot(plan: Plan) -> str:
    releases = totals.releases(plan)
    identity = f"plan id {span(plan.plan_id)}" + (f" · released with {span(releases)}" if releases else "")
    return "\n".join(f"{text}\n" for text in (*_unmanaged(plan), identity))


def _unmanaged(plan: Plan) -> Iterator[str]:
    numbers = {kind: len(names) for kind, names in plan.unmanaged.items()}
    for kind, number in plan.beside.items():
        numbers[kind] = numbers.get(kind, 0) + number
    told = [word(words.counted(number, words.noun(kind))) for kind, number in sorted(numbers.items())]
    if told:
        more = f", and {len(told) - 20} more kinds" if len(told) > 20 else ""
        yield f"Unmanaged, left alone: {', '.join(told[:20])}{more}"
