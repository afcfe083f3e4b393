"""Plan in a job: the log, the lines of the stack, the summary, and the one comment of a pull request."""

from __future__ import annotations

import tempfile
from pathlib import Path

from reconciler.cli.ci import comments
from reconciler.cli.ci.lint import alone, no_plan
from reconciler.cli.ci.one import One
from reconciler.report import CHANGES, DONE


def plan(one: One) -> int:
    """Plan once, show it everywhere.  A plan with changes is work done: 0."""
    if why := no_plan(one):
        return alone(one, why)
    with tempfile.TemporaryDirectory(prefix="mailstack-") as folder:
        saved = Path(folder, "plan.json")
        ended = one.run(
            *("plan", "--format", "github", "--detailed-exitcode", "--out", str(saved)), *one.asked.releases
        )
        one.child.output(exit_code=str(ended.code))
        if ended.code not in (DONE, CHANGES):
            return one.failed("plan", ended)
        one.child.tell(ended.err)
        one.child.tell(one.child.run("show", str(saved), publishes=False).out)
        one.child.annotate(ended.out)
        plan_text = saved.read_text(encoding="utf-8")
    # Where a repository has many stacks, most pull requests change one: the others stay silent.
    if one.writes is not None:
        body = comments.planned(ended.summary, plan_text, one.job, one.writes.longest)
        one.comment(body, is_quiet=ended.code == DONE and not one.is_alone)
    return DONE
