"""A command that a job runs: it ends when the job is told to, is seen while it runs, and gets no token."""

from __future__ import annotations

import json
import signal
import threading

import cli
import pytest

STOPPING = "Stopping after the current write.\n"
THREE = "accounts: {alice: {}, bob: {}, carol: {}}\n"


def cancelled(project: cli.Project, number: int, *arguments: str) -> tuple[int, str]:
    """Run a job that is told to end while the first account is made; return its code and its log.

    The server answers only when the command has noted it: on a busy machine a signal takes a while.
    """
    noted = threading.Event()
    log: list[str] = []

    def cancel(_, method, path, phase):
        if (method, path, phase) == ("POST", "/api/principal", "before") and not noted.is_set():
            process.send_signal(number)
            log.extend(iter(process.stdout.readline, STOPPING))
            noted.set()

    project.server.on_request = cancel
    with project.start(*arguments) as process:
        assert noted.wait(60)
        log.append(process.stdout.read())
    return process.returncode, "".join(log)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_cancelled_ends_after_the_current_write_and_tells_what_it_has_done(project, number):
    """Killed outright it would be mended by the next run, but nobody would know how far this one came."""
    project.stack(THREE)
    project.environ["CI_PROJECT_DIR"] = str(project.folder)

    code, log = cancelled(project, number, "ci", "apply")

    assert (code, project.api.names("individual")) == (3, ["alice@example.org"])
    assert "### mailstack apply `home`: 2 not tried · 1 added, 0 changed, 0 deleted\n" in log
    report = json.loads((project.folder / "mailstack-report-home.json").read_text(encoding="utf-8"))
    assert [outcome["status"] for outcome in report["outcomes"]] == ["done", "skipped", "skipped"]


def test_what_a_stack_runs_does_not_see_the_token_of_the_forge(job):
    """A stack names commands for its secrets; they have no business on the forge."""
    seen = job.project.folder / "seen"
    script = f'env >{seen}; echo "$STALWART_PASSWORD"'
    head = f"""\
version: 1
stack: home
domain: example.org
stalwart: {{url: "{job.project.url}", username: admin, password: {{command: [sh, -c, {json.dumps(script)}]}}}}
"""
    job.project.write("mailstack.yaml", head)

    assert job.run("plan", pull=1).code == 0

    assert "ghs_stand_in" not in seen.read_text()
    assert "GITHUB_REPOSITORY=octavia/mail" in seen.read_text()


def test_a_job_that_is_cancelled_does_not_begin_with_the_next_stack(project):
    project.stack(THREE, "a.yaml", cli.HEAD.replace("home", "a"))
    project.stack("accounts: {dave: {}}\n", "b.yaml", cli.HEAD.replace("home", "b"))
    (project.folder / "mailstack.yaml").unlink()

    assert cancelled(project, signal.SIGTERM, "ci", "apply")[0] == 3
    assert project.api.names("individual") == ["alice@example.org"]
