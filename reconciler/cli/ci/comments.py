"""The texts of comments and issues, and the plan that a comment shows.

The first line is the stack's marker, as the Markdown of a plan begins with it.  Below a plan it stands once more,
unseen, for the job that applies: nothing from outside comes after it.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass

from reconciler.forge.job import Job
from reconciler.render.github import Annotation, commands
from reconciler.render.markdown.code import line, longest_run, span
from reconciler.render.markdown.plan import marker

APPLIED, REFUSED = "Applied", "Not applied"
_SHOWN = re.compile(
    r"\n(?P<line><!-- mailstack-plan (?P<id>[0-9a-f]+|none)(?: (?P<plan>[A-Za-z0-9+/=]+))? -->)"
    rf"(?:\n\n\*\*(?:{APPLIED}|{REFUSED})\*\* [^\n]*)?\s*\Z"
)
# What is written below a plan once it is applied takes no more.
_ROOM = 1_000
# What a failed run says; the log has it whole.
_LONGEST = 20_000

__all__ = [
    "APPLIED",
    "REFUSED",
    "Shown",
    "after",
    "by_hand",
    "drifted",
    "error",
    "failed",
    "first_line",
    "lint_only",
    "marker",
    "planned",
    "refused",
    "said",
    "shown_plan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The plan that a comment shows.  id is `none` where it failed; text is the saved plan, where there was room."""

    id: str
    text: str = ""


def planned(markdown: str, plan: str, job: Job, longest: int) -> str:
    """Return the comment with a plan; plan is the saved one, as JSON.

    It goes along, unseen, where it fits: then main can also do what is left of it.  Elsewhere its id goes.
    """
    body = f"{markdown.rstrip()}\n\n{_foot(job)}\n\n<!-- mailstack-plan {json.loads(plan)['plan_id']}"
    packed = base64.b64encode(zlib.compress(plan.encode(), 9)).decode()
    if len(body) + len(packed) + _ROOM <= longest:
        body = f"{body} {packed}"
    return f"{body} -->\n"


def failed(stack: str, command: str, err: str, job: Job) -> str:
    """Return the text for a command that failed.  A former plan must not stand there as if it held."""
    return (
        f"{marker(stack)}\n### mailstack {command} {span(stack)}: failed\n\n{said(err)}\n\n"
        f"{_foot(job)}\n\n<!-- mailstack-plan none -->\n"
    )


def refused(stack: str, why: str, job: Job, way: str = "") -> str:
    """Return the text for an apply that was not begun."""
    told = [
        f"{marker(stack)}\n### mailstack apply {span(stack)}: refused, nothing was done",
        said(why),
        way,
        _foot(job),
    ]
    return "\n\n".join(filter(None, told)) + "\n"


def lint_only(stack: str, why: str, lint: str, job: Job) -> str:
    """Return the text where there can be no plan: why, and what lint has found."""
    found = lint.removeprefix(marker(stack)).strip()
    return f"{marker(stack)}\n### mailstack {span(stack)}: lint only, no plan\n\n{why}\n\n{found}\n\n{_foot(job)}\n"


def by_hand(forge: str, plan_id: str) -> str:
    """Return how a person has a certain plan applied."""
    return {
        "gitlab": f"run a pipeline on the default branch with the variable MAILSTACK_CI_PLAN_ID={plan_id}",
        "": f"run `mailstack apply --plan-id {plan_id}`",
    }.get(forge, f"under Actions, mailstack, Run workflow, give the plan-id `{plan_id}`")


def drifted(markdown: str, plan_id: str, job: Job, *, is_drift: bool) -> str:
    """Return the body of the issue.  No date and no run is in it: the same drift the next night is the same text."""
    way = "Closed: everything is as declared."
    if is_drift:
        way = (
            f"To have it made as declared again, {by_hand(job.forge, plan_id)}.\n\n"
            "A nightly job keeps this issue: it changes with what is found, and is closed when nothing is."
        )
    return f"{markdown.rstrip()}\n\n{way}\n"


def said(err: str) -> str:
    """Return what a command said as a block in which nothing of it is Markdown."""
    told = "\n".join(line(text) for text in err[:_LONGEST].strip().splitlines())
    fence = "`" * max(3, longest_run([told]) + 1)
    return f"{fence}text\n{told}\n{fence}"


def error(why: str) -> str:
    """Return an annotation with the first line of why."""
    return commands([Annotation(level="error", title="mailstack apply", text=first_line(why))])


def shown_plan(body: str) -> Shown | None:
    """Return the plan that a comment shows; None where there never was one."""
    found = _SHOWN.search(body)
    if found is None:
        return None
    text = zlib.decompress(base64.b64decode(found["plan"])).decode() if found["plan"] else ""
    return Shown(id=found["id"], text=text)


def after(body: str, what: str, text: str, job: Job) -> str:
    """Return a plan's comment with what became of it: APPLIED or REFUSED.  A later run takes the place of an earlier one."""
    plan = _SHOWN.sub(lambda found: f"\n{found['line']}", body).rstrip()
    by = f"[this run]({job.url})" if job.url else "a run"
    return f"{plan}\n\n**{what}** as {_commit(job)} by {by}: {text[:200]}\n"


def first_line(why: str) -> str:
    """Return what an error says in its first line."""
    return why.strip().partition("\n")[0].removeprefix("error: ")


def _foot(job: Job) -> str:
    return f"For {_commit(job)}, by {f'[this run]({job.url})' if job.url else 'a run'}."


def _commit(job: Job) -> str:
    return f"commit {job.commit[:12]}" if job.commit else "what is checked out"
