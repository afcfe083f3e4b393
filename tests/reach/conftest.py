"""A real sshd for all tests of this folder, a server that can be restarted, and mailstack run against both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import cli
from fake_docker import FakeDocker
from restarts import Restartable
from sshd import Sshd, program


@pytest.fixture(scope="session")
def sshd(tmp_path_factory):
    if program() is None:
        pytest.skip("no sshd (Debian: openssh-server)")
    with Sshd(tmp_path_factory.mktemp("sshd")) as sshd:
        yield sshd


@pytest.fixture
def server(tmp_path):
    with Restartable(tmp_path / "server") as server:
        yield server


@pytest.fixture
def project(tmp_path, server):
    folder = tmp_path / "project"
    folder.mkdir()
    return cli.Project(folder, server.server.url, server.server)


@pytest.fixture
def by_ssh(project, sshd):
    """The project, with an ssh that knows the sshd."""
    project.environ["MAILSTACK_SSH_COMMAND"] = sshd.command
    return project


@pytest.fixture
def docker(tmp_path):
    return FakeDocker(tmp_path / "docker")
