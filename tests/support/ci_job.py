"""`mailstack ci` in a job of its own making, without a workflow around it: what it says, and what it writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import cli
from actions_runner import pairs
from github_server import REPOSITORY, GitHub

READ, WRITE = {"contents": "read"}, {"pull-requests": "write", "issues": "write"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """How a job ended: its code, its log, its summary, its outputs."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]

    def shown(self) -> str:
        """Return the log without what the runner takes no orders from, as it takes it."""
        lines, silent = [], ""
        for line in self.log.splitlines():
            if silent:
                silent = "" if line == f"::{silent}::" else silent
            elif line.startswith("::stop-commands::"):
                silent = line.removeprefix("::stop-commands::")
            else:
                lines.append(line)
        return "\n".join(lines)


@dataclass
class CiJob:
    """A checkout in a job of the stand-in forge."""

    project: cli.Project
    github: GitHub
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(WRITE))

    def run(
        self, *arguments: str, event: str = "push", pull: int = 0, fork: str = "", commit: str = "c0"
    ) -> Told:
        """Run `mailstack ci`."""
        folder = self.project.folder.parent / "job"
        folder.mkdir(exist_ok=True)
        for name in ("output", "summary"):
            (folder / name).write_text("", encoding="utf-8")
        repository = {"full_name": fork or REPOSITORY}
        payload = (
            {"pull_request": {"number": pull, "head": {"sha": commit, "repo": repository}}} if pull else {}
        )
        (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request" if pull else event,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": commit,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_GRAPHQL_URL": f"{self.github.api_url}/graphql",
            "GITHUB_RUN_ID": "7",
            "GITHUB_WORKSPACE": str(self.project.folder),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "MAILSTACK_CI_TOKEN": self.github.token(self.permissions),
        }
        former = dict(self.project.environ)
        self.project.environ.update(environ)
        try:
            ended = self.project.run("ci", *arguments)
        finally:
            self.project.environ = former
        return Told(
            code=ended.code,
            log=ended.out + ended.err,
            summary=(folder / "summary").read_text(encoding="utf-8"),
            outputs=dict(pairs((folder / "output").read_text(encoding="utf-8"))),
        )
