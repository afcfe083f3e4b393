"""Every exit code: 0 done, 1 nothing done, 2 changes, 3 done in part, 4 held, 64 usage, 75 busy."""

from __future__ import annotations

import json
import os

from reconciler.backends.stalwart.rest import lease
from reconciler.backends.stalwart.rest.holder import this_process


def test_plan_ends_with_0_whatever_it_finds(project):
    assert project.run("plan").code == 0


def test_plan_ends_with_2_when_asked_and_there_is_something_to_do(project):
    assert project.run("plan", "--detailed-exitcode").code == 2


def test_adoptions_are_something_to_do(project):
    project.api.store({"server.allowed-ip.203.0.113.10": ""})
    project.stack("allowed_ips: [203.0.113.10]\n")

    assert project.run("plan", "--detailed-exitcode").code == 2


def test_plan_ends_with_0_when_asked_and_there_is_nothing_to_do(project):
    assert project.run("apply", "--yes").code == 0

    assert project.run("plan", "--detailed-exitcode").code == 0


def test_apply_ends_with_0_when_all_is_done(project):
    ended = project.run("apply", "--yes")

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Done: 2 added, 0 changed, 0 deleted")


def test_apply_ends_with_0_when_there_is_nothing_to_do(project):
    project.run("apply", "--yes")
    before = project.server.writes

    ended = project.run("apply", "--yes")

    assert (ended.code, project.server.writes) == (0, before)


def test_apply_ends_with_1_when_nothing_could_be_done(project):
    project.server.reload_error("spam-filter.pyzor.host", "no name resolution")

    ended = project.run("apply", "--yes")

    assert ended.code == 1
    assert ended.out.splitlines()[-1] == (
        "Done: 0 added, 0 changed, 0 deleted · 2 failed · mend it and apply again: what is done stays done"
    )


def test_apply_ends_with_3_when_something_failed_and_the_rest_is_done(project):
    """The server refuses one account; the other one is made all the same."""
    project.stack("accounts: {alice: {}, bob: {}}\n")

    # The lease, the trace, then Alice: the server refuses her, and refuses once more.
    project.server.fail_write(3, "before", "500")
    project.server.fail_write(4, "before", "500")
    ended = project.run("apply", "--yes")

    assert ended.code == 3
    assert ended.out.splitlines()[-1] == (
        "Done: 1 added, 0 changed, 0 deleted · 1 failed · mend it and apply again: what is done stays done"
    )


def test_apply_ends_with_4_when_something_is_held(project):
    project.stack("accounts: {alice: {}}\nremoved: [domain/example.net]\n")
    project.api.create("domain", "example.net")
    project.api.create("individual", "carol", "carol@example.net")

    ended = project.run("apply", "--yes")

    assert ended.code == 4
    assert ended.out.splitlines()[-1] == "Done: 1 added, 0 changed, 0 deleted · 1 held"


def test_apply_ends_with_4_when_something_changed_under_its_feet(project):
    """Somebody edits an account on the server between two waves, and it is the next wave's turn to remove it."""
    project.api.create("individual", "bob", "bob@example.org")
    project.stack("accounts: {alice: {}}\nremoved: [account/bob@example.org]\n")

    def meddle(number, method, path, phase):
        if path.startswith("/api/reload") and phase == "before" and not seen:
            seen.append(number)
            project.api.patch("bob", "set", "description", "Another")

    seen: list[int] = []
    project.server.on_request = meddle
    ended = project.run("apply", "--yes")

    assert ended.code == 4
    assert (
        "    - account/bob@example.org\n"
        "        account/bob@example.org has changed since the plan was made.\n"
    ) in ended.out


def test_wrong_usage_ends_with_64(project):
    ended = project.run("plan", "--nonsense")

    assert (ended.code, ended.out) == (64, "")


def test_apply_ends_with_75_while_another_apply_works(project):
    holder = {**this_process(), "token": "another", "since": 0, "until": 4e9}
    project.api.store({lease.KEY: json.dumps(holder)})
    before = project.server.state.settings.listed("")

    ended = project.run("apply", "--yes")

    assert ended.code == 75
    assert ended.err.startswith(f"error: another apply is writing to {project.url}\n")
    assert f"as process {os.getpid()}" in ended.err
    assert project.server.state.settings.listed("") == before
