"""The same round on Forgejo (whose API and runner are Gitea's, too) and GitLab, by the files that `init` writes for them."""

from __future__ import annotations

import json
import re
import subprocess

import cli
import gitlab_runner
import gitlab_server
import pytest
from forgejo_server import BOT, Forgejo
from github_server import listening
from gitlab_server import GitLab
from gitops_site import SOURCE, Site, programs

STACK = """\
version: 1
stack: home
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
accounts: {{alice: {{}}}}
"""


def aliases(url: str) -> list[str]:
    return sorted(cli.Api(url, cli.ADMIN_PASSWORD).principal("alice@example.org")["emails"])[1:]


def test_the_round_on_forgejo(tmp_path, server):
    git = tmp_path / "mail.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", git], check=True)
    with listening(Forgejo(git)) as host:
        site = Site(tmp_path, host, server, forge="forgejo")
        stack = STACK.format(url=server.url)
        site.begin({"mailstack.yaml": stack})
        assert site.on_main()["apply"].result == "success"

        pull = site.branch("info", **{"mailstack.yaml": stack + "aliases: {info: alice}\n"})
        for _ in range(2):
            jobs = site.on_pull(pull)
            assert {name: job.result for name, job in jobs.items()} == {
                "lint": "success",
                "plan": "success",
                "apply": "skipped",
                "drift": "skipped",
            }
        (comment,) = host.comments
        assert (comment.author, "info@example.org" in comment.body) == (BOT, True)

        host.merge(pull)
        assert site.on_main()["apply"].result == "success"
        assert aliases(server.url) == ["info@example.org"]
        assert "**Applied**" in comment.body

        site.api.patch("alice@example.org", "removeItem", "emails", "info@example.org")
        for _ in range(2):
            site.on_main("schedule")
        (issue,) = host.issues
        plan_id = re.findall("plan-id `(.*?)`", issue.body)[0]
        assert site.on_main("workflow_dispatch", **{"plan-id": plan_id})["apply"].result == "success"
        site.on_main("schedule")
        assert (issue.state, aliases(server.url)) == ("closed", ["info@example.org"])


class Project:
    """A project on GitLab: a checkout, and the pipelines that its events set off."""

    def __init__(self, folder, server, host: GitLab) -> None:
        self.server, self.host = server, host
        self.checkout = folder / "checkout"
        self.checkout.mkdir()
        self.variables = {"STALWART_PASSWORD": cli.ADMIN_PASSWORD, "MAILSTACK_CI_TOKEN": gitlab_server.TOKEN}
        self.write()
        assert cli.Project(self.checkout).run("init", "--ci", "gitlab", "--source", SOURCE).code == 0
        self.programs = f"{programs(folder)}:"

    def write(self, more: str = "") -> None:
        text = STACK.format(url=self.server.url) + more
        (self.checkout / "mailstack.yaml").write_text(text, encoding="utf-8")

    def run(self, source: str, **variables: str) -> dict[str, gitlab_runner.Job]:
        known = {
            "CI_PIPELINE_SOURCE": source,
            "CI_API_V4_URL": self.host.api_url,
            "CI_PROJECT_ID": gitlab_server.PROJECT,
            "CI_PROJECT_DIR": str(self.checkout),
            "CI_COMMIT_SHA": "c0",
            "CI_JOB_URL": "https://gitlab.example/mail/-/jobs/7",
            "CI_DEFAULT_BRANCH": "main",
            **({} if source == "merge_request_event" else {"CI_COMMIT_BRANCH": "main"}),
            **self.variables,
            **variables,
        }
        jobs = {job.name: job for job in gitlab_runner.run(self.checkout, known, path=self.programs)}
        said = [*(j.log for j in jobs.values()), *(n.body for n in self.host.notes)]
        assert not any(secret and secret in text for secret in self.variables.values() for text in said)
        return jobs

    def on_merge_request(self, number: int = 1, source: str = gitlab_server.PROJECT, **more: str):
        return self.run(
            "merge_request_event",
            CI_MERGE_REQUEST_IID=str(number),
            CI_MERGE_REQUEST_PROJECT_ID=gitlab_server.PROJECT,
            CI_MERGE_REQUEST_SOURCE_PROJECT_ID=source,
            **more,
        )


@pytest.fixture
def project(tmp_path, server):
    with listening(GitLab()) as host:
        yield Project(tmp_path, server, host)


def test_the_round_on_gitlab(project):
    assert {name: job.code for name, job in project.run("push").items()} == {"mailstack-apply": 0}

    project.write("aliases: {info: alice}\n")
    for count in range(25):  # the comment lies on the second page
        project.host.notes.append(gitlab_server.Comment(100 + count, 1, "mallory", "me too"))
    for _ in range(2):
        jobs = project.on_merge_request()
        assert {name: job.code for name, job in jobs.items()} == {"mailstack-lint": 0, "mailstack-plan": 0}
    (note,) = [note for note in project.host.notes if note.author == gitlab_server.BOT]
    assert "info@example.org" in note.body
    assert "::stop-commands::" not in jobs["mailstack-plan"].log
    assert jobs["mailstack-plan"].resource_group == "mailstack-plan-1"

    project.host.merged["m1"] = 1
    assert project.run("push", CI_COMMIT_SHA="m1")["mailstack-apply"].code == 0
    assert aliases(project.server.url) == ["info@example.org"]
    assert "**Applied** as commit m1" in note.body

    cli.Api(project.server.url, cli.ADMIN_PASSWORD).patch(
        "alice@example.org", "removeItem", "emails", "info@example.org"
    )
    for _ in range(2):
        assert {name: job.code for name, job in project.run("schedule").items()} == {"mailstack-drift": 0}
    (issue,) = project.host.issues
    assert issue.state == "open"

    plan_id = re.findall("MAILSTACK_CI_PLAN_ID=([0-9a-f]+)", issue.body)[0]
    by_hand = project.run("web", MAILSTACK_CI_PLAN_ID=plan_id)
    assert {name: job.code for name, job in by_hand.items()} == {"mailstack-apply": 0}
    project.run("schedule")
    assert (issue.state, aliases(project.server.url)) == ("closed", ["info@example.org"])


def test_a_merge_request_of_a_fork_is_linted_and_not_planned(project):
    jobs = project.on_merge_request(source="815", STALWART_PASSWORD="")

    assert {name: job.code for name, job in jobs.items()} == {"mailstack-lint": 0, "mailstack-plan": 0}
    assert "Lint only, no plan. This pull request comes from a fork." in jobs["mailstack-plan"].log
    assert project.host.notes == []


def test_a_pipeline_that_nobody_gave_a_plan_applies_nothing(project):
    assert project.run("web") == {}


def test_without_a_token_for_gitlab_the_log_has_the_plan_and_nobody_is_asked(project):
    project.variables["MAILSTACK_CI_TOKEN"] = ""

    jobs = project.on_merge_request()

    assert jobs["mailstack-plan"].code == 0
    assert "Plan: 1 to add" in jobs["mailstack-plan"].log
    assert json.dumps(dict(project.host.calls)) == "{}"


@pytest.mark.parametrize(
    ("rule", "is_true"),
    [
        ('$A == "x"', True),
        ('$A != "x" || $B', True),
        ("$A == $C && $B", False),
        ("$A == $D && $B", True),
        ("$NONE", False),
    ],
)
def test_rules_hold_as_gitlab_says(rule, is_true):
    assert gitlab_runner.holds(rule, {"A": "x", "B": "1", "C": "y", "D": "x"}) is is_true
