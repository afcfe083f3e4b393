"""`mailstack init --ci`: workflow files that fit the stacks and the repository, and nothing written over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cli
import pytest
import yaml

from reconciler.cli.origin import Origin, noted_by_pip, parse

COMMIT = "3f7a" * 10
SOURCE = f"https://github.com/octavia/mailstack@{COMMIT}"
STACK = """\
version: 1
domain: example.org
stalwart: {url: "http://127.0.0.1:8080", username: admin, password: {env: MAIL_ADMIN}}
accounts: {alice: {password: {env: ALICE_PASSWORD}}, bob: {password: {file: bob.txt}}}
settings: {queue.relay.secret: {env: RELAY}}
"""
PLACES = {
    "github": ".github/workflows/mailstack.yml",
    "forgejo": ".forgejo/workflows/mailstack.yml",
    "gitea": ".gitea/workflows/mailstack.yml",
    "gitlab": ".gitlab/ci/mailstack.yml",
}


@pytest.fixture
def repository(tmp_path) -> cli.Project:
    """A clone whose origin calls its branch trunk, with one stack in it."""
    subprocess.run(["git", "init", "-q", "-b", "trunk", tmp_path], check=True)
    project = cli.Project(tmp_path)
    project.write("mail/mailstack.yaml", STACK)
    return project


def text_of(repository: cli.Project, forge: str) -> str:
    return (repository.folder / PLACES[forge]).read_text(encoding="utf-8")


@pytest.mark.parametrize("forge", PLACES)
def test_init_writes_a_file_that_is_yaml_and_in_which_nothing_is_left_to_fill_in(repository, forge):
    ended = repository.run("init", "--ci", forge, "--source", SOURCE)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"written   {PLACES[forge]}\n")
    assert yaml.load(text_of(repository, forge), yaml.BaseLoader)
    assert "<<" not in text_of(repository, forge)
    assert COMMIT in text_of(repository, forge)


def test_plan_and_drift_get_the_login_alone_and_apply_gets_every_secret(repository):
    repository.run("init", "--ci", "github", "--source", SOURCE)

    jobs = yaml.load(text_of(repository, "github"), yaml.BaseLoader)["jobs"]

    def env(job):
        return {name: value for step in jobs[job]["steps"] for name, value in step.get("env", {}).items()}

    login = {"MAIL_ADMIN": "${{ secrets.MAIL_ADMIN }}"}
    assert env("plan") == env("drift") == login
    assert env("apply") == {
        **login,
        "ALICE_PASSWORD": "${{ secrets.ALICE_PASSWORD }}",
        "RELAY": "${{ secrets.RELAY }}",
    }
    assert env("lint") == env("stacks") == {}


def test_init_says_which_secrets_are_to_be_set(repository):
    ended = repository.run("init", "--ci", "github", "--source", SOURCE)

    assert ended.out == (
        "written   .github/workflows/mailstack.yml\n"
        "To set where github keeps secrets: MAIL_ADMIN, ALICE_PASSWORD, RELAY\n"
    )


def test_a_broken_stack_and_no_stack_are_no_hindrance(tmp_path):
    project = cli.Project(tmp_path)
    project.write("mailstack.yaml", "version: 1\ndomain: [")

    ended = project.run("init", "--ci", "github", "--source", SOURCE)

    assert ended.out.endswith("To set where github keeps secrets: STALWART_PASSWORD\n")


@pytest.mark.parametrize("forge", ["github", "forgejo"])
def test_main_is_called_as_the_repository_calls_it(repository, forge):
    repository.run("init", "--ci", forge, "--source", SOURCE)

    workflow = yaml.load(text_of(repository, forge), yaml.BaseLoader)
    assert workflow["on"]["push"]["branches"] == ["trunk"]
    assert "github.ref == 'refs/heads/trunk'" in workflow["jobs"]["apply"]["if"]


def test_what_is_there_is_never_written_over(repository):
    repository.write(PLACES["github"], "mine\n")

    ended = repository.run("init", "--ci", "github", "--source", SOURCE)

    assert ended.out.startswith("is there  .github/workflows/mailstack.yml, left as it is\n")
    assert text_of(repository, "github") == "mine\n"


def test_gitlab_gets_an_entry_or_the_lines_to_add_to_the_one_that_is_there(repository):
    include = "include:\n  - local: .gitlab/ci/mailstack.yml\n"
    entry = repository.folder / ".gitlab-ci.yml"

    repository.run("init", "--ci", "gitlab", "--source", SOURCE)
    assert entry.read_text(encoding="utf-8") == include

    entry.write_text("mine: {script: [true]}\n", encoding="utf-8")
    ended = repository.run("init", "--ci", "gitlab", "--source", SOURCE)
    assert f"is there  .gitlab-ci.yml, left as it is\nAdd to it:\n\n{include}" in ended.out
    assert entry.read_text(encoding="utf-8") == "mine: {script: [true]}\n"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"octavia/mailstack@{COMMIT}", "https://github.com/octavia/mailstack"),
        (f"https://git.example.org/a/b/mailstack.git@{COMMIT}", "https://git.example.org/a/b/mailstack"),
    ],
    ids=["short", "whole"],
)
def test_a_source_is_a_repository_and_a_commit(text, url):
    assert parse(text) == Origin(url=url, commit=COMMIT)


@pytest.mark.parametrize("text", ["octavia/mailstack@v1", "octavia/mailstack", f"mailstack@{COMMIT}"])
def test_a_source_that_could_be_moved_is_refused(repository, text):
    ended = repository.run("init", "--ci", "github", "--source", text)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {text} names no commit of a repository\n"
        "    Write its address and a whole commit, forty digits long: a tag or a branch can be moved to other code.\n"
        "\n"
        "        --source https://github.com/OWNER/mailstack@COMMIT\n"
    )


def test_github_cannot_use_an_action_from_elsewhere_and_nothing_is_written(repository):
    ended = repository.run("init", "--ci", "github", "--source", f"https://git.example.org/a/m@{COMMIT}")

    assert ended.code == 1
    assert ended.err.startswith(
        "error: GitHub can use an action from GitHub only, and mailstack came from git.example.org\n"
    )
    assert not (repository.folder / ".github").exists()


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("git@github.com:octavia/mailstack.git", "https://github.com/octavia/mailstack"),
        ("ssh://git@git.example.org/a/mailstack", "https://git.example.org/a/mailstack"),
        ("https://me:token@github.com/octavia/mailstack", "https://github.com/octavia/mailstack"),
    ],
    ids=["scp", "ssh", "with a token"],
)
def test_an_installation_from_a_clone_knows_its_repository_and_commit(tmp_path: Path, origin, url):
    def git(*arguments):
        identity = ["-c", "user.name=o", "-c", "user.email=o@example.org"]
        done = subprocess.run(
            ["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("remote", "add", "origin", origin)

    noted = noted_by_pip(f'{{"url": "{tmp_path.as_uri()}", "dir_info": {{"editable": true}}}}')

    assert noted == Origin(url=url, commit=git("rev-parse", "HEAD"))


def test_an_installation_from_a_repository_knows_it_and_one_from_an_index_does_not():
    by_git = (
        f'{{"url": "https://git.example.org/m.git", "vcs_info": {{"vcs": "git", "commit_id": "{COMMIT}"}}}}'
    )

    assert noted_by_pip(by_git) == Origin(url="https://git.example.org/m", commit=COMMIT)
    assert noted_by_pip("{}") is None
