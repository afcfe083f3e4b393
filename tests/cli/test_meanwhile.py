"""Between the plan that is shown and the first write, another apply may have come: what then holds is what is done."""

from __future__ import annotations

import json

import pytest
from cli import HEAD

from reconciler.backends.interface import Backend
from reconciler.cli.locking import locked
from reconciler.errors import BusyError

FIRST = "accounts: {alice: {name: First}}\nsettings: {session.rcpt.max-recipients: 10}\n"
SECOND = "accounts: {alice: {name: Second}, bob: {}}\nsettings: {session.rcpt.max-recipients: 20}\n"


@pytest.fixture
def overtaken(project):
    """Return what runs apply with the second stack, overtaken by one with the first just before its lease."""
    project.stack(FIRST, name="first.yaml")

    def run(*arguments):
        def hook(_, method, path, phase):
            is_lease = path.startswith("/api/settings/keys") and "mailstack.lease" in path
            if is_lease and phase == "before" and not seen:
                seen.append(path)
                assert project.process("apply", "--yes", "-f", "first.yaml").code == 0
            return False

        seen: list[str] = []
        project.stack(SECOND)
        project.server.on_request = hook
        ended = project.process("apply", *arguments)
        assert seen
        return ended

    return run


def test_with_yes_the_plan_is_made_again_and_shown(project, overtaken):
    ended = overtaken("--yes")

    assert (ended.code, ended.err) == (
        0,
        "Somebody else has written meanwhile. The plan is another one now.\n",
    )
    assert ended.out.count("mailstack plan · home") == 2
    assert "~ account  alice@example.org" in ended.out
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_what_was_reviewed_is_refused(project, overtaken):
    project.stack(SECOND)
    project.run("plan", "--out", "plan.json")
    plan_id = json.loads((project.folder / "plan.json").read_text())["plan_id"]

    by_id = overtaken("--plan-id", plan_id)

    assert (by_id.code, by_id.out.count("Done")) == (1, 0)
    assert project.run("plan", "-f", "first.yaml", "--detailed-exitcode").code == 0


def test_a_saved_plan_is_refused(project, overtaken):
    project.stack(SECOND)
    project.run("plan", "--out", "plan.json")

    by_file = overtaken("plan.json")

    assert (by_file.code, by_file.out.count("Done")) == (1, 0)
    assert project.run("plan", "-f", "first.yaml", "--detailed-exitcode").code == 0
    assert project.api.keys("mailstack.lease") == {}


class Lock:
    """A backend, as far as locks go."""

    def __init__(self, name: str, told: list[str], busy: int = 0) -> None:
        self.label, self._told, self._busy = name, told, busy

    def lock(self, timeout: float) -> None:
        assert timeout == 0
        if self._busy:
            self._busy -= 1
            raise BusyError
        self._told.append(f"+{self.label}")

    def unlock(self) -> None:
        self._told.append(f"-{self.label}")


def test_nobody_waits_for_one_lock_while_it_holds_another():
    """Two runs that want the same systems in another order would wait for each other."""
    told: list[str] = []
    systems: list[Backend] = [Lock("a", told), Lock("b", told, busy=1), Lock("c", told)]  # type: ignore[list-item]

    with locked(systems, 5, sleep=lambda _: told.append("pause")):
        told.append("work")

    assert told == ["+a", "-b", "-a", "pause", "+a", "+b", "+c", "work", "-c", "-b", "-a"]


def test_what_is_busy_for_too_long_is_an_error_and_nothing_stays_locked():
    told: list[str] = []
    systems: list[Backend] = [Lock("a", told), Lock("b", told, busy=1)]  # type: ignore[list-item]

    with pytest.raises(BusyError), locked(systems, 0):
        told.append("work")

    assert told == ["+a", "-b", "-a"]


def test_a_folder_that_another_process_writes_in_is_told_with_the_process_and_its_age(
    project, tmp_path_factory
):
    import fcntl
    import os

    zone = tmp_path_factory.mktemp("zone")
    (zone / "db.example.org").write_text(
        "$ORIGIN example.org.\n$TTL 1h\n@ SOA ns root 1 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"
    )
    project.stack(
        f"dns: {{zonefile: {zone}/db.example.org, reload: ['true'], mail: false, "
        "records: [{name: www, type: A, value: 192.0.2.2}]}\n",
        head=HEAD,
    )
    descriptor = os.open(zone, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    ended = project.process("apply", "--yes")
    os.close(descriptor)

    assert ended.code == 75
    assert ended.err.startswith(f"error: somebody else is writing in the folder of {zone}/db.example.org\n")
    assert f"    Another apply holds its lock. It is the process {os.getpid()} there, since " in ended.err
    assert project.api.keys("mailstack.lease") == {}
