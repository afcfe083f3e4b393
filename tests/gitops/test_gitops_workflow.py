"""The workflow file and the Action, run: what each event sets off, and what each job can reach."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import cli
import pytest
import yaml
from actions_runner import Event, Runner
from github_server import REPOSITORY
from gitops_site import SOURCE, Site

STACK = """\
version: 1
stack: {name}
domain: {domain}
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
accounts: {{alice: {{password: {{env: ALICE_PASSWORD}}}}}}
"""


def stack(site_or_server, name="home", domain="example.org") -> str:
    return STACK.format(name=name, domain=domain, url=site_or_server.url)


@pytest.fixture
def site(tmp_path, github, server) -> Site:
    """A repository of which nothing is applied yet."""
    site = Site(tmp_path, github, server)
    site.begin({"mailstack.yaml": stack(server)})
    return site


def results(jobs):
    return {name: job.result for name, job in jobs.items()}


def test_a_fork_gets_lint_on_the_forges_own_machine_and_nothing_else(site):
    """Its jobs have no secrets; what is more, the job that would want them does not begin."""
    pull = site.branch("theirs", **{"mailstack.yaml": stack(site.server)})
    pull.head_repository = "mallory/mail"

    jobs = site.on_pull(pull)

    assert results(jobs) == {
        "stacks": "success",
        "lint home": "success",
        "plan": "skipped",
        "apply": "skipped",
        "drift": "skipped",
    }
    assert "### mailstack `home`: lint only, no plan" in jobs["lint home"].summary
    assert site.github.comments == []


def test_a_runner_of_ones_own_gets_everything_but_lint(site):
    """A fork's code must not run where the mail server is near."""
    workflow = yaml.load((site.clone / ".github/workflows/mailstack.yml").read_text(), yaml.BaseLoader)

    on = {name: job["runs-on"] for name, job in workflow["jobs"].items()}

    own = "${{ vars.MAILSTACK_RUNNER || 'ubuntu-24.04' }}"
    assert on == {
        "stacks": "ubuntu-24.04",
        "lint": "ubuntu-24.04",
        "plan": own,
        "apply": own,
        "drift": own,
    }
    assert "pull_request_target" not in workflow["on"]


def test_each_job_may_do_what_it_does_and_no_more(site):
    """The stand-in refuses what is not asked for; this holds that nothing more is asked for."""
    workflow = yaml.load((site.clone / ".github/workflows/mailstack.yml").read_text(), yaml.BaseLoader)

    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "stacks": {"contents": "read"},
        "lint": {"contents": "read"},
        "plan": {"contents": "read", "pull-requests": "write"},
        "apply": {"contents": "read", "pull-requests": "write"},
        "drift": {"contents": "read", "issues": "write"},
    }


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            "-c",
            "::error::mailstack needs Python 3.11 or later, and this runner's python3 is none. "
            "Choose another with the input python.\n",
        ),
        (
            "-m",
            "::error::This runner's python3 cannot make a venv. On Debian: apt-get install python3-venv\n",
        ),
    ],
    ids=["too old", "without venv"],
)
def test_a_runner_without_the_python_that_we_need_is_told_what_to_do(site, refused, said):
    python = Path(site.runner().path[0], "python3")
    python.write_text(f'#!/bin/sh\n[ "$2" != {refused} ]\n')

    job = site.on_main()["stacks"]

    assert (job.result, job.log) == ("failure", said)


def test_a_pull_request_without_the_secret_is_linted_and_says_so(site):
    site.secrets = {}

    jobs = site.on_pull(site.branch("info", **{"mailstack.yaml": stack(site.server)}))

    assert jobs["plan home"].result == "success"
    (comment,) = site.github.comments
    assert (
        "lint only, no plan\n\nSTALWART_PASSWORD, the login to the mail server, has no value" in comment.body
    )


def test_a_pull_request_that_sends_the_login_elsewhere_is_told_of(site):
    """The checkout of the plan's job holds what it takes to compare with main."""
    there = stack(site.server)
    elsewhere = there.replace("127.0.0.1", "localhost")

    site.on_pull(site.branch("harmless", **{"mailstack.yaml": there + "aliases: {info: alice}\n"}))
    site.on_pull(site.branch("elsewhere", **{"mailstack.yaml": elsewhere}))

    harmless, told = (comment.body for comment in site.github.comments)
    assert "REACH-01" not in harmless
    assert "this pull request changes stalwart.url, which decides where a login goes" in told


