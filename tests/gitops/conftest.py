"""A repository on a stand-in forge, a runner for its workflows, and a mail server that they meet."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import cli
from ci_job import CiJob
from github_server import GitHub, listening

from reconciler.sandbox import Sandbox


@pytest.fixture
def github(tmp_path) -> Iterator[GitHub]:
    """A stand-in for GitHub with an empty repository."""
    git = tmp_path / "mail.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", git], check=True)
    with listening(GitHub(git)) as server:
        yield server


@pytest.fixture
def server() -> Iterator[Sandbox]:
    """A 0.15.5 that has the domain example.org and nothing else."""
    with cli.sandbox(seed={"domains": ["example.org"]}) as server:
        yield server


@pytest.fixture
def project(tmp_path, server) -> cli.Project:
    """A checkout with a stack that adds an account and an alias."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    project = cli.Project(folder, server.url, server)
    project.stack("accounts: {alice: {aliases: [postmaster]}}\n")
    return project


@pytest.fixture
def job(project, github) -> CiJob:
    """A job in that checkout."""
    return CiJob(project, github)
