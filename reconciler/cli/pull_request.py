"""Does a pull request itself change where logins go and what is run?  Git is asked, and nothing else.

Whoever opens one from a branch may write `stalwart.url` in it, and the job that plans it hands the
login over.  With `--connections` the question does not arise.
"""

from __future__ import annotations

import os

from reconciler.cli import repository
from reconciler.config.events import parse
from reconciler.config.load import read
from reconciler.config.reach import reach
from reconciler.config.tree import Node, Path, Tree
from reconciler.errors import InputError
from reconciler.state import Finding

RULE = "REACH-01"

# The branch into which it shall go: GitHub, Forgejo and Gitea; GitLab.
_TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
_FIX = "Read these lines before a job with secrets runs on this branch. Out of a branch's reach: --connections FILE"

_OUTSIDE = (
    "Read it before a job with secrets runs on this branch, and keep it outside of what a branch can change"
)


def findings(file: str, connections: str | None = None) -> tuple[Finding, ...]:
    """Return what the pull request of this job changes of a stack's reach; nothing outside of one."""
    target = next((os.environ[name] for name in _TARGETS if os.environ.get(name)), "")
    if not (os.environ.get("CI") and target):
        return ()
    return _of_connections(connections, file, target) if connections else _of_stack(file, target)


def _of_connections(file: str, stack: str, target: str) -> tuple[Finding, ...]:
    """Return whether the connections lie in the branch too, and the pull request changes them there."""
    top = repository.said(file, "rev-parse", "--show-toplevel")
    if top is None or top != repository.said(stack, "rev-parse", "--show-toplevel"):
        return ()
    before = _before(file, target)
    if before is None:
        return (_unknown(file, target),)
    try:
        if before == read(file):
            return ()
    except InputError:
        return ()  # the plan says so
    text = "this pull request changes the connections, which decide where a login goes or what is run"
    return (Finding(rule=RULE, severity="warning", text=text, fix=_OUTSIDE, file=file),)


def _of_stack(file: str, target: str) -> tuple[Finding, ...]:
    try:
        tree = parse(read(file), file)
    except InputError:
        return ()  # the plan says so
    before = _before(file, target)
    if before is None:
        return (_unknown(file, target),)
    was = dict(_reach(before, file))
    now = dict(reach(tree.root))
    return tuple(
        _changed(path, tree, is_new=path not in was, is_gone=path not in now)
        for path in dict.fromkeys([*now, *was])
        if was.get(path) != now.get(path)
    )


def _before(file: str, target: str) -> bytes | None:
    """Return the file as it is where the pull request leaves its target: nothing where it is new, None where nobody knows."""
    for commit in _bases(file, target):
        if repository.said(file, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") is not None:
            text = repository.said(file, "show", f"{commit}:./{os.path.basename(file)}")
            return (text or "").encode()
    return None


def _bases(file: str, target: str) -> list[str]:
    """Return commits to compare with, the best one first."""
    bases = [os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")]
    for branch in (f"origin/{target}", target):
        bases.append((repository.said(file, "merge-base", "HEAD", branch) or "").strip())
    if os.environ.get("GITHUB_REF", "").endswith("/merge"):
        # What GitHub checks out is a merge, whose first parent is the target.
        bases.append("HEAD^1")
    return [base for base in bases if base]


def _reach(data: bytes, file: str) -> list[tuple[Path, Node]]:
    try:
        return list(reach(parse(data, file).root))
    except InputError:
        return []


def _changed(path: Path, tree: Tree, *, is_new: bool, is_gone: bool) -> Finding:
    name = ".".join(map(str, path))
    where = tree.find(path)[1]
    verb = "adds" if is_new else "deletes" if is_gone else "changes"
    return Finding(
        rule=RULE,
        severity="warning",
        text=f"this pull request {verb} {name}, which decides where a login goes or what is run",
        fix=_FIX,
        file=where.file,
        line=where.line,
        column=where.column,
    )


def _unknown(file: str, target: str) -> Finding:
    return Finding(
        rule=RULE,
        severity="hint",
        text=(
            f"whether this pull request changes url, commands or via is not known: the checkout holds nothing of {target}"
        ),
        fix="Check out with fetch-depth: 2 (GitHub) or GIT_DEPTH: 0 (GitLab). Out of a branch's reach: --connections FILE",
        file=file,
    )