def test_jobs_wait_for_each_other_and_none_is_stopped_halfway(site):
    pull = site.branch("info", **{"mailstack.yaml": stack(site.server)})

    planned, applied = site.on_pull(pull)["plan home"], site.on_main()["apply home"]

    assert planned.concurrency == {
        "group": f"mailstack-plan-{pull.number}-home",
        "cancel-in-progress": "false",
    }
    assert applied.concurrency == {"group": "mailstack-apply-home", "cancel-in-progress": "false"}


def test_every_stack_has_its_job_and_its_comment(tmp_path, github, server):
    with cli.sandbox(seed={"domains": ["example.net"]}) as other:
        site = Site(tmp_path, github, server)
        site.begin(
            {
                "home/mailstack.yaml": stack(server),
                "work/mailstack.yaml": stack(other, "work", "example.net"),
            }
        )
        site.on_main()
        pull = site.branch(
            "bob", **{"work/mailstack.yaml": stack(other, "work", "example.net") + "aliases: {x: alice}\n"}
        )

        jobs = site.on_pull(pull)

        assert [name for name, job in jobs.items() if job.result == "success"] == [
            "stacks",
            "lint home",
            "lint work",
            "plan home",
            "plan work",
        ]
        assert [c.body.splitlines()[0] for c in github.comments] == ["<!-- mailstack:work -->"]


def test_one_stack_that_fails_does_not_keep_the_others_from_being_applied(tmp_path, github, server):
    site = Site(tmp_path, github, server)
    broken = stack(server, "broken").replace(server.url, "http://127.0.0.1:9")
    site.begin({"a/mailstack.yaml": broken, "b/mailstack.yaml": stack(server)})

    jobs = site.on_main()

    assert (jobs["apply broken"].result, jobs["apply home"].result) == ("failure", "success")


def test_by_hand_without_an_id_nothing_is_applied_and_the_plan_is_shown(site):
    job = site.on_main("workflow_dispatch")["apply home"]

    assert job.result == "success"
    assert "### mailstack plan `home`: 1 to add" in job.summary
    assert site.api.names("individual") == []


@pytest.mark.parametrize(("name", "count"), [("home", 1), ("other", 0)])
def test_by_hand_one_stack_can_be_named(site, name, count):
    job = site.on_main("workflow_dispatch", stack=name)["apply home"]

    assert job.summary.count("### mailstack plan") == count


def test_what_people_give_by_hand_is_never_run(site):
    marker = site.folder / "owned"

    site.on_main("workflow_dispatch", **{"plan-id": f'"; touch {marker}; echo "$(touch {marker})'})

    assert not marker.exists()
    assert site.api.names("individual") == []


def test_a_folder_of_our_name_in_the_repository_is_not_run(site):
    """Else a pull request would run its own code where the login is."""
    owned = "raise SystemExit('owned')\n"
    files = {
        f"{name}.py": owned for name in ("venv", "pip", "click", "reconciler/__init__", "reconciler/cli")
    }
    pull = site.branch("shadow", **files)

    jobs = site.on_pull(pull)

    assert (jobs["plan home"].result, jobs["lint home"].result) == ("success", "success")
    assert not any("owned" in job.log for job in jobs.values())


def test_a_push_to_another_branch_sets_nothing_off(site):
    event = Event(name="push", ref="refs/heads/other", sha=site.github.head("main"))

    assert site.runner().run(".github/workflows/mailstack.yml", event) == []


def test_the_action_installs_the_mailstack_of_its_own_commit(tmp_path, github, server):
    """The real installation: an environment, pip, the command.  Its dependencies are those of the tests."""
    import site as packages

    project = cli.Project(tmp_path)
    step = {"uses": f"{SOURCE}", "with": {"mode": "stacks"}}
    workflow = yaml.safe_dump({"on": ["push"], "jobs": {"one": {"steps": [step]}}})
    runner = Runner(
        folder=project.folder,
        repository=REPOSITORY,
        git=github.git,
        server=github,
        actions={SOURCE.partition("@")[0]: _copy(tmp_path / "action")},
        environ={
            "PIP_NO_DEPS": "1",
            "PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", ""),
            "HOME": os.environ["HOME"],
            "PYTHONPATH": os.pathsep.join(packages.getsitepackages()),
        },
    )

    (job,) = runner.run("w.yml", Event(name="push", ref="refs/heads/main", sha="0"), text=workflow)

    # There is no stack in an empty workspace: said by what was just installed.
    assert job.result == "failure"
    assert "error: there is no stack in ." in job.log


def _copy(folder: Path) -> Path:
    """Return a copy of what is in the repository: an action is a checkout, and pip builds in it."""
    folder.mkdir()
    files = subprocess.run(
        ["git", "-C", cli.ROOT, "ls-files", "-z", "action.yml", "pyproject.toml", "README.md", "reconciler"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((cli.ROOT / name).read_bytes())
    return folder
