"""`apply --report FILE`: who did what, when, from which commit, and how it ended; however it ended."""

from __future__ import annotations

import json
import signal
import subprocess

import jsonschema
import pytest
from cli import HASH, ROOT
from gits import git

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text())
THREE = "accounts: {alice: {}, bob: {}, carol: {}}\n"


def told(project, name="report.json"):
    data = json.loads((project.folder / name).read_text())
    jsonschema.validate(data, SCHEMA)
    return data


def killed_at_alice(project, number, *arguments):
    """Run apply as a process that gets a signal when the server is asked to make Alice."""
    process: list[subprocess.Popen[str]] = []

    def hook(_, method, path, phase):
        if (method, path, phase) == ("POST", "/api/principal", "before") and not sent:
            sent.append(path)
            process[0].send_signal(number)
            if number == signal.SIGKILL:
                process[0].wait()
                return True
        return False

    sent: list[str] = []
    project.server.on_request = hook
    process.append(project.start("apply", "--yes", *arguments))
    ended = project.ended(process[0])
    project.server.on_request = None
    return ended


def test_it_tells_who_when_what_and_how_it_ended(project):
    ended = project.run("apply", "--yes", "--report", "report.json", "--actor", "alice from the office")

    data = told(project)
    run = data["run"]
    assert (ended.code, data["exit_code"]) == (0, 0)
    assert (run["actor"], run["command"], run["stack"], run["file"]) == (
        "alice from the office",
        "apply",
        "home",
        "mailstack.yaml",
    )
    assert [(o["address"], o["status"]) for o in data["outcomes"]] == [
        ("account/alice@example.org", "done"),
        ("alias/postmaster@example.org", "done"),
    ]
    assert all(run["started"] <= outcome["stored"] <= run["ended"] for outcome in data["outcomes"])
    assert f"plan id {data['plan']['plan_id']}\n" in ended.out
    assert run["problems"] == []


def test_without_a_name_it_is_whom_the_job_names(project):
    project.environ |= {
        "GITHUB_ACTOR": "octo",
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_REPOSITORY": "me/mail",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SHA": "c0ffee",
    }

    project.run("apply", "--yes", "--report", "report.json")

    run = told(project)["run"]
    assert (run["actor"], run["job"]) == ("octo", "https://forge.example/me/mail/actions/runs/7")
    assert run["commit"] == "c0ffee"


def test_gitlab_names_its_own(project):
    project.environ |= {"GITLAB_USER_LOGIN": "tanuki", "CI_JOB_URL": "https://lab.example/-/jobs/1"}

    project.run("apply", "--yes", "--report", "report.json")

    run = told(project)["run"]
    assert (run["actor"], run["job"]) == ("tanuki", "https://lab.example/-/jobs/1")


def test_the_commit_is_that_of_the_file_and_an_edit_since_is_told(project):
    git(project.folder, "init", "-q")
    git(project.folder, "add", "mailstack.yaml")
    git(project.folder, "commit", "-qm", "first")
    commit = git(project.folder, "rev-parse", "HEAD")

    project.run("apply", "--yes", "--report", "report.json")
    assert (told(project)["run"]["commit"], told(project)["run"]["modified"]) == (commit, False)

    project.stack(THREE)
    project.run("apply", "--yes", "--report", "report.json")
    assert (told(project)["run"]["commit"], told(project)["run"]["modified"]) == (commit, True)


def test_a_run_without_anything_to_do_has_a_report_too(project):
    project.run("apply", "--yes")

    project.run("apply", "--yes", "--report", "report.json")

    assert (told(project)["outcomes"], told(project)["exit_code"]) == ([], 0)


def test_a_run_that_could_not_begin_says_why(project):
    project.server.stop()

    ended = project.run("apply", "--yes", "--report", "report.json")

    data = told(project)
    assert (ended.code, data["exit_code"], data["plan"], data["outcomes"]) == (1, 1, None, [])
    assert [problem["rule"] for problem in data["run"]["problems"]] == ["unreachable"]
    assert data["run"]["ended"] != ""


def test_a_stack_that_cannot_be_loaded_is_told_with_its_place(project):
    project.stack("accounts: {alice: {qouta: 5GiB}}\n")

    project.run("apply", "--yes", "--report", "report.json")

    problem = told(project)["run"]["problems"][0]
    assert (problem["summary"], problem["where"]) == ('unknown key "qouta"', "mailstack.yaml:5:20")


