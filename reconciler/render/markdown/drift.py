"""What changed under us, for the issue that a nightly job keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diff import Change
from reconciler.plan import Plan
from reconciler.render import drift_words, words
from reconciler.render.markdown import lines
from reconciler.render.markdown.code import line, prose
from reconciler.render.markdown.plan import foot, systems, title
from reconciler.render.markdown.sections import Item, Section, fitted


def drift(plan: Plan, *, max_bytes: int) -> str:
    """Return what is not as declared as Markdown of at most max_bytes bytes, with the marker of the stack first."""
    held = tuple(
        Item(lines=(*item.lines, *prose(one.why, "      ")))
        for one in plan.held
        for item in _items([one.change])
    )
    sections = [
        Section(title="Not as declared", items=tuple(_items(plan.changes)), noun="differences", folds=True),
        Section(title="Not as declared and held, so apply leaves it", items=held, noun="held differences"),
        Section(title="Findings", items=tuple(lines.findings(plan.findings)), noun="findings", folds=True),
    ]
    return fitted(_head(plan), sections, foot(plan), max_bytes)


def _head(plan: Plan) -> str:
    is_drift = drift_words.is_drift(plan)
    parts = drift_words.totals(plan) if is_drift else ["none"]
    text = [title("drift", plan, parts), f"{systems(plan)}\n"]
    if not plan.complete:
        text.append("**Not everything could be read: there may be more than this.**\n")
    text.append(
        "Make it as declared again with `mailstack apply`, or declare what is there now.\n"
        if is_drift
        else "Everything is as declared.\n"
    )
    return "\n".join(text)


def _items(changes: Sequence[Change]) -> Iterator[Item]:
    kinds = max((len(words.label(change)) for change in changes), default=0)
    names = min(max((len(words.name(change)) for change in changes), default=0), 40)
    for change in changes:
        sign = lines.SIGNS_IN_FENCE.get(drift_words.SIGNS[change.verb], drift_words.SIGNS[change.verb])
        head = f"{sign} {words.label(change):{kinds}}  {words.name(change):{names}}"
        yield Item(lines=(line(f"{head}  {drift_words.details(change)}"),))
