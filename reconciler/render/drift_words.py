"""What changed under us, in words.  Pure; shared by the renderers.

A plan tells what apply would do; drift tells the same the other way round: what is live, seen from
what the stack declares.  An account that apply would add is gone, a setting that it would put back
has become another one.  Who changed it, and whether before or after the last apply, nobody can know.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reconciler.diff import Change, Verb
from reconciler.plan import Plan
from reconciler.render import words
from reconciler.render.characters import printable

SIGNS = {
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


def is_drift(plan: Plan) -> bool:
    """Is anything not as declared?  What is held counts, although apply leaves it."""
    return plan.has_work or bool(plan.held)


def totals(plan: Plan) -> list[str]:
    """Return how much of what, in parts: `1 gone`, `2 different`, `1 held`."""
    verbs = Counter(change.verb for change in plan.changes)
    parts = [f"{verbs[verb]} {title}" for verb, title in _TITLES.items() if verbs[verb]]
    return [*parts, *([f"{len(plan.held)} held"] if plan.held else [])]


def details(change: Change) -> str:
    """Return what has become of it, in a few words."""
    match change.verb:
        case Verb.ADD:
            return " · ".join(filter(None, ("is gone", words.details(change))))
        case Verb.CHANGE:
            turned = tuple(replace(f, before=f.after, after=f.before) for f in change.fields)
            return words.details(replace(change, fields=turned, before=change.after, after=change.before))
        case Verb.DELETE:
            told = words.details(change) if change.address.kind == "record" else printable(change.reason)
            return f"is there: {told}" if told else "is there"
        case Verb.ADOPT:
            return "as declared, without our mark"
        case Verb.FORGET:
            return "carries our mark still"
        case Verb.ACTIVATE:
            return "what is stored there is not in use"