def test_a_run_that_found_another_one_at_work_says_so(project):
    holder = {"token": "x", "host": "ci", "pid": 1, "since": 0, "until": 4e9}
    project.api.store({"mailstack.lease": json.dumps(holder)})

    ended = project.run("apply", "--yes", "--report", "report.json")

    data = told(project)
    assert (ended.code, data["exit_code"]) == (75, 75)
    assert data["run"]["problems"][0]["rule"] == "busy"
    assert len(data["plan"]["changes"]) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_was_told_to_end_says_what_it_has_done(project, number):
    project.stack(THREE)

    ended = killed_at_alice(project, number, "--report", "report.json")

    data = told(project)
    assert (ended.code, ended.err) == (3, "Stopping after the current write.\n")
    assert [outcome["status"] for outcome in data["outcomes"]] == ["done", "skipped", "skipped"]
    assert (data["exit_code"], data["run"]["ended"] != "") == (3, True)
    assert project.api.keys("mailstack.lease") == {}


def test_a_run_that_was_killed_has_begun_and_never_ended(project):
    project.stack(THREE)
    project.write("report.json", '{"exit_code": 0}')  # of an earlier run

    killed_at_alice(project, signal.SIGKILL, "--report", "report.json")

    data = told(project)
    assert (data["exit_code"], data["run"]["ended"], data["outcomes"]) == (None, "", [])
    assert len(data["plan"]["changes"]) == 3


def test_told_to_end_while_it_only_looks_it_ends_at_once(project):
    process: list[subprocess.Popen[str]] = []

    def hook(_, method, path, phase):
        if path.startswith("/api/settings/keys") and phase == "before" and not sent:
            sent.append(path)
            process[0].send_signal(signal.SIGTERM)
        return False

    sent: list[str] = []
    project.server.on_request = hook
    process.append(project.start("apply", "--yes", "--report", "report.json"))
    ended = project.ended(process[0])

    assert (ended.code, ended.out, ended.err) == (1, "", "\nStopped; nothing was changed.\n")
    assert [problem["rule"] for problem in told(project)["run"]["problems"]] == ["stopped"]
    assert project.server.writes == []


def test_where_it_cannot_be_written_nothing_is_done(project):
    ended = project.run("apply", "--yes", "--report", "none/report.json")

    assert (ended.code, project.server.writes) == (1, [])
    assert ended.err.startswith(
        "error: none/report.json cannot be written\n    The system says: No such file or directory.\n"
    )


def test_where_it_cannot_be_written_in_the_end_the_run_is_not_called_done(project):
    report = project.folder / "reports" / "report.json"
    report.parent.mkdir()

    def hook(_, method, path, phase):
        if path.startswith("/api/reload") and phase == "before" and report.exists():
            report.unlink()
            report.parent.rmdir()
        return False

    project.server.on_request = hook
    ended = project.run("apply", "--yes", "--report", "reports/report.json")

    assert ended.code == 3
    assert ended.err == (
        "error: reports/report.json cannot be written\n    The system says: No such file or directory.\n"
    )
    assert "Done: 2 added" in ended.out


def test_metrics_of_an_apply_count_what_is_left(project):
    project.stack(THREE)

    killed_at_alice(project, signal.SIGTERM, "--metrics", "m.prom")

    text = (project.folder / "m.prom").read_text()
    assert 'mailstack_changes{stack="home",command="apply",verb="add"} 2\n' in text
    assert 'mailstack_run_success{stack="home",command="apply"} 0\n' in text


def test_report_and_metrics_hold_no_secret(project):
    """Every run here is searched for the secrets in play; in these two, they are set, and one is refused."""
    project.stack(
        f"accounts: {{alice: {{password: {{env: ALICE_PASSWORD}}}}, bob: {{password: '{HASH}'}}}}\n"
        "settings: {queue.route.relay.auth.secret: {env: RELAY_PASSWORD}}\n"
    )
    options = ("--report", "report.json", "--metrics", "m.prom")

    project.server.fail_write(3, "before", "500")
    project.server.fail_write(4, "before", "500")
    assert project.run("apply", "--yes", *options).code == 1
    assert project.run("apply", "--yes", *options).code == 0
    project.environ["STALWART_PASSWORD"] = "canary-wrong-5e0b"
    assert project.run("apply", "--yes", *options).code == 1

    assert told(project)["run"]["problems"][0]["rule"] == "login-refused"


def test_a_job_may_name_both_files_in_its_variables(project):
    project.environ |= {"MAILSTACK_REPORT": "report.json", "MAILSTACK_METRICS": "m.prom"}

    assert project.run("apply", "--yes").code == 0

    assert told(project)["exit_code"] == 0
    assert (
        'mailstack_run_success{stack="home",command="apply"} 1\n' in (project.folder / "m.prom").read_text()
    )
