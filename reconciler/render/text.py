"""Plan and report -> text for a terminal.  Pure; colour is never the only carrier of anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from reconciler.diff import Change, Verb
from reconciler.errors import Where
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan
from reconciler.render import faults, totals, words
from reconciler.render.characters import printable, printable_lines, unobeyed
from reconciler.render.replaced import details, replaced
from reconciler.report import Report
from reconciler.state import Finding

Paint: TypeAlias = Callable[[str, str], str]
"""(what it is, text) -> the text, coloured or not.  What it is: a verb's sign, `head`, `warn`, `faint`."""

# So many adoptions of one kind are told one by one; more become one line.
_ADOPTIONS_SHOWN = 3

# So many findings of one rule are told; of a stack of 200 domains the others are much the same.
_OF_ONE_RULE = 5


def plain(_: str, text: str) -> str:
    """Paint nothing."""
    return text


def plan(plan: Plan, *, paint: Paint = plain, unmanaged: bool = False) -> str:
    """Return a plan as a person reads it: what, why, what not, and what then."""
    sections = [
        [paint("head", headline("plan", plan))],
        *_systems(plan, paint),
        list(_held(plan, paint)),
        *beside(plan, paint=paint, unmanaged=unmanaged),
        list(_summary(plan, paint)),
    ]
    return joined(sections)


def joined(sections: Sequence[Sequence[str]]) -> str:
    """Return sections of lines as one text, with an empty line between them."""
    return unobeyed("\n\n".join("\n".join(lines) for lines in sections if lines) + "\n")


def beside(plan: Plan, *, paint: Paint = plain, unmanaged: bool = False) -> list[list[str]]:
    """Return what is told beside the changes, in sections: what is left alone, findings, notes."""
    return [
        list(_unmanaged(plan, paint, listed=unmanaged)),
        list(_findings(faults.told_alone(plan), paint)),
        [f"! {printable(note)}" for note in plan.notes],
    ]


def report(report: Report, *, paint: Paint = plain) -> str:
    """Return what became of a plan: what is not done first, then what is true now."""
    lines = [paint("head", headline("apply", report.plan)), ""]
    for status, title in (
        (Status.FAILED, "Failed"),
        (Status.STALE, "Not made, because it changed meanwhile"),
        (Status.SKIPPED, "Not tried"),
    ):
        if found := report.having(status):
            lines += [f"  {paint('warn', title)}", *_outcomes(found), ""]
    if held := list(_still_held(report.plan, paint)):
        lines += [*held, ""]
    # A fact may be several lines, the last of them empty: what follows a command to copy stands apart from it.
    lines += ["\n".join(printable_lines(fact)) + "\n" * fact.endswith("\n") for fact in report.facts]
    lines.append(paint("head", _result(report)))
    return unobeyed("\n".join(lines) + "\n")


def headline(command: str, plan: Plan) -> str:
    """Return the first line: the command, the stack, and the systems that were read."""
    systems = [
        printable(s.kind if s.kind == s.label and not s.version else f"{s.kind} {s.version or s.label}")
        for s in plan.systems
    ]
    return " · ".join([f"mailstack {command}", printable(plan.stack), *systems])


def _systems(plan: Plan, paint: Paint) -> Iterator[list[str]]:
    by_system: dict[str, list[Change]] = {}
    for wave in plan.waves:
        by_system.setdefault(wave.system, []).extend(wave.changes)
    titles = {s.label: s.title for s in plan.systems}
    for system, changes in by_system.items():
        if changes:
            yield [f"  {paint('head', printable(titles.get(system, system)))}", *_lines(changes, paint)]


def _lines(changes: Sequence[Change], paint: Paint) -> Iterator[str]:
    adopted = Counter(c.address.kind for c in changes if c.verb is Verb.ADOPT)
    folded = {kind for kind, number in adopted.items() if number > _ADOPTIONS_SHOWN}
    gone = replaced(changes)
    beside = {change.address for change in gone.values()}
    shown = [
        (change, words.label(change), words.name(change))
        for change in changes
        if not (change.verb is Verb.ADOPT and change.address.kind in folded) and change.address not in beside
    ]
    kind_width = max((len(label) for _, label, _ in shown), default=0)
    name_width = min(max((len(name) for _, _, name in shown), default=0), 40)
    for change, label, name in shown:
        sign, told = words.SIGNS[change.verb], words.details(change)
        if change.address in gone:
            sign, told = words.SIGNS[Verb.CHANGE], details(gone[change.address], change)
        line = f"{sign} {label:{kind_width}}  {name:{name_width}}"
        yield f"    {paint(sign, line)}  {told}".rstrip()
    for kind in sorted(folded):
        number = words.counted(adopted[kind], words.noun(kind))
        yield f"    {paint('>', printable(f'> {number}'))} as declared: marked as ours, nothing else changes"


