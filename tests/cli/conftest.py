"""A folder with a stack file for a stand-in server, and mailstack run in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import cli

from reconciler.sandbox import Sandbox

SMALL = "accounts: {alice: {aliases: [postmaster]}}\n"


@pytest.fixture
def server() -> Iterator[Sandbox]:
    """A 0.15.5 that has the domain example.org and nothing else."""
    with cli.sandbox(seed={"domains": ["example.org"]}) as server:
        yield server


@pytest.fixture
def project(tmp_path, server) -> cli.Project:
    """A folder with a stack that adds an account and an alias."""
    project = cli.Project(tmp_path, server.url, server)
    project.stack(SMALL)
    return project


@pytest.fixture
def alone(tmp_path) -> cli.Project:
    """A folder with nothing in it, and no server."""
    return cli.Project(tmp_path)
