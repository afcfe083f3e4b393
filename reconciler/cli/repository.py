"""What git and the job say of a stack file: its commit, who runs us, and what a pull request makes of it.

Reads only.  Where there is no git, no work tree or no such commit, the answer is "not known".
"""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Iterable

_SECONDS = 20

# GitHub, Forgejo and Gitea; GitLab; Woodpecker; Drone; Jenkins with its build-user plugin.
_ACTORS = (
    *("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CI_COMMIT_AUTHOR"),
    *("DRONE_COMMIT_AUTHOR", "BUILD_USER_ID"),
)
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "DRONE_COMMIT_SHA", "GIT_COMMIT")
_JOBS = ("CI_JOB_URL", "CI_STEP_URL", "DRONE_BUILD_LINK", "BUILD_URL")


def actor() -> str:
    """Return who runs us: what the job says, or else the user of this machine."""
    if told := _first(_ACTORS):
        return told
    if sudo := os.environ.get("SUDO_USER"):
        return sudo
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # a container's user without a name


def job() -> str:
    """Return the address of the job that runs us, or nothing."""
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    if all(parts):
        server, repository, run = parts
        return f"{server}/{repository}/actions/runs/{run}"
    return _first(_JOBS)


def commit(file: str) -> tuple[str, bool]:
    """Return the commit that a file is checked out from, and whether the file is otherwise than there."""
    head = said(file, "rev-parse", "HEAD")
    if head is None:
        return _first(_COMMITS), False
    status = said(file, "status", "--porcelain", "--", os.path.abspath(file))
    return head.strip(), bool(status)


def said(file: str, *words: str) -> str | None:
    """Return what a git command prints in the folder of a file; None where it fails."""
    folder = os.path.dirname(os.path.abspath(file))
    try:
        done = subprocess.run(
            ["git", "-C", folder, *words],
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _first(names: Iterable[str]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
