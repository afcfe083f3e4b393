"""What a run hands to the job around it: the summary of the step and its outputs, where the job asks for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from reconciler.plan import Plan
from reconciler.render import github

SUMMARY, OUTPUT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"


def publish(summary: Callable[[], str], **outputs: str) -> None:
    """Append the summary, and the outputs with it, to the files that the job names.  Without a job, nothing is made.

    A file that cannot be written is told on stderr and changes nothing of how the run ends: what was
    done is done.
    """
    if not (os.environ.get(SUMMARY) or os.environ.get(OUTPUT)):
        return
    text = summary()
    named = {name.replace("_", "-"): value for name, value in outputs.items()}
    _append(SUMMARY, text + "\n")
    _append(OUTPUT, github.outputs({**named, "summary": text}))


def publish_plan(summary: Callable[[], str], plan: Plan) -> None:
    """Publish what a plan comes to: `changes` and `held` are numbers."""
    publish(summary, changes=str(len(plan.changes)), held=str(len(plan.held)), plan_id=plan.plan_id)


def place(file: str) -> str:
    """Return what the repository calls a file: annotations are found by that."""
    root = os.environ.get("GITHUB_WORKSPACE")
    if not root:
        return file
    inside = os.path.relpath(file, root)
    return file if inside.startswith("..") else inside


def _append(variable: str, text: str) -> None:
    name = os.environ.get(variable)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        print(f"{variable}: {name} cannot be written: {error.strerror}", file=sys.stderr)
