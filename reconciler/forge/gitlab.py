"""GitLab: a merge request's notes, a project's issues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from reconciler.forge.interface import Note
from reconciler.forge.wire import Wire


class GitLab:
    """One project, by its number or its whole path."""

    longest = 1_000_000

    def __init__(self, wire: Wire, project: str) -> None:
        self._wire = wire
        self._project = f"/projects/{quote(project, safe='')}"
        self._login: str | None = None

    def login(self) -> str:
        if self._login is None:
            self._login = str(self._wire.ask("GET", "/user")["username"])
        return self._login

    def comments(self, number: int) -> Iterator[Note]:
        path = f"{self._project}/merge_requests/{number}/notes?per_page=100&sort=asc&order_by=created_at"
        for item in self._wire.pages(path):
            yield self._note(item, number)

    def add_comment(self, number: int, body: str) -> Note:
        path = f"{self._project}/merge_requests/{number}/notes"
        return self._note(self._wire.ask("POST", path, {"body": body}), number)

    def change_comment(self, number: int, note: Note, body: str) -> Note:
        path = f"{self._project}/merge_requests/{number}/notes/{note.id}"
        return self._note(self._wire.ask("PUT", path, {"body": body}), number)

    def issues(self) -> Iterator[Note]:
        path = f"{self._project}/issues?scope=created_by_me&state=all&per_page=100"
        yield from map(_issue, self._wire.pages(path))

    def add_issue(self, title: str, body: str) -> Note:
        return _issue(
            self._wire.ask("POST", f"{self._project}/issues", {"title": title, "description": body})
        )

    def change_issue(self, note: Note, *, title: str, body: str, is_open: bool) -> Note:
        sent: dict[str, object] = {"title": title, "description": body}
        if is_open != note.is_open:
            sent["state_event"] = "reopen" if is_open else "close"
        return _issue(self._wire.ask("PUT", f"{self._project}/issues/{note.id}", sent))

    def pull_of(self, commit: str) -> int | None:
        for item in self._wire.pages(f"{self._project}/repository/commits/{commit}/merge_requests"):
            if item.get("state") == "merged":
                return int(item["iid"])
        return None

    def _note(self, item: Mapping[str, Any], number: int) -> Note:
        return Note(id=int(item["id"]), author=_author(item), body=str(item.get("body") or ""))


def _issue(item: Mapping[str, Any]) -> Note:
    return Note(
        id=int(item["iid"]),
        author=_author(item),
        body=str(item.get("description") or ""),
        url=str(item.get("web_url", "")),
        title=str(item.get("title", "")),
        is_open=item.get("state") == "opened",
    )


def _author(item: Mapping[str, Any]) -> str:
    return str((item.get("author") or {}).get("username", ""))