def _held(plan: Plan, paint: Paint) -> Iterator[str]:
    if plan.held:
        yield f"  {paint('warn', 'Held, will not be done')}"
    shown, followers = faults.folded(plan.held)
    for item in shown:
        yield f"    {_head(item.change, paint)}  {words.details(item.change)}".rstrip()
        finding = faults.of(item, plan)
        if finding is not None:
            yield f"        {printable(f'{finding.rule}  {_place(finding)}{item.why}')}"
            yield f"        To mend it: {printable(finding.fix)}"
            yield from (f"        {line}" for line in words.way_out(item))
            continue
        yield f"        {printable(item.why)}"
        yield from (f"        {line}" for line in words.way_out(item))
    yield from _followers(followers, paint)


def _still_held(plan: Plan, paint: Paint) -> Iterator[str]:
    """Yield what is held, alone: why, and what lets it go, stands in the plan that was shown before."""
    if plan.held:
        yield f"  {paint('warn', 'Held, as the plan says')}"
    shown, followers = faults.folded(plan.held)
    yield from (f"    {_head(item.change, paint)}" for item in shown)
    yield from _followers(followers, paint)


def _followers(followers: Sequence[tuple[str, int]], paint: Paint) -> Iterator[str]:
    if followers:
        counts = ", ".join(words.counted(number, words.noun(kind)) for kind, number in followers)
        yield f"    {paint('faint', 'and what needs these:')} {printable(counts)}"


def _head(change: Change, paint: Paint) -> str:
    sign = words.SIGNS[change.verb]
    return paint(sign, f"{sign} {words.label(change)}  {words.name(change)}")


def _unmanaged(plan: Plan, paint: Paint, *, listed: bool) -> Iterator[str]:
    numbers = {kind: len(names) for kind, names in plan.unmanaged.items()}
    for kind, number in plan.beside.items():
        numbers[kind] = numbers.get(kind, 0) + number
    if not numbers:
        return
    counts = ", ".join(words.counted(number, words.noun(kind)) for kind, number in sorted(numbers.items()))
    hint = "" if listed else paint("faint", "   (--unmanaged lists them)")
    yield f"  Unmanaged, left alone: {printable(counts)}{hint}"
    if listed:
        for names in plan.unmanaged.values():
            yield from (f"      {printable(name)}" for name in names)


def _findings(findings: Sequence[Finding], paint: Paint) -> Iterator[str]:
    told: Counter[str] = Counter()
    for finding in findings:
        told[finding.rule] += 1
        if told[finding.rule] > _OF_ONE_RULE:
            continue
        sign = paint("faint", "i") if finding.severity == "hint" else paint("warn", "!")
        yield f"{sign} {printable(f'{finding.rule}  {_place(finding)}{finding.text}')}"
        yield from (f"    {line}".rstrip() for line in printable_lines(finding.fix))
    for rule, number in told.items():
        if number > _OF_ONE_RULE:
            yield paint(
                "faint", f"  and {number - _OF_ONE_RULE} more {printable(rule)}   (--format json lists them)"
            )


def _place(finding: Finding) -> str:
    return f"{Where(file=finding.file, line=finding.line)}  " if finding.file else ""


def _what_is_as_declared(plan: Plan) -> str:
    """Return of what it is true; what others must do is not done because we have nothing to do."""
    if not plan.complete:
        return "what could be read is as declared."
    if plan.notes:
        return "all that mailstack keeps is as declared. What is noted above is for you."
    return "everything is as declared."


def _summary(plan: Plan, paint: Paint) -> Iterator[str]:
    if not plan.has_work and not plan.held:
        yield paint("head", f"Nothing to do: {_what_is_as_declared(plan)}")
        return
    if told := totals.adoption(plan):
        yield from (printable(sentence) for sentence in told)
        yield ""
    parts = [*totals.planned(plan), *totals.activations(plan)]
    yield paint("head", f"Plan: {' · '.join(parts)}")
    yield f"plan id {printable(plan.plan_id)}"
    if releases := totals.releases(plan):
        yield f"released with {releases}"


def _outcomes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield what became of changes.  What went wrong with several at once is told once, after the last."""
    for number, outcome in enumerate(outcomes, 1):
        yield f"    {words.SIGNS[outcome.verb]} {printable(str(outcome.address))}"
        if number == len(outcomes) or outcomes[number].detail != outcome.detail:
            yield from (f"        {line}".rstrip() for line in printable_lines(outcome.detail))


def _result(report: Report) -> str:
    parts = [f"Done: {' · '.join(totals.done(report))}", *totals.not_done(report)]
    if report.having(Status.FAILED) or report.having(Status.SKIPPED):
        parts.append("mend it and apply again: what is done stays done")
    return " · ".join(parts)
