"""What became of a plan, as somebody reads it who was not there: what is not done before everything else."""

from __future__ import annotations

from reconciler.outcome import Status
from reconciler.render import totals
from reconciler.render.markdown import lines
from reconciler.render.markdown.code import line, span
from reconciler.render.markdown.plan import systems, title
from reconciler.render.markdown.sections import Item, Section, fitted
from reconciler.report import Report

_TITLES = (
    (Status.FAILED, "Failed", "that failed"),
    (Status.STALE, "Not made, because it changed meanwhile", "that changed meanwhile"),
    (Status.SKIPPED, "Not tried", "that were not tried"),
)


def report(report: Report, *, max_bytes: int) -> str:
    """Return a report as Markdown of at most max_bytes bytes."""
    plan = report.plan
    done = frozenset(outcome.address for outcome in report.having(Status.DONE))
    sections = [
        Section(title=told, items=tuple(lines.outcomes(report.having(status), plan)), noun=noun)
        for status, told, noun in _TITLES
    ]
    sections += [
        Section(
            title="Held, was not done",
            items=tuple(lines.held(item) for item in plan.held),
            noun="held changes",
        ),
        Section(
            title="What is true now",
            items=tuple(Item(lines=tuple(map(line, fact.splitlines()))) for fact in report.facts),
            noun="facts",
            language="text",
            folds=True,
        ),
        Section(
            title="Done",
            items=tuple(lines.changes(plan, only=done)),
            noun="changes",
            folds=True,
        ),
    ]
    return fitted(_head(report), sections, f"plan id {span(plan.plan_id)}\n", max_bytes)


def _head(report: Report) -> str:
    plan = report.plan
    if not report.outcomes and not plan.held:
        text = [title("apply", plan, ["nothing to do"]), "Everything was as declared.\n"]
    else:
        text = [title("apply", plan, [*totals.not_done(report), *totals.done(report)])]
    text.append(f"{systems(plan)}\n")
    if report.having(Status.FAILED) or report.having(Status.SKIPPED):
        text.append("**Mend what failed and apply again: what is done stays done.**\n")
    return "\n".join(text)
