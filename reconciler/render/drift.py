"""A plan -> what changed under us, as text.  Pure.

A plan tells what apply would do; this tells the same the other way round: what is live, seen from
what the stack declares.  An account that apply would add is gone, a setting that it would put back
has become another one.  Who changed it, and whether before or after the last apply, nobody can know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.diff import Change, Verb
from reconciler.plan import Plan
from reconciler.render import text, words
from reconciler.render.characters import printable

_SIGNS = {
    Verb.ADD: "-",
    Verb.CHANGE: "~",
    Verb.DELETE: "+",
    Verb.ADOPT: ">",
    Verb.FORGET: "<",
    Verb.ACTIVATE: "*",
}
_TITLES = {
    Verb.ADD: "gone",
    Verb.CHANGE: "different",
    Verb.DELETE: "there and not declared",
    Verb.ADOPT: "without our mark",
    Verb.FORGET: "to forget",
    Verb.ACTIVATE: "stored and not in use",
}


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


def is_drift(plan: Plan) -> bool:
    """Is anything not as declared?  What is held counts, although apply leaves it."""
    return plan.has_work or bool(plan.held)


def _systems(plan: Plan, paint: text.Paint) -> Iterator[list[str]]:
    titles = {system.label: system.title for system in plan.systems}
    for label in dict.fromkeys(wave.system for wave in plan.waves):
        changes = [change for wave in plan.waves if wave.system == label for change in wave.changes]
        if changes:
            yield [f"  {paint('head', titles.get(label, label))}", *_lines(changes, paint)]


def _held(plan: Plan, paint: text.Paint) -> Iterator[str]:
    if plan.held:
        yield f"  {paint('warn', 'Not as declared, and held: apply leaves it')}"
    for held in plan.held:
        yield from _lines([held.change], paint)
        yield f"        {held.why}"


def _lines(changes: Sequence[Change], paint: text.Paint) -> Iterator[str]:
    kinds = max(len(words.label(change)) for change in changes)
    names = min(max(len(words.name(change)) for change in changes), 40)
    for change in changes:
        sign = _SIGNS[change.verb]
        line = f"{sign} {words.label(change):{kinds}}  {words.name(change):{names}}"
        yield f"    {paint(sign, line)}  {_details(change)}".rstrip()


def _details(change: Change) -> str:
    match change.verb:
        case Verb.ADD:
            return " · ".join(filter(None, ("is gone", words.details(change))))
        case Verb.CHANGE:
            turned = tuple(replace(f, before=f.after, after=f.before) for f in change.fields)
            return words.details(replace(change, fields=turned, before=change.after, after=change.before))
        case Verb.DELETE:
            return change.reason and f"is there: {printable(change.reason)}"
        case Verb.ADOPT:
            return "as declared, without our mark"
        case Verb.FORGET:
            return "carries our mark still"
        case Verb.ACTIVATE:
            return "what is stored there is not in use"


def _summary(plan: Plan, paint: text.Paint) -> Iterator[str]:
    if not is_drift(plan):
        yield paint("head", "No drift: everything is as declared.")
        return
    verbs = Counter(change.verb for change in plan.changes)
    parts = [f"{verbs[verb]} {title}" for verb, title in _TITLES.items() if verbs[verb]]
    if plan.held:
        parts.append(f"{len(plan.held)} held")
    yield paint("head", f"Drift: {' · '.join(parts)}")
    yield f"plan id {plan.plan_id}"
    if plan.has_work:
        yield from (
            "",
            "Make it as declared again, or declare what is there now:",
            "",
            f"    mailstack apply --plan-id {plan.plan_id}",
        )
