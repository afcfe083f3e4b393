"""Killed anywhere between the file and the server that runs with it: run again, and it converges."""

from __future__ import annotations

import cli
import pytest
from killed import Killed
from restarts import CONFIG, Restartable

HOSTNAME = "hostname: mail.example.org\n"
EDITED = CONFIG.replace("old.example.org", "mail.example.org")
KILLED = -9


@pytest.fixture(scope="module")
def killed():
    killed = Killed()
    yield killed
    killed.close()


@pytest.fixture
def server(tmp_path):
    with Restartable(tmp_path / "server") as server:
        yield server


@pytest.fixture
def project(tmp_path, server):
    folder = tmp_path / "project"
    folder.mkdir()
    project = cli.Project(folder, server.server.url, server.server)
    project.write("mailstack.yaml", server.stack(HOSTNAME, server.here()))
    return project


def is_converged(project, server):
    """Is everything as declared, and nothing left of how it came about?"""
    traces = [p.name for p in server.folder.iterdir() if p.name.endswith(("-owed", "-new", "-sidecar"))]
    plan = project.run("plan", "--detailed-exitcode")
    names = project.api.keys("server.hostname", "mailstack.lease")
    return (plan.code, server.config.read_text(), names, traces) == (
        *(0, EDITED),
        {"server.hostname": "mail.example.org"},
        [],
    )


def test_killed_before_every_single_step_on_the_files_it_converges(project, server, killed):
    """Of every step of an apply: the file is the old or the new one, whole, and the next apply ends it."""
    steps = 0
    while True:
        steps += 1
        code = killed.run_until(steps, project.folder, server.config, "apply", "--yes")
        if code != KILLED:
            break
        assert server.config.read_text() in (CONFIG, EDITED)
        again = project.run("apply", "--yes")
        assert (0, "") == (again.code, again.err), f"after step {steps}: {again.out}"
        assert is_converged(project, server), f"after step {steps}"
        server.config.write_text(CONFIG)
        project.api.data("DELETE", "/api/settings/mailstack.home.setting%2Fserver.hostname")
        server.server.restart()

    assert 0 == code
    assert steps > 6, "a write, its backup, its trace and the restart are more steps than this"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_restart_the_next_plan_shows_what_is_left_over(project, server, killed, moment):
    server.kill_at = moment
    assert KILLED == killed.run_until(0, project.folder, server.config, "apply", "--yes")

    plan = project.run("plan")

    assert "* activate  Stalwart  restart (left over)" in plan.out
    assert 0 == project.run("apply", "--yes").code
    assert is_converged(project, server)


def left_down(project, server, killed, body):
    """Kill an apply when it has restarted the server with a file that the server refuses."""
    project.write("mailstack.yaml", server.stack(body, server.here()))
    server.kill_at = "after"
    assert KILLED == killed.run_until(0, project.folder, server.config, "apply", "--yes")
    assert "exited\n" == (server.folder / "status").read_text()


def test_a_server_that_is_down_because_of_our_edit_is_brought_back_with_the_old_file(project, server, killed):
    left_down(project, server, killed, 'settings: {storage.data: "nowhere"}\n')
    project.write("mailstack.yaml", server.stack(HOSTNAME, server.here()))

    ended = project.run("apply", "--yes")

    assert 0 == ended.code
    # The mark of the refused setting is taken back with it.
    assert 0 == project.run("plan", "--detailed-exitcode").code
    assert EDITED == server.config.read_text()


def test_plan_says_so_and_starts_nothing(project, server, killed):
    left_down(project, server, killed, 'settings: {storage.data: "nowhere"}\n')
    refused, restarts = server.config.read_text(), server.restarts

    ended = project.run("plan")

    assert 1 == ended.code
    assert "is down since an apply that was interrupted" in ended.err
    assert (refused, restarts) == (server.config.read_text(), server.restarts)


def test_whoever_is_in_the_middle_of_a_restart_is_not_disturbed(project, server, killed):
    import fcntl
    import os

    left_down(project, server, killed, 'settings: {storage.data: "nowhere"}\n')
    restarts = server.restarts
    folder = os.open(server.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        ended = project.run("apply", "--yes")
    finally:
        os.close(folder)

    assert (75, restarts) == (ended.code, server.restarts)


def test_a_server_that_is_down_for_another_reason_is_left_alone(project, server):
    """Weeks after an apply, with its backup still beside the file."""
    assert 0 == project.run("apply", "--yes").code
    restarts = server.restarts
    server.server.stop()

    ended = project.run("apply", "--yes")

    assert (1, EDITED, restarts) == (ended.code, server.config.read_text(), server.restarts)
    assert "cannot be reached" in ended.err


def test_a_server_that_runs_with_neither_file_is_told_with_both_reasons(project, server, killed):
    left_down(project, server, killed, 'settings: {storage.data: "nowhere"}\n')
    (server.folder / "config.toml.mailstack-backup").write_text('storage.data = "elsewhere"\n')

    ended = project.run("apply", "--yes")

    assert 1 == ended.code
    assert "the server starts neither with the new config.toml nor with the old one" in ended.err
