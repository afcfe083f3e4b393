"""`plan` in a job for a pull request says whether the request itself changes where the login goes and what is run."""

from __future__ import annotations

import pytest
from cli import HEAD
from gits import git

BODY = "accounts: {alice: {}}\n"


@pytest.fixture
def branch(project):
    """A checkout of a branch that a pull request is for; the stack is committed on main as it was."""
    project.stack(BODY)
    git(project.folder, "init", "-q")
    git(project.folder, "add", "-A")
    git(project.folder, "commit", "-qm", "main")
    git(project.folder, "checkout", "-qb", "topic")
    project.environ |= {"CI": "true", "GITHUB_BASE_REF": "main"}
    return project


def found(ended):
    return [line for line in ended.out.splitlines() if "REACH-01" in line]


def test_a_pull_request_that_leaves_them_alone_is_told_nothing(branch):
    branch.stack(BODY + "lists: {team: {members: [alice]}}\n")

    ended = branch.run("plan")

    assert (ended.code, ended.err, found(ended)) == (0, "", [])


def test_another_url_and_a_command_are_told_before_the_login_goes_there(branch):
    branch.stack(
        BODY + "settings: {a.b: {command: [curl, evil.example]}}\n",
        head=HEAD.replace("{url}", "http://127.0.0.1:1"),
    )

    ended = branch.run("plan")

    assert (ended.code, ended.out) == (1, "")
    decides = "which decides where a login goes or what is run"
    assert ended.err.startswith(
        f"warning: mailstack.yaml:4:17: this pull request changes stalwart.url, {decides}\n"
        f"warning: mailstack.yaml:6:18: this pull request adds settings.a.b.command, {decides}\n"
    )


def test_it_stands_in_the_plan_that_is_reviewed(branch):
    branch.stack(BODY, head=HEAD.replace("username:", "timeout: 5s, username:"))

    assert found(branch.run("plan")) == [
        "! REACH-01  mailstack.yaml:4  this pull request adds stalwart.timeout, which decides where a login goes "
        "or what is run"
    ]
    assert "REACH-01" in branch.run("plan", "--format", "markdown").out


def test_a_stack_that_is_new_in_the_request_is_told(branch):
    branch.stack(BODY, name="new.yaml")

    ended = branch.run("plan", "-f", "new.yaml")

    assert [line.rpartition("request ")[2].partition(",")[0] for line in found(ended)] == [
        "adds stalwart.url",
        "adds stalwart.username",
        "adds stalwart.password",
    ]


def test_what_the_target_has_changed_since_is_not_this_requests(branch):
    git(branch.folder, "checkout", "-q", "main")
    branch.stack(BODY, head=HEAD.replace("username:", "timeout: 5s, username:"))
    git(branch.folder, "commit", "-qam", "later")
    git(branch.folder, "checkout", "-q", "topic")

    assert found(branch.run("plan")) == []


def test_in_the_merge_that_github_checks_out_the_first_parent_is_the_target(branch):
    """Two commits deep, and without any branch of the target's name."""
    branch.stack(BODY, head=HEAD.replace("username:", "timeout: 5s, username:"))
    git(branch.folder, "commit", "-qam", "topic")
    git(branch.folder, "checkout", "-q", "--detach", "main")
    git(branch.folder, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    git(branch.folder, "branch", "-qD", "main")
    branch.environ["GITHUB_REF"] = "refs/pull/7/merge"

    assert len(found(branch.run("plan"))) == 1


def test_where_it_cannot_be_looked_at_that_is_said(branch):
    git(branch.folder, "branch", "-qD", "main")

    assert found(branch.run("plan")) == [
        "i REACH-01  mailstack.yaml  whether this pull request changes url, commands or via is not known: "
        "the checkout holds nothing of main"
    ]


def test_gitlab_names_the_commit(branch):
    branch.environ = {k: v for k, v in branch.environ.items() if k != "GITHUB_BASE_REF"}
    branch.environ |= {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(branch.folder, "rev-parse", "main"),
    }
    git(branch.folder, "checkout", "-q", "--detach")
    git(branch.folder, "branch", "-qD", "main", "topic")
    branch.stack(BODY, head=HEAD.replace("username:", "timeout: 5s, username:"))

    assert len(found(branch.run("plan"))) == 1


@pytest.mark.parametrize("absent", ["CI", "GITHUB_BASE_REF"])
def test_outside_of_a_pull_request_nothing_is_asked(branch, absent):
    del branch.environ[absent]
    branch.stack(BODY, head=HEAD.replace("username:", "timeout: 5s, username:"))

    assert found(branch.run("plan")) == []


def test_with_connections_the_question_is_whether_they_lie_in_the_branch(branch, tmp_path_factory):
    """Where they lie outside, it does not arise."""
    login = "username: admin, password: {env: STALWART_PASSWORD}"
    text = f"version: 1\nstacks: {{home: {{stalwart: {{url: '{branch.url}', {login}}}}}}}\n"
    branch.write("mailstack.yaml", f"version: 1\nstack: home\ndomain: example.org\n{BODY}")
    branch.write("c.yaml", text)
    git(branch.folder, "add", "-A")
    git(branch.folder, "commit", "-qm", "connections")
    git(branch.folder, "branch", "-qf", "main")
    outside = tmp_path_factory.mktemp("runner") / "c.yaml"
    outside.write_text(text)

    assert found(branch.run("plan", "--connections", "c.yaml")) == []
    branch.write("c.yaml", text.replace("username", "timeout: 5s, username"))
    assert found(branch.run("plan", "--connections", "c.yaml")) == [
        "! REACH-01  c.yaml  this pull request changes the connections, which decide where a login goes or what is run"
    ]
    assert found(branch.run("plan", "--connections", str(outside))) == []
