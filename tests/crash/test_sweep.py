"""Killed at every request, and failing at every write: what is said is what is live, and the next run converges.

The scenario has something of everything: settings, hostname, allowed IPs, a ban, a domain, accounts,
a group, a list with an address that moves, an alias handover and a swap, a rename, keys for signing,
TLS, and removals; beside it, things of strangers that must stay exactly as they are.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cli
import pytest

from reconciler.sandbox import Sandbox

# The requests are swept in parts, so that several processes can share them.
PARTS = 6

SEED = {
    "domains": ["example.org", "example.net"],
    "principals": [
        {"type": "individual", "name": name, "emails": emails, "roles": ["user"], "secrets": ["$6$a$b"]}
        for name, emails in {
            "alice": ["alice@example.org", "sales@example.org", "info@example.org", "team@example.org"],
            "bob": ["bob@example.org", "support@example.org"],
            "carol": ["carol@example.org"],
            "dave": ["dave@example.org", "d@example.org"],
            "stranger": ["stranger@example.org", "x@example.net", "@example.net"],
        }.items()
    ]
    + [{"type": "list", "name": "theirs", "emails": ["theirs@example.net"], "members": ["stranger"]}],
    "settings": {
        "session.rcpt.max-recipients": "30",
        "server.allowed-ip.198.51.100.1": "",
        "server.blocked-ip.203.0.113.10": "",
        "server.blocked-ip.198.51.100.9": "",
        "mailstack.shop.setting/a.b": '{"was":null}',
        "a.b": "theirs",
        "mailstack.home.setting/old.key": '{"was":"before"}',
        "old.key": "ours",
    },
}
STACK = """\
hostname: mail.example.org
dns: {mail: {dkim: [ed25519]}}
tls: {acme: letsencrypt, contact: alice}
accounts:
  alice: {name: Alice, aliases: [support]}
  bob: {aliases: [sales], enabled: false}
  caroline: {renamed_from: carol, name: Caroline, aliases: [carol]}
  erin: {password: {env: ALICE_PASSWORD}, quota: 1GiB}
aliases: {info: bob}
lists: {team: {members: [alice, erin, out@elsewhere.example]}}
groups: {office: {members: [erin, caroline]}}
domains: {example.com: {accounts: {frank: {}}}}
allowed_ips: [203.0.113.10]
settings: {session.rcpt.max-recipients: 50}
removed: [alias/d@example.org, account/dave@example.org]
"""


class Scenario:
    """A server as the seed has it, and a folder with the stack."""

    def __init__(self, folder: Path) -> None:
        self.server: Sandbox = cli.sandbox(seed=SEED)
        self.server.start()
        self.project = cli.Project(folder, self.server.url, self.server)
        self.project.stack(STACK)

    def close(self) -> None:
        self.server.stop()

    def strangers(self) -> object:
        """Return everything that is not ours to touch."""
        api = self.project.api
        keys = ("server.allowed-ip.198.51.100.1", "server.blocked-ip.198.51.100.9", "a.b")
        return (
            [{**api.principal(name), "usedQuota": 0} for name in ("stranger", "theirs", "example.net")],
            api.keys(*keys, "mailstack.shop.setting/a.b"),
        )

    def left(self) -> set[str]:
        """Return the addresses of what a plan would do now."""
        data = json.loads(self.project.run("plan", "--format", "json").out)
        assert data["held"] == []
        return {change["address"] for change in data["changes"] if change["verb"] != "activate"}

    def owed(self) -> set[str]:
        """Return the traces of activations that are still to come."""
        return {key for key in self.project.api.below("mailstack.home") if key.startswith("activation/")}

    def converges(self) -> None:
        ended = self.project.run("apply", "--yes")
        assert ended.code == 0, ended
        again = self.project.run("plan", "--detailed-exitcode")
        assert again.code == 0, again.out
        assert self.owed() == set()


@pytest.fixture(scope="module")
def forks() -> Iterator[cli.Forks]:
    forks = cli.Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> list[tuple[str, str]]:
    """Every request of an apply that nothing disturbs."""
    scenario = Scenario(tmp_path_factory.mktemp("undisturbed"))
    try:
        strangers = scenario.strangers()
        before = len(scenario.server.requests)
        assert scenario.project.run("apply", "--yes").code == 0
        asked = scenario.server.requests[before:]
        assert scenario.left() == set()
        assert scenario.strangers() == strangers
    finally:
        scenario.close()
    return asked


def _writes(asked: list[tuple[str, str]]) -> int:
    return sum(method != "GET" and path != "/api/oauth" for method, path in asked)


def test_the_scenario_is_worth_sweeping(asked):
    assert len(asked) >= 40
    assert _writes(asked) >= 20


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_request_the_next_run_converges(asked, forks, tmp_path, part):
    """Killed when the server has carried out a request is killed before the next one; so only the last has both."""
    for number in range(part, len(asked) + 1, PARTS):
        with _scenario(tmp_path / str(number)) as scenario:
            is_beyond = number == len(asked)
            first = len(scenario.server.requests)
            _kill_at(scenario, forks, first + number - is_beyond, "after" if is_beyond else "before")
            scenario.converges()


def _kill_at(scenario: Scenario, forks: cli.Forks, number: int, phase: str) -> None:
    def kill(request: int, _: str, __: str, now: str) -> bool:
        if (request, now) != (number, phase):
            return False
        os.kill(forks.running(), signal.SIGKILL)
        return True

    scenario.server.on_request = kill
    code = forks.run(scenario.project.folder, scenario.project.environ, ["apply", "--yes"])
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
def _scenario(folder: Path) -> Iterator[Scenario]:
    folder.mkdir()
    scenario = Scenario(folder)
    try:
        strangers = scenario.strangers()
        yield scenario
        assert scenario.strangers() == strangers
    finally:
        scenario.close()


def _reports_the_truth(scenario: Scenario) -> None:
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
