"""Apply in a job: the plan that people saw, or none."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.cli.ci import comments
from reconciler.cli.ci.one import One
from reconciler.forge import sticky
from reconciler.forge.interface import Note
from reconciler.forge.wire import ForgeError
from reconciler.report import NOTHING_DONE

# Another job may be at it; each waits for the other.
_PATIENCE = ("--lock-timeout", "300")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The comment of the pull request that brought this commit."""

    pull: int
    comment: Note


def apply(one: One) -> int:
    """Apply the plan with the given id, else the one that the commit's pull request shows, else what is planned now."""
    if one.asked.plan_id or one.asked.reviewed == "no":
        return _do(one, one.asked.plan_id, None)
    try:
        reviewed = _reviewed(one)
    except ForgeError as error:
        return _refuse(one, f"It could not be found out which plan was reviewed.\n{error}")
    shown = comments.shown_plan(reviewed.comment.body) if reviewed else None
    if shown is None:
        return _only_marks(one) if one.asked.reviewed == "required" else _do(one, "", None)
    if shown.id == "none":
        why = "The last plan on this commit's pull request failed: nobody has seen what would be done."
        return _refuse(one, why, reviewed)
    return _do(one, shown.id, reviewed, shown.text)


def _reviewed(one: One) -> Reviewed | None:
    """Return our comment on the pull request that brought the commit; None when it came without one."""
    if one.forge is None or (pull := one.forge.pull_of(one.job.commit)) is None:
        return None
    comment = sticky.comment_of(one.forge, pull, comments.marker(one.name))
    return None if comment is None else Reviewed(pull=pull, comment=comment)


def _only_marks(one: One) -> int:
    """Apply what nobody has reviewed, if it changes nothing but marks; else refuse."""
    plan = _fresh(one)
    if plan is None or any(plan["summary"][verb] for verb in ("add", "change", "delete")):
        return _refuse(one, "A reviewed plan is wanted, and no pull request of this commit shows one.")
    return _do(one, str(plan["plan_id"]), None)


def _do(one: One, plan_id: str, reviewed: Reviewed | None, plan: str = "") -> int:
    """Apply: the saved plan or what is left of it, else the plan with this id, else what is planned now."""
    with tempfile.TemporaryDirectory(prefix="mailstack-") as folder:
        how = [*(("--plan-id", plan_id) if plan_id else ("--yes",)), *one.asked.releases]
        if plan:
            saved = Path(folder, "plan.json")
            saved.write_text(plan, encoding="utf-8")
            how = [str(saved)]  # with the releases that it was made with
        ended = one.run(*("apply", *how, "--format", "markdown", *_PATIENCE, *_report(one)), is_watched=True)
    one.child.output(exit_code=str(ended.code))
    if not ended.out.startswith(comments.marker(one.name)):
        # Nothing was begun: another plan than the wanted one, somebody else at work, or a server that is silent.
        fresh = _fresh(one) if plan_id and ended.code == NOTHING_DONE else None
        if fresh is None or fresh["plan_id"] == plan_id:
            return one.failed("apply", ended, is_told=True)
        # The saved plan lay in a folder of ours, whose name tells nobody anything.
        why = ended.out + ended.err
        return _refuse(one, why.replace(how[0], "the reviewed plan") if plan else why, reviewed, fresh)
    one.child.tell(ended.out)
    if headline := re.search(r"^### mailstack apply .*?`: (.+)$", ended.out, re.MULTILINE):
        _tell(one, reviewed, comments.APPLIED, headline[1])
    return ended.code


def _report(one: One) -> tuple[str, ...]:
    """Return where the report of the run is to lie, for those who ask later who did what."""
    folder = one.child.environ.get("RUNNER_TEMP") or one.child.environ.get("CI_PROJECT_DIR")
    if not folder:
        return ()
    path = str(Path(folder, f"mailstack-report-{re.sub(r'[^A-Za-z0-9._-]', '_', one.name)}.json"))
    one.child.output(report=path)
    return ("--report", path)


def _tell(one: One, reviewed: Reviewed | None, what: str, text: str) -> None:
    """Say on the pull request what became of its plan."""
    if reviewed is None or one.writes is None:
        return
    body = comments.after(reviewed.comment.body, what, text, one.job)
    try:
        one.writes.change_comment(reviewed.pull, reviewed.comment, body)
    except ForgeError as error:
        one.untold("What became of the plan could not be written to its pull request.", error)


def _refuse(one: One, why: str, reviewed: Reviewed | None = None, plan: dict[str, Any] | None = None) -> int:
    """Do nothing; show what would be done now, and how to have it done all the same."""
    way, markdown = "", ""
    if plan := plan or _fresh(one):
        how = comments.by_hand(one.job.forge, str(plan["plan_id"]))
        way, markdown = f"If the plan below is right, {how}.", str(plan["markdown"])
    one.child.tell("\n".join(filter(None, (why.strip(), str((plan or {}).get("text", "")), way))))
    one.child.annotate(comments.error(why))
    one.child.summarise(comments.refused(one.name, why, one.job, way))
    one.child.summarise(markdown)
    _tell(one, reviewed, comments.REFUSED, comments.first_line(why))
    return NOTHING_DONE


def _fresh(one: One) -> dict[str, Any] | None:
    """Return the plan of now: its JSON, with its text and Markdown beside; None where none can be made."""
    with tempfile.TemporaryDirectory(prefix="mailstack-") as folder:
        saved = Path(folder, "plan.json")
        ended = one.run("plan", "--out", str(saved), *one.asked.releases, publishes=False)
        if ended.code:
            return None
        found: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    return {**found, "text": ended.out, "markdown": ended.summary}
