"""Drift in a job: one issue a stack, open while the server is not what the stack says."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from reconciler.cli.ci import comments
from reconciler.cli.ci.one import One
from reconciler.forge import sticky
from reconciler.forge.wire import ForgeError
from reconciler.report import CHANGES, DONE


def drift(one: One) -> int:
    """Look; open, change or close the issue.  0 when somebody is told of a drift, 2 when it can be told nowhere."""
    with tempfile.TemporaryDirectory(prefix="mailstack-") as folder:
        saved = Path(folder, "plan.json")
        ended = one.run("drift", "--format", "markdown", "--detailed-exitcode", "--json-into", str(saved))
        one.child.output(exit_code=str(ended.code))
        if ended.code not in (DONE, CHANGES):
            return one.failed("drift", ended)
        plan_id = str(json.loads(saved.read_text(encoding="utf-8"))["plan_id"])
    one.child.tell(ended.err)
    one.child.tell(ended.out)
    is_drift = ended.code == CHANGES
    if one.writes is None:
        return ended.code
    try:
        issue = sticky.keep_issue(
            one.writes,
            comments.marker(one.name),
            title=f"mailstack: {one.name} is not as declared",
            body=comments.drifted(ended.out, plan_id, one.job, is_drift=is_drift),
            is_open=is_drift,
        )
    except ForgeError as error:
        one.untold("There is no issue about this.", error)
        return ended.code
    if issue is not None:
        one.child.output(url=issue.url)
    return DONE
