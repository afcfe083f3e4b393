"""Killed at a request to a real server, the next run converges there as well.

Every fourth request in a quick run, each of them with --nightly: a real server takes a second to start.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cli
import pytest
import real_stalwart
from between import Between, between
from scenario import STACK, Scenario, fill

BINARIES = real_stalwart.binaries()
SERVERS = [pytest.param(path, id=version) for version, path in BINARIES.items()]
if not BINARIES:
    reason = "no stalwart binary on PATH or in MAILSTACK_TEST_STALWART"
    SERVERS.append(pytest.param("", id="real", marks=pytest.mark.skip(reason=reason)))

# A server in a test cannot resolve names, which would block its reloads.
NO_LOOKUPS = {"spam-filter.pyzor.enable": "false"}


@contextmanager
def _running(binary: str, folder: Path) -> Iterator[tuple[Scenario, Between]]:
    stack = folder / "stack"
    stack.mkdir(parents=True)
    with real_stalwart.RealStalwart(binary, folder / "server") as real, between(real.url) as middle:
        environ = {**cli.ENVIRON, "STALWART_PASSWORD": real_stalwart.PASSWORD}
        project = cli.Project(stack, middle.url, environ=environ, password=real_stalwart.PASSWORD)
        project.stack(STACK)
        fill(project.api)
        project.api.store(NO_LOOKUPS)
        assert project.api.data("GET", "/api/reload")["errors"] == {}
        yield Scenario(project), middle


@pytest.mark.parametrize("binary", SERVERS)
def test_killed_at_a_request_the_next_run_converges(binary, tmp_path, request):
    with _running(binary, tmp_path / "undisturbed") as (scenario, middle):
        strangers = scenario.strangers()
        before = len(middle.requests)
        assert scenario.project.run("apply", "--yes").code == 0
        number_of_requests = len(middle.requests) - before
        assert scenario.left() == set()
        assert scenario.strangers() == strangers

    assert number_of_requests >= 40
    step = 1 if request.config.getoption("--nightly") else 4
    forks = cli.Forks()
    try:
        for number in range(0, number_of_requests, step):
            for phase in ("before", "after"):
                with _running(binary, tmp_path / f"{number}-{phase}") as (scenario, middle):
                    _kill_at(scenario, middle, forks, number, phase)
                    scenario.converges()
                    assert scenario.strangers() == strangers
    finally:
        forks.close()


def _kill_at(scenario: Scenario, middle: Between, forks: cli.Forks, number: int, phase: str) -> None:
    at = len(middle.requests) + number

    def kill(request: int, _: str, __: str, now: str) -> bool:
        if (request, now) != (at, phase):
            return False
        os.kill(forks.running(), signal.SIGKILL)
        return True

    middle.on_request = kill
    code = forks.run(scenario.project.folder, scenario.project.environ, ["apply", "--yes"])
    middle.on_request = None
    assert code == -signal.SIGKILL
