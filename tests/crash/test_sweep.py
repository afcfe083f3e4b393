"""Killed at every request, and failing at every write: what is said is what is live, and the next run converges."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cli
import pytest
from scenario import SEED, STACK, Scenario

from reconciler.sandbox import Sandbox

# The requests are swept in parts, so that several processes can share them.
PARTS = 6


@dataclass(frozen=True)
class StandIn(Scenario):
    """The scenario on a stand-in server, which can be made to fail."""

    server: Sandbox


@contextmanager
def _running(folder: Path) -> Iterator[StandIn]:
    with cli.sandbox(seed=SEED) as server:
        project = cli.Project(folder, server.url, server)
        project.stack(STACK)
        yield StandIn(project, server)


@pytest.fixture(scope="module")
def forks() -> Iterator[cli.Forks]:
    forks = cli.Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> list[tuple[str, str]]:
    """Every request of an apply that nothing disturbs."""
    with _running(tmp_path_factory.mktemp("undisturbed")) as scenario:
        strangers = scenario.strangers()
        before = len(scenario.server.requests)
        assert scenario.project.run("apply", "--yes").code == 0
        asked = scenario.server.requests[before:]
        assert scenario.left() == set()
        assert scenario.strangers() == strangers
    return asked


def _writes(asked: list[tuple[str, str]]) -> int:
    return sum(method != "GET" and path != "/api/oauth" for method, path in asked)


def test_the_scenario_is_worth_sweeping(asked):
    assert len(asked) >= 40
    assert _writes(asked) >= 20


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_request_the_next_run_converges(asked, forks, tmp_path, part):
    """Killed when the server has carried out a request is killed before the next one; so only the last has both.

    What was reviewed, by a file or by its id, is finished by the very command that was killed.
    """
    for number in range(part, len(asked) + 1, PARTS):
        with _scenario(tmp_path / str(number)) as scenario:
            is_beyond = number == len(asked)
            how = scenario.reviewed(by_file=number % 2 == 1)
            first = len(scenario.server.requests)
            _kill_at(scenario, forks, how, first + number - is_beyond, "after" if is_beyond else "before")
            scenario.converges(*how)


def _kill_at(scenario: StandIn, forks: cli.Forks, how: list[str], number: int, phase: str) -> None:
    def kill(request: int, _: str, __: str, now: str) -> bool:
        if (request, now) != (number, phase):
            return False
        os.kill(forks.running(), signal.SIGKILL)
        return True

    scenario.server.on_request = kill
    code = forks.run(scenario.project.folder, scenario.project.environ, ["apply", *how])
    scenario.server.on_request = None
    assert code == -signal.SIGKILL


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_the_report_says_is_what_is_live(asked, tmp_path, when, part):
    """One write fails: it is read again and done, or the report says what is not done, and that is so."""
    for number in range(1 + part, _writes(asked) + 1, PARTS):
        with _scenario(tmp_path / str(number)) as scenario:
            scenario.server.fail_write(number, when, "500" if number % 2 else "close")
            _reports_the_truth(scenario)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_fails_at_every_try_is_told_and_left(asked, tmp_path, part):
    """The server hangs up on two writes, one after the other, so a repetition fails as well."""
    for number in range(1 + part, _writes(asked) + 1, PARTS):
        with _scenario(tmp_path / str(number)) as scenario:
            scenario.server.on_request = _hang_up(
                scenario.server, number, "after" if number % 2 else "before"
            )
            _reports_the_truth(scenario)


def _hang_up(server: Sandbox, number: int, phase: str) -> Callable[[int, str, str, str], bool]:
    def hangs_up(_: int, __: str, ___: str, now: str) -> bool:
        writes = server.writes
        is_write = bool(writes) and writes[-1] == server.requests[-1]
        return is_write and now == phase and len(writes) in (number, number + 1)

    return hangs_up


@contextmanager
def _scenario(folder: Path) -> Iterator[StandIn]:
    folder.mkdir()
    with _running(folder) as scenario:
        strangers = scenario.strangers()
        yield scenario
        assert scenario.strangers() == strangers


def _reports_the_truth(scenario: StandIn) -> None:
    """Apply while something goes wrong, compare the report with what is live, and converge without it."""
    ended = scenario.project.run("apply", "--yes", "--format", "json")
    scenario.server.on_request = None
    if ended.out:
        outcomes = json.loads(ended.out)["outcomes"]
        not_done = {o["address"] for o in outcomes if o["status"] != "done" and o["verb"] != "activate"}
        left = scenario.left()
        assert left - not_done == set()  # nothing is called done that is not
        owed = scenario.owed()
        # What is stored may be called failed only while its activation is still owed.
        assert not_done - left == set() or owed != set()
        assert (ended.code == 0) == (not_done == set())
    else:
        assert (ended.code, ended.err != "") == (1, True)
    if ended.code == 0:
        assert scenario.left() == set()
    else:
        # The lease's holder is this very process, which lives; that of a command would be gone.
        with scenario.server.state.lock:
            scenario.server.state.settings.clear("mailstack.lease")
        scenario.converges()
