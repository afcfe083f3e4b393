"""The workflow files that we use and hand out are clean by the linters that people will hold to them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import cli
import pytest
import yaml
from gitops_site import SOURCE

WORKFLOWS = cli.ROOT / ".github" / "workflows"
PLACES = {"github": ".github/workflows/mailstack.yml", "forgejo": ".forgejo/workflows/mailstack.yml"}


def program(name: str) -> str | None:
    """Return a program of the environment that the tests run in, or of the machine."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


@pytest.fixture(params=PLACES)
def handed_out(request, tmp_path) -> Path:
    """A repository with a workflow of ours, where the linters look for workflows."""
    ended = cli.Project(tmp_path).run("init", "--ci", request.param, "--source", SOURCE)
    assert ended.code == 0
    place = tmp_path / ".github" / "workflows" / "mailstack.yml"
    place.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / PLACES[request.param]).replace(place)
    return place


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cli.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def zizmor() -> list[str]:
    """The auditor of workflows; without a network it cannot ask whether a pinned commit is still the newest."""
    found = program("zizmor")
    assert found, "zizmor is one of the packages that the tests are installed with"
    return [found, "--offline", "--quiet", "--no-config"]


@pytest.fixture
def actionlint() -> str:
    found = program("actionlint")
    if found is None:
        pytest.skip("no actionlint binary: .ci/run builds one where there is Go")
    return found


def test_our_action_and_our_own_workflow_pass_the_auditor(zizmor):
    check(*zizmor, "action.yml", str(WORKFLOWS))


def test_what_we_hand_out_passes_the_auditor(zizmor, handed_out):
    check(*zizmor, str(handed_out))


def test_our_own_workflow_passes_actionlint(actionlint):
    check(actionlint, *map(str, WORKFLOWS.glob("*.yml")))


def test_what_we_hand_out_passes_actionlint(actionlint, handed_out):
    """A URL after `uses:` is Forgejo's own, and its runner has the label docker."""
    ours = ("-ignore", "specifying action .* in invalid format", "-ignore", 'label "docker" is unknown')
    check(actionlint, *ours, str(handed_out))


def texts() -> list[Path]:
    return [cli.ROOT / "action.yml", *WORKFLOWS.glob("*.yml")]


@pytest.mark.parametrize("file", texts(), ids=lambda file: file.name)
def test_nothing_is_interpolated_into_a_script(file):
    """A branch's name with a quote in it would be a command."""
    loaded = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    holders = [loaded["runs"]] if "runs" in loaded else loaded["jobs"].values()

    scripts = [step["run"] for holder in holders for step in holder["steps"] if "run" in step]

    assert scripts and not [script for script in scripts if "${{" in script]
