"""Changes, held changes, findings and outcomes as lines of a `diff` fence: the sign in the first column.

GitHub paints a line by its first sign: `+` green, `-` red, `!` orange, `@@` as a heading.  `<` and `>`
would be taken for another kind of diff, so what is only marked, and what is activated, has no sign.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from reconciler.diff import Change, Verb
from reconciler.errors import Where
from reconciler.guard import Held
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan
from reconciler.render import words
from reconciler.render.markdown.code import line, prose
from reconciler.render.markdown.sections import Item
from reconciler.resource import Address
from reconciler.state import Finding

SIGNS_IN_FENCE = {"~": "!", ">": " ", "<": " ", "*": " "}
_SIGNS = {verb: SIGNS_IN_FENCE.get(sign, sign) for verb, sign in words.SIGNS.items()}
_SEVERITIES = {"error": "-", "warning": "!"}
_RANKS = {"error": 0, "warning": 1}
_MARKS = {
    Verb.ADOPT: "as declared: marked as ours, nothing else changes",
    Verb.FORGET: "no longer marked as ours, nothing else changes",
}

# A release that is longer than this is no line to copy out of a comment.
_LONGEST_RELEASE = 600


def changes(plan: Plan, only: Container[Address] | None = None) -> Iterator[Item]:
    """Yield all changes in their order, each system's under its title.  Adoptions of one kind are one item."""
    by_system: dict[str, list[Change]] = {}
    for wave in plan.waves:
        found = [change for change in wave.changes if only is None or change.address in only]
        by_system.setdefault(wave.system, []).extend(found)
    titles = {s.label: s.title for s in plan.systems}
    for system, found in by_system.items():
        items = list(_of_one_system(found))
        for item in items[:1]:
            # The title goes with the first change, so that it never stands alone.
            title = line(f"@@ {titles.get(system, system)} @@")
            yield Item(lines=(title, *item.lines), number=item.number)
        yield from items[1:]


def _of_one_system(found: Sequence[Change]) -> Iterator[Item]:
    counts = Counter((c.verb, c.address.kind) for c in found if c.verb in _MARKS)
    folded = {key: number for key, number in counts.items() if number > 1}
    yield from aligned([c for c in found if (c.verb, c.address.kind) not in folded])
    for (verb, kind), number in folded.items():
        text = f"{_SIGNS[verb]} {words.counted(number, words.noun(kind))}  {_MARKS[verb]}"
        yield Item(lines=(line(text),), number=number)


def aligned(found: Sequence[Change]) -> Iterator[Item]:
    """Yield changes in columns."""
    kind_width = max((len(words.label(c)) for c in found), default=0)
    name_width = min(max((len(words.name(c)) for c in found), default=0), 40)
    for change in found:
        head = f"{_SIGNS[change.verb]} {words.label(change):{kind_width}}  {words.name(change):{name_width}}"
        yield Item(lines=(line(f"{head}  {words.details(change)}"),))


def held(item: Held) -> Item:
    """Return a held change: what would happen, why not, and what lets it go."""
    change = item.change
    ways = words.way_out(item)
    if len(item.release) > _LONGEST_RELEASE:
        ways = ways and ("To do it: too long to be told here: mailstack plan prints it",)
    return Item(
        lines=(
            line(
                f"! {words.SIGNS[change.verb]} {words.label(change)}  {words.name(change)}  {words.details(change)}"
            ),
            *prose(item.why, "      "),
            *(line(f"      {way}") for way in ways),
        )
    )


def findings(found: Sequence[Finding]) -> Iterator[Item]:
    """Yield findings, the worst first."""
    for finding in sorted(found, key=lambda one: _RANKS.get(one.severity, 2)):
        sign = _SEVERITIES.get(finding.severity, " ")
        place = f"{Where(file=finding.file, line=finding.line)}  " if finding.file else ""
        yield Item(
            lines=(
                line(f"{sign} {finding.severity} {finding.rule}  {place}".rstrip()),
                *prose(finding.text, "      "),
                *(line(f"      {text}") for text in finding.fix.splitlines()[:20]),
            )
        )


def note(text: str) -> Item:
    """Return what only a person can do.  A record that is to be pasted stays in one line."""
    return Item(lines=(line(text),) if " IN " in text else tuple(prose(text, "")))


def outcomes(found: Sequence[Outcome], plan: Plan) -> Iterator[Item]:
    """Yield what was not done.  What went wrong with several at once is told once, after the last.

    Nothing of it is painted green: what failed is marked, and what was not tried has no sign of its own.
    """
    planned = {change.address: change for change in plan.changes}
    for number, outcome in enumerate(found, 1):
        change = planned.get(outcome.address)
        what = f"{words.label(change)}  {words.name(change)}" if change else str(outcome.address)
        is_last = number == len(found) or found[number].detail != outcome.detail
        told = outcome.detail.splitlines()[:20] if is_last else []
        mark = " " if outcome.status is Status.SKIPPED else "!"
        head = line(f"{mark} {words.SIGNS[outcome.verb]} {what}")
        yield Item(lines=(head, *(line(f"      {text}") for text in told)))
