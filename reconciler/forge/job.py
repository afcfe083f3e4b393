"""The job that runs us, read from its variables: which forge, what happened, which pull request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.config.secrets import Secret
from reconciler.forge.github import GitHub
from reconciler.forge.gitlab import GitLab
from reconciler.forge.interface import Forge
from reconciler.forge.wire import Wire

TOKEN = "MAILSTACK_CI_TOKEN"
_GITHUB_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What happened and where.  Outside CI there is no forge, and everything else is empty."""

    forge: str = ""  # github, forgejo, gitea, gitlab, or nothing
    event: str = ""  # pull_request, push, schedule, or as the forge calls it
    repository: str = ""
    commit: str = ""  # of a pull request: its last commit, not the merge that is tried
    pull: int | None = None
    is_fork: bool = False
    url: str = ""  # of the run, for people
    api: str = ""
    graphql: str = ""
    token: Secret | None = None

    def connect(self) -> Forge | None:
        """Return the forge to write to; None where there is none, or no token for it."""
        if self.token is None or not self.api:
            return None
        match self.forge:
            case "gitlab":
                return GitLab(Wire(self.api, {}, self.token, scheme="Private-Token"), self.repository)
            case "github":
                graphql = Wire(self.graphql or f"{self.api}/graphql", _GITHUB_HEADERS, self.token)
                return GitHub(Wire(self.api, _GITHUB_HEADERS, self.token), self.repository, graphql=graphql)
            case "forgejo" | "gitea":
                return GitHub(
                    Wire(self.api, {}, self.token, scheme="token"), self.repository, flavour=self.forge
                )
        return None


def read(environ: Mapping[str, str]) -> Job:
    """Return the job that these variables tell of."""
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    if environ.get("GITHUB_ACTIONS"):
        return _github(environ)
    return Job()


def _github(environ: Mapping[str, str]) -> Job:
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    pull = event.get("pull_request") or {}
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    forge = "github"
    if environ.get("GITEA_ACTIONS"):
        forge = "forgejo" if environ.get("FORGEJO_ACTIONS") else "gitea"
    # Forgejo and Gitea find a run by its number in the repository.
    run = environ.get("GITHUB_RUN_ID" if forge == "github" else "GITHUB_RUN_NUMBER", "")
    return Job(
        forge=forge,
        event=environ.get("GITHUB_EVENT_NAME", ""),
        repository=repository,
        commit=str(_inside(pull, "head", "sha") or environ.get("GITHUB_SHA", "")),
        pull=int(pull["number"]) if pull else None,
        # Of a fork that is gone, nothing is left: it is one all the same.
        is_fork=bool(pull) and _inside(pull, "head", "repo", "full_name") != repository,
        url=f"{server}/{repository}/actions/runs/{run}",
        api=environ.get("GITHUB_API_URL", ""),
        graphql=environ.get("GITHUB_GRAPHQL_URL", ""),
        token=_token(environ, "GITHUB_TOKEN"),
    )


def _gitlab(environ: Mapping[str, str]) -> Job:
    number = environ.get("CI_MERGE_REQUEST_IID", "")
    source = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
    event = environ.get("CI_PIPELINE_SOURCE", "")
    return Job(
        forge="gitlab",
        event="pull_request" if event == "merge_request_event" else event,
        repository=environ.get("CI_PROJECT_ID", ""),
        commit=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environ.get("CI_COMMIT_SHA", ""),
        pull=int(number) if number.isdecimal() else None,
        is_fork=bool(source) and source != environ.get("CI_MERGE_REQUEST_PROJECT_ID", source),
        url=environ.get("CI_JOB_URL", ""),
        api=environ.get("CI_API_V4_URL", ""),
        token=_token(environ),
    )


def _event(name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8")) if name else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _token(environ: Mapping[str, str], *others: str) -> Secret | None:
    text = next((environ[name] for name in (TOKEN, *others) if environ.get(name)), "")
    return Secret(text) if text else None
