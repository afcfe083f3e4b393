"""The pre-commit hooks, as pre-commit itself installs and runs them from this repository."""

from __future__ import annotations

import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cli import ROOT
from gits import git

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
VALID = "version: 1\ndomain: example.org\nhostname: mail.example.org\naccounts: {alice: {aliases: [postmaster, abuse]}}\n"
UNFIT = "version: 1\ndomain: example.net\nacounts: {}\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Path, str]:
    """This repository as somebody would clone it, and its commit: what is packed, and the hooks."""
    folder = tmp_path_factory.mktemp("published")
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "reconciler", folder / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "release")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def hooked(tmp_path_factory, published):
    """Return what commits files in a repository that uses the hooks; what is installed already is not fetched again."""
    folder = tmp_path_factory.mktemp("hooked")
    url, commit = published
    hooks = [{"id": hook["id"]} for hook in HOOKS]
    config = {"repos": [{"repo": str(url), "rev": commit, "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(folder, "init", "-q")
    environ = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("cache")),
        "PYTHONPATH": site.getsitepackages()[0],
    }

    def run(files: dict[str, str]) -> tuple[int, str]:
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text(text)
        git(folder, "add", "-A")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color", "never"],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=300,
        )
        git(folder, "rm", "-rqf", "--cached", ".")
        for name in files:
            (folder / name).unlink()
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_good_stack_passes_and_a_bad_one_is_told_with_its_place(hooked):
    """One installation serves all: it takes its time."""
    code, said = hooked(
        {"mailstack.yaml": VALID, "customers/shop.mailstack.yaml": VALID.replace("org", "com")}
    )
    assert (code, said.count("Passed")) == (0, 2), said

    code, said = hooked({"mailstack.yaml": VALID, "shop.mailstack.yml": UNFIT})
    assert code == 1
    assert 'error: shop.mailstack.yml:3:1: unknown key "acounts"\n    Did you mean "accounts"?\n' in said
    assert "mailstack.yaml: example.org is valid" in said

    code, said = hooked({"compose.yaml": 'version: "3"\n', "notes.md": "x\n"})
    assert (code, said.count("Skipped")) == (0, 2), said


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_entry_of_a_hook_takes_several_files(alone, hook):
    alone.write("mailstack.yaml", VALID)
    alone.write("b.yaml", VALID.replace("org", "com"))
    alone.write("c.yaml", UNFIT)
    command = hook["entry"].split()[1]

    good = alone.run(command, "mailstack.yaml", "b.yaml")
    bad = alone.run(command, "mailstack.yaml", "c.yaml")

    assert (good.code, bad.code) == (0, 1)
    assert 'unknown key "acounts"' in bad.out + bad.err


def test_several_files_in_one_document_are_wrong_usage(alone):
    ended = alone.run("lint", "a.yaml", "b.yaml", "--format", "json")

    assert (ended.code, ended.err.splitlines()[-1]) == (
        64,
        "Error: There is one document of json for one FILE.",
    )
