"""A plan -> what changed under us, as text.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diff import Change
from reconciler.plan import Plan
from reconciler.render import drift_words, faults, text, words
from reconciler.render.characters import printable


def drift(plan: Plan, *, paint: text.Paint = text.plain, unmanaged: bool = False) -> str:
    """Return what is not as declared, and what then."""
    sections = [
        [paint("head", text.headline("drift", plan))],
        *_systems(plan, paint),
        list(_held(plan, paint)),
        *text.beside(plan, paint=paint, unmanaged=unmanaged),
        list(_summary(plan, paint)),
    ]
    return text.joined(sections)


def _systems(plan: Plan, paint: text.Paint) -> Iterator[list[str]]:
    titles = {system.label: system.title for system in plan.systems}
    for label in dict.fromkeys(wave.system for wave in plan.waves):
        changes = [change for wave in plan.waves if wave.system == label for change in wave.changes]
        if changes:
            yield [f"  {paint('head', printable(titles.get(label, label)))}", *_lines(changes, paint)]


def _held(plan: Plan, paint: text.Paint) -> Iterator[str]:
    if plan.held:
        yield f"  {paint('warn', 'Not as declared, and held: apply leaves it')}"
    for held in plan.held:
        yield from _lines([held.change], paint)
        finding = faults.of(held, plan)
        yield f"        {printable(f'{finding.rule}  {held.why}' if finding else held.why)}"
        if finding is not None:
            yield f"        To mend it: {printable(finding.fix)}"


def _lines(changes: Sequence[Change], paint: text.Paint) -> Iterator[str]:
    kinds = max(len(words.label(change)) for change in changes)
    names = min(max(len(words.name(change)) for change in changes), 40)
    for change in changes:
        sign = drift_words.SIGNS[change.verb]
        line = f"{sign} {words.label(change):{kinds}}  {words.name(change):{names}}"
        yield f"    {paint(sign, line)}  {drift_words.details(change)}".rstrip()


def _summary(plan: Plan, paint: text.Paint) -> Iterator[str]:
    if not drift_words.is_drift(plan):
        all_of_it = "everything" if plan.complete else "what could be read"
        yield paint("head", f"No drift: {all_of_it} is as declared.")
        return
    yield paint("head", f"Drift: {' · '.join(drift_words.totals(plan))}")
    yield f"plan id {printable(plan.plan_id)}"
    if plan.has_work:
        yield from (
            "",
            "Make it as declared again, or declare what is there now:",
            "",
            f"    mailstack apply --plan-id {printable(plan.plan_id)}",
        )
