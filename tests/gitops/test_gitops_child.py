"""A command that a job runs: it ends when the job is told to, is seen while it runs, and gets no token."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

THREE = "accounts: {alice: {}, bob: {}, carol: {}}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_cancelled_ends_after_the_current_write_and_tells_what_it_has_done(project, number):
    """Killed outright it would be mended by the next run, but nobody would know how far this one came."""
    project.stack(THREE)
    process: list[subprocess.Popen[str]] = []

    def cancel(_, method, path, phase):
        if (method, path, phase) == ("POST", "/api/principal", "before") and not asked:
            asked.append(path)
            process[0].send_signal(number)

    asked: list[str] = []
    project.server.on_request = cancel
    project.environ["CI_PROJECT_DIR"] = str(project.folder)
    process.append(project.start("ci", "apply"))
    ended = project.ended(process[0])

    assert (ended.code, project.api.names("individual")) == (3, ["alice@example.org"])
    assert "Stopping after the current write.\n" in ended.out
    assert "### mailstack apply `home`: 2 not tried · 1 added" in ended.out
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
