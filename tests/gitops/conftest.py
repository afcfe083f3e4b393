"""A repository on a stand-in forge, a runner for its workflows, and a mail server that they meet."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from github_server import GitHub, listening


@pytest.fixture
def github(tmp_path) -> Iterator[GitHub]:
    """A stand-in for GitHub with an empty repository."""
    git = tmp_path / "mail.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", git], check=True)
    with listening(GitHub(git)) as server:
        yield server
