"""A stand-in for GitLab: the notes of merge requests, a project's issues, and the merge requests of a commit.

It counts calls, hands lists out in pages with a Link header, and takes one token alone, as PRIVATE-TOKEN.
Not done: rights within a project, system notes but for one, rate limits, and Markdown.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from github_server import Answer, Comment, Issue, Refused

PROJECT = "4711"
TOKEN = "glpat-canary-gitlab"
BOT = "project_4711_bot"
LONGEST = 1_000_000


@dataclass
class GitLab:
    """What the server holds.  merged: commit -> the number of the merge request that brought it."""

    url: str = ""
    page_size: int = 20
    notes: list[Comment] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    merged: dict[str, int] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v4"

    def answer(self, method: str, target: str, token: str, sent: Any) -> Answer:
        parts = urlsplit(target)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        for verb, pattern, called in _ROUTES:
            if verb == method and (found := re.fullmatch(f"/api/v4{pattern}", parts.path)):
                self.calls[method, called.removeprefix("_")] += 1
                if token != TOKEN:
                    raise Refused(401, "401 Unauthorized")
                if sent and len(sent.get("body", sent.get("description", ""))) > LONGEST:
                    raise Refused(400, "too long")
                answer: Answer = getattr(self, called)(parts.path, asked, sent, **found.groupdict())
                return answer
        raise Refused(404, "404 Not Found")

    def _user(self, path: str, asked: Any, sent: Any) -> Answer:
        return 200, {"username": BOT}, {}

    def _list_notes(self, path: str, asked: Any, sent: Any, number: str) -> Answer:
        found = [_note(n) for n in self.notes if n.number == int(number)]
        return self._page(found, path, asked)

    def _add_note(self, path: str, asked: Any, sent: Any, number: str) -> Answer:
        note = Comment(len(self.notes) + 1, int(number), BOT, sent["body"])
        self.notes.append(note)
        return 201, _note(note), {}

    def _change_note(self, path: str, asked: Any, sent: Any, number: str, note: str) -> Answer:
        found = next(n for n in self.notes if (n.number, n.id) == (int(number), int(note)))
        found.body = sent["body"]
        return 200, _note(found), {}

    def _list_issues(self, path: str, asked: Any, sent: Any) -> Answer:
        assert (asked["scope"], asked["state"]) == ("created_by_me", "all"), asked
        return self._page([_issue(i) for i in self.issues if i.author == BOT], path, asked)

    def _add_issue(self, path: str, asked: Any, sent: Any) -> Answer:
        issue = Issue(len(self.issues) + 1, BOT, sent["title"], sent["description"])
        self.issues.append(issue)
        return 201, _issue(issue), {}

    def _change_issue(self, path: str, asked: Any, sent: Any, number: str) -> Answer:
        issue = next(i for i in self.issues if i.number == int(number))
        issue.title, issue.body = sent["title"], sent["description"]
        issue.state = {"close": "closed", "reopen": "open"}.get(sent.get("state_event", ""), issue.state)
        return 200, _issue(issue), {}

    def _merge_requests(self, path: str, asked: Any, sent: Any, sha: str) -> Answer:
        found = [{"iid": self.merged[sha], "state": "merged"}] if sha in self.merged else []
        return self._page(found, path, asked)

    def _page(self, items: list[Any], path: str, asked: dict[str, str]) -> Answer:
        page = int(asked.get("page", 1))
        size = min(int(asked.get("per_page", 20)), self.page_size)
        headers = {}
        if page * size < len(items):
            headers["Link"] = f'<{self.url}{path}?{urlencode({**asked, "page": page + 1})}>; rel="next"'
        return 200, items[(page - 1) * size : page * size], headers


_PROJECT = f"/projects/{PROJECT}"
_NOTES = rf"{_PROJECT}/merge_requests/(?P<number>\d+)/notes"
_ROUTES = (
    ("GET", "/user", "_user"),
    ("GET", _NOTES, "_list_notes"),
    ("POST", _NOTES, "_add_note"),
    ("PUT", rf"{_NOTES}/(?P<note>\d+)", "_change_note"),
    ("GET", f"{_PROJECT}/issues", "_list_issues"),
    ("POST", f"{_PROJECT}/issues", "_add_issue"),
    ("PUT", rf"{_PROJECT}/issues/(?P<number>\d+)", "_change_issue"),
    ("GET", rf"{_PROJECT}/repository/commits/(?P<sha>\w+)/merge_requests", "_merge_requests"),
)


def _note(note: Comment) -> dict[str, Any]:
    return {"id": note.id, "author": {"username": note.author}, "body": note.body, "system": False}


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "iid": issue.number,
        "author": {"username": issue.author},
        "title": issue.title,
        "description": issue.body,
        "state": "opened" if issue.state == "open" else "closed",
        "web_url": f"https://gitlab.example/mail/-/issues/{issue.number}",
    }
