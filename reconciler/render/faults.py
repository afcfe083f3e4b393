"""Held changes and the findings that are about them: what is told once, together.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconciler.guard import Held
from reconciler.plan import Plan
from reconciler.state import Finding

# So many changes that only wait for a held one are told one by one; more become a number.
_FOLLOWERS_SHOWN = 3


def of(held: Held, plan: Plan) -> Finding | None:
    """Return the finding for which a change is held: where it is, and how to mend it."""
    return next((f for f in plan.findings if (f.rule, f.text) == (held.rule, held.why)), None)


def told_alone(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings for which nothing is held."""
    causes = {(held.rule, held.why) for held in plan.held}
    return tuple(f for f in plan.findings if (f.rule, f.text) not in causes)


def folded(held: Sequence[Held]) -> tuple[tuple[Held, ...], tuple[tuple[str, int], ...]]:
    """Return what is told one by one, and by kind the number of those that only wait for it."""
    followers = [one for one in held if one.rule == "depends"]
    if len(followers) <= _FOLLOWERS_SHOWN:
        return tuple(held), ()
    counts = Counter(one.change.address.kind for one in followers)
    return tuple(one for one in held if one.rule != "depends"), tuple(sorted(counts.items()))
