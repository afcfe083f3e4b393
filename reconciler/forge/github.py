"""GitHub; and Forgejo and Gitea, whose API has GitHub's shape with a few other names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from reconciler.forge.interface import Note
from reconciler.forge.wire import ForgeError, Wire

# What the token of a job writes as, where it may not ask who it is.
_JOB_LOGIN = {
    "github": "github-actions[bot]",
    "forgejo": "forgejo-actions",
    "gitea": "gitea-actions",
}


class GitHub:
    """One repository, `owner/name`.  flavour is github, forgejo or gitea; GitHub alone has GraphQL."""

    # GitHub counts 65,536 characters; the others take more and are kept to the same.
    longest = 65_536

    def __init__(
        self, wire: Wire, repository: str, *, flavour: str = "github", graphql: Wire | None = None
    ) -> None:
        self._wire, self._flavour, self._graphql = wire, flavour, graphql
        self._repo = f"/repos/{repository}"
        self._login: str | None = None

    def login(self) -> str:
        """Return our name.  GET /user is not for a job's token; GraphQL's viewer is."""
        if self._login is None:
            try:
                self._login = self._asked()
            except ForgeError:
                self._login = _JOB_LOGIN[self._flavour]
        return self._login

    def _asked(self) -> str:
        if self._graphql is None:
            return str(self._wire.ask("GET", "/user")["login"])
        answer = self._graphql.ask("POST", "", {"query": "query { viewer { login } }"})
        viewer = (answer.get("data") or {}).get("viewer") or {}
        return str(viewer.get("login") or _JOB_LOGIN[self._flavour])

    def comments(self, number: int) -> Iterator[Note]:
        for item in self._wire.pages(f"{self._repo}/issues/{number}/comments?per_page=100"):
            yield _note(item, item["id"])

    def add_comment(self, number: int, body: str) -> Note:
        item = self._wire.ask("POST", f"{self._repo}/issues/{number}/comments", {"body": body})
        return _note(item, item["id"])

    def change_comment(self, number: int, note: Note, body: str) -> Note:
        item = self._wire.ask("PATCH", f"{self._repo}/issues/comments/{note.id}", {"body": body})
        return _note(item, item["id"])

    def issues(self) -> Iterator[Note]:
        """Yield our issues.  Pull requests are issues here as well, and are left out."""
        by = "creator" if self._flavour == "github" else "type=issues&limit=50&created_by"
        path = f"{self._repo}/issues?state=all&per_page=100&{by}={quote(self.login())}"
        for item in self._wire.pages(path):
            if not item.get("pull_request"):
                yield _note(item, item["number"])

    def add_issue(self, title: str, body: str) -> Note:
        item = self._wire.ask("POST", f"{self._repo}/issues", {"title": title, "body": body})
        return _note(item, item["number"])

    def change_issue(self, note: Note, *, title: str, body: str, is_open: bool) -> Note:
        state = "open" if is_open else "closed"
        sent = {"title": title, "body": body, "state": state}
        item = self._wire.ask("PATCH", f"{self._repo}/issues/{note.id}", sent)
        return _note(item, item["number"])

    def pull_of(self, commit: str) -> int | None:
        for item in self._pulls(commit):
            if item.get("merged_at") or item.get("merged"):
                return int(item["number"])
        return None

    def _pulls(self, commit: str) -> Iterable[Mapping[str, Any]]:
        """Yield the pull requests of a commit.  Forgejo and Gitea know the one that brought it, or answer 404."""
        if self._flavour == "github":
            yield from self._wire.pages(f"{self._repo}/commits/{commit}/pulls?per_page=100")
            return
        try:
            yield self._wire.ask("GET", f"{self._repo}/commits/{commit}/pull")
        except ForgeError as error:
            if ": 404 " not in error.problems[0].summary:
                raise


def _note(item: Mapping[str, Any], number: int) -> Note:
    return Note(
        id=int(number),
        author=str((item.get("user") or {}).get("login", "")),
        body=str(item.get("body") or "").replace("\r\n", "\n"),
        url=str(item.get("html_url", "")),
        title=str(item.get("title", "")),
        is_open=item.get("state", "open") == "open",
    )
