"""What a job of GitHub's (and of Forgejo's and Gitea's) reads: annotations, and the outputs of a step.  Pure.

Annotations are workflow commands, lines of the log that begin with `::`.  Outputs go into a file.
Nothing of either may end early by what a name or a value holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.errors import Where
from reconciler.plan import Plan
from reconciler.render import words
from reconciler.render.characters import printable
from reconciler.resource import Address
from reconciler.state import Finding

# GitHub shows so many of one level a step and drops the others without a word.
_SHOWN = 10

_LEVELS = {"error": "error", "warning": "warning", "hint": "notice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One text beside a line of a file, or beside none.  level is error, warning or notice."""

    level: str
    title: str
    text: str
    where: Where | None = None


def commands(found: Iterable[Annotation]) -> str:
    """Return annotations as commands in a log; the last one that is shown of a level says how many are not."""
    by_level: dict[str, list[Annotation]] = {}
    for one in found:
        by_level.setdefault(one.level, []).append(one)
    shown = (one for level in by_level.values() for one in _counted(level))
    return "".join(f"{_line(one)}\n" for one in shown)


def of_findings(found: Iterable[Finding], place: Callable[[str], str]) -> Iterator[Annotation]:
    """Yield findings as annotations.  place turns the name of a file into what the repository calls it."""
    for finding in found:
        yield Annotation(
            level=_LEVELS.get(finding.severity, "notice"),
            title=finding.rule,
            text=finding.text if not finding.fix else f"{finding.text}\n{finding.fix}",
            where=Where(file=place(finding.file), line=finding.line, column=finding.column)
            if finding.file
            else None,
        )


def of_plan(
    plan: Plan, where: Callable[[Address], Where | None], place: Callable[[str], str]
) -> Iterator[Annotation]:
    """Yield what a reviewer must know of a plan: findings, what is held, what only a person can do.

    where finds an address in the stack file.
    """
    yield from of_findings(plan.findings, place)
    for item in plan.held:
        change = item.change
        found = where(change.address)
        release = "".join(f"\n{line}" for line in words.way_out(item))
        yield Annotation(
            level="warning",
            title=f"held: {change.verb.value} {words.label(change)} {words.name(change)}",
            text=f"{words.details(change)}\n{item.why}{release}".lstrip("\n"),
            where=replace(found, file=place(found.file)) if found else None,
        )
    for note in plan.notes:
        yield Annotation(level="notice", title="only a person can do this", text=note)


def outputs(values: Mapping[str, str]) -> str:
    """Return outputs as lines for the file that GITHUB_OUTPUT names.

    What may hold a line end stands between two lines with a digest of itself, which it cannot hold.
    """
    return "".join(_output(name, value) for name, value in values.items())


def _output(name: str, value: str) -> str:
    if value.isascii() and value.isprintable():
        return f"{name}={value}\n"
    end = f"end-{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _counted(level: list[Annotation]) -> Iterator[Annotation]:
    if len(level) <= _SHOWN:
        yield from level
        return
    yield from level[: _SHOWN - 1]
    yield Annotation(
        level=level[0].level,
        title="mailstack",
        text=f"{len(level) - _SHOWN + 1:,} more like this: GitHub shows {_SHOWN} a step. The log and the summary have them.",
    )


def _line(one: Annotation) -> str:
    where = one.where or Where(file="")
    properties = {
        "file": where.file,
        "line": str(where.line or ""),
        "col": str(where.column or ""),
        "title": one.title,
    }
    said = ",".join(
        f"{name}={_escaped(printable(value), ':,')}" for name, value in properties.items() if value
    )
    text = "\n".join(printable(line).rstrip() for line in one.text.splitlines())
    return f"::{one.level} {said}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """Escape what would end a workflow command or one of its properties."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for sign in more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
