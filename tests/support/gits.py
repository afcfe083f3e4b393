"""git in a folder, as somebody whom every machine knows."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SOMEBODY = (
    *("-c", "user.name=T", "-c", "user.email=t@example.org"),
    *("-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"),
)


def git(folder: Path, *words: str) -> str:
    """Run a git command and return what it prints, without its last line end."""
    done = subprocess.run(["git", *_SOMEBODY, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()
