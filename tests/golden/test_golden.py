"""Every folder beside this file is a case that a mail administrator can read.

    README.md      what happens, and what mailstack must make of it
    server.json    what is on the server (a seed of the sandbox, with its version)
    stack.yaml     what the file says; then-stack.yaml what it says afterwards, if the story goes on
    plan.txt       what `mailstack plan` answers; plan.md the comment on a pull request, in some cases
    after.txt      what `mailstack apply --yes` says at its end, where that matters; after.md the job's summary
    second.txt     what `mailstack plan` answers then, where that is not "nothing to do"

MAILSTACK_GOLDEN=write writes the texts anew: read them before you commit them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import cli
import pytest

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/README.md"))
WRITES = os.environ.get("MAILSTACK_GOLDEN") == "write"
WRITTEN_URL = "http://127.0.0.1:8080"


@pytest.fixture(params=CASES)
def case(request) -> Path:
    return HERE / request.param


@pytest.fixture
def project(case, tmp_path) -> Iterator[cli.Project]:
    seed = json.loads((case / "server.json").read_text())
    about = {name: seed.pop(name) for name in ("version", "resolves") if name in seed}
    with cli.sandbox(seed=seed, **about) as server:
        yield cli.Project(tmp_path, server.url, server)


def test_the_case_reads_as_expected(case, project):
    for prefix in ("", "then-"):
        if not (case / f"{prefix}stack.yaml").exists():
            continue
        text = (case / f"{prefix}stack.yaml").read_text().replace(WRITTEN_URL, project.url)
        project.write("stack.yaml", text)
        planned = project.run("plan", "-f", "stack.yaml")
        _compare(case / f"{prefix}plan.txt", _text(planned), needed=True)
        _compare(
            case / f"{prefix}plan.md", project.run("plan", "-f", "stack.yaml", "--format", "markdown").out
        )
        summary = project.summary()
        applied = project.run("apply", "-f", "stack.yaml", "--yes")
        assert applied.out.startswith(planned.out)
        _compare(case / f"{prefix}after.txt", _text(applied, applied.out.removeprefix(planned.out)))
        _compare(case / f"{prefix}after.md", summary.read_text(encoding="utf-8"))
        second = project.run("plan", "-f", "stack.yaml", "--detailed-exitcode")
        assert second.code == {0: 0, 1: second.code, 3: 2, 4: second.code}[applied.code]
        _compare(case / f"{prefix}second.txt", _text(second))


def _text(ended: cli.Ended, out: str | None = None) -> str:
    """Return what a run said, and its exit code where that is not 0."""
    parts = [ended.out if out is None else out, ended.err, f"exit code {ended.code}\n" if ended.code else ""]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def _compare(path: Path, text: str, *, needed: bool = False) -> None:
    if WRITES and (needed or path.exists()):
        path.write_text(text, encoding="utf-8")
    if path.exists() or needed:
        assert path.read_text(encoding="utf-8") == text
