"""A stand-in for GitHub: a bare repository, pull requests, comments, issues, and the part of the API that we ask.

It counts calls, hands lists out in pages with a Link header, refuses texts over 65,536 characters, and
refuses what a token was not given: the permissions are those of the job that it was made for, and
GET /user is not for them.  Whoever asks is the bot; people write through the methods here.

Not done: rate limits, ETags, reviews, checks, branch rules, webhooks, GraphQL but for one question,
and Markdown, which is kept as it came.  A pull request's merge commit is made when it is opened.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

BOT = "github-actions[bot]"
LONGEST = 65_536
REPOSITORY = "octavia/mail"

Answer = tuple[int, Any, dict[str, str]]


class Refused(Exception):
    """The API says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass
class Comment:
    id: int
    number: int
    author: str
    body: str


@dataclass
class Issue:
    number: int
    author: str
    title: str
    body: str
    state: str = "open"
    labels: list[str] = field(default_factory=list)


@dataclass
class Pull:
    number: int
    head_ref: str
    head_sha: str
    base_ref: str = "main"
    merge_sha: str = ""
    merged: bool = False
    head_repository: str = REPOSITORY


@dataclass
class GitHub:
    """What the server holds.  calls counts (method, route); page_size is the most that a page holds."""

    git: Path
    page_size: int = 100
    url: str = ""
    comments: list[Comment] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    pulls: dict[int, Pull] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    refuse: dict[tuple[str, str], int] = field(default_factory=dict)  # (method, route) -> status, to be tried
    _tokens: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _number: int = 0

    # Where a child of GitHub's differs.
    bot: ClassVar[str] = BOT
    prefix: ClassVar[str] = "/api/v3"
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def __post_init__(self) -> None:
        # As GitHub's: a commit may be fetched by its name.
        self._git("config", "uploadpack.allowAnySHA1InWant", "true")

    @property
    def api_url(self) -> str:
        return f"{self.url}{self.prefix}"

    def token(self, permissions: Mapping[str, str]) -> str:
        """Return a new token that can do this and no more."""
        token = f"ghs_stand_in_{len(self._tokens)}"
        self._tokens[token] = dict(permissions)
        return token

    # What people do.

    def open_pull(self, branch: str, *, fork: str = "") -> Pull:
        """Open a pull request of a branch that was pushed, or take up what was pushed to it since."""
        head = self.head(branch)
        pull = next((p for p in self.pulls.values() if p.head_ref == branch and not p.merged), None)
        if pull is None:
            self._number += 1
            pull = Pull(self._number, branch, head, head_repository=fork or REPOSITORY)
            self.pulls[pull.number] = pull
        pull.head_sha, pull.merge_sha = head, self._merge_commit(pull.base_ref, head)
        for name, commit in (("head", pull.head_sha), ("merge", pull.merge_sha)):
            self._git("update-ref", f"refs/pull/{pull.number}/{name}", commit)
        return pull

    def merge(self, pull: Pull) -> str:
        """Merge a pull request and return the merge commit, which is then the head of its base."""
        pull.merge_sha = self._merge_commit(pull.base_ref, pull.head_sha)
        self._git("update-ref", f"refs/heads/{pull.base_ref}", pull.merge_sha)
        pull.merged = True
        return pull.merge_sha

    def say(self, number: int, body: str, author: str = "mallory") -> Comment:
        """Let a person comment."""
        self._number += 1
        comment = Comment(self._number, number, author, body)
        self.comments.append(comment)
        return comment

    def head(self, branch: str) -> str:
        """Return the last commit of a branch."""
        return self._rev(f"refs/heads/{branch}")

    def of(self, number: int) -> list[Comment]:
        return [comment for comment in self.comments if comment.number == number]

    # What the API does.

    def answer(self, method: str, target: str, token: str, sent: Any) -> Answer:
        parts = urlsplit(target)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix(self.prefix)
        for verb, pattern, called in self.routes or ROUTES:
            if verb == method and (found := re.fullmatch(pattern, path)):
                route = called.removeprefix("_")
                self.calls[method, route] += 1
                if token not in self._tokens:
                    raise Refused(401, "Bad credentials")
                if (status := self.refuse.get((method, route))) is not None:
                    raise Refused(status, "Refused by the test")
                answer: Answer = getattr(self, called)(self._tokens[token], asked, sent, **found.groupdict())
                return answer
        self.calls[method, path] += 1
        raise Refused(404, "Not Found")

    def _viewer(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        assert "viewer" in sent["query"], sent
        return 200, {"data": {"viewer": {"login": self.bot}}}, {}

    def _user(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        raise Refused(403, "Resource not accessible by integration")

    def _list_comments(self, may: Mapping[str, str], asked: Any, sent: Any, number: str) -> Answer:
        _need(may, "read", "issues", "pull-requests")
        return self._page([_comment(c) for c in self.of(int(number))], asked, f"issues/{number}/comments")

    def _add_comment(self, may: Mapping[str, str], asked: Any, sent: Any, number: str) -> Answer:
        _need(may, "write", "issues", "pull-requests")
        _short_enough(sent["body"])
        return 201, _comment(self.say(int(number), sent["body"], self.bot)), {}

    def _change_comment(self, may: Mapping[str, str], asked: Any, sent: Any, comment: str) -> Answer:
        _need(may, "write", "issues", "pull-requests")
        _short_enough(sent["body"])
        found = next((c for c in self.comments if c.id == int(comment)), None)
        if found is None:
            raise Refused(404, "Not Found")
        found.body = sent["body"]
        return 200, _comment(found), {}

    def _list_issues(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        """List issues, the newest first, and pull requests among them, as GitHub does."""
        _need(may, "read", "issues")
        state = asked.get("state", "open")
        found = [
            _issue(i)
            for i in reversed(self.issues)
            if state in ("all", i.state) and asked.get("creator", i.author) == i.author
        ]
        pulls = [
            {"number": p.number, "user": {"login": self.bot}, "title": "", "body": None, "pull_request": {}}
            for p in self.pulls.values()
            if asked.get("creator") == self.bot
        ]
        return self._page([*pulls, *found], asked, "issues")

    def _add_issue(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        _need(may, "write", "issues")
        _short_enough(sent["body"])
        self._number += 1
        issue = Issue(self._number, self.bot, sent["title"], sent["body"])
        self.issues.append(issue)
        return 201, _issue(issue), {}

    def _change_issue(self, may: Mapping[str, str], asked: Any, sent: Any, number: str) -> Answer:
        _need(may, "write", "issues")
        issue = next(i for i in self.issues if i.number == int(number))
        _short_enough(sent.get("body", ""))
        for key in ("title", "body", "state"):
            if key in sent:
                setattr(issue, key, sent[key])
        return 200, _issue(issue), {}

    def _pulls_of(self, may: Mapping[str, str], asked: Any, sent: Any, sha: str) -> Answer:
        _need(may, "read", "pull-requests")
        found = [p for p in self.pulls.values() if sha in (p.merge_sha, p.head_sha)]
        return self._page([_pull(p) for p in found], asked, f"commits/{sha}/pulls")

    def _page(self, items: list[Any], asked: Mapping[str, str], path: str) -> Answer:
        size = min(int(asked.get("per_page", 30)), self.page_size)
        page = int(asked.get("page", 1))
        headers = {}
        if page * size < len(items):
            query = urlencode({**asked, "page": page + 1})
            headers["Link"] = f'<{self.api_url}/repos/{REPOSITORY}/{path}?{query}>; rel="next"'
        return 200, items[(page - 1) * size : page * size], headers

    # Its repository.

    def _merge_commit(self, base: str, head: str) -> str:
        parent = self.head(base)
        tree = self._git("merge-tree", "--write-tree", parent, head).split()[0]
        return self._git("commit-tree", tree, "-p", parent, "-p", head, "-m", "Merge pull request")

    def _rev(self, name: str) -> str:
        return self._git("rev-parse", f"{name}^{{commit}}")

    def _git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=GitHub", "-c", "user.email=noreply@example.org"]
        return subprocess.run(
            ["git", "-C", str(self.git), *identity, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()


_REPO = f"/repos/{REPOSITORY}"
ROUTES = (
    ("POST", "/graphql", "_viewer"),
    ("GET", "/user", "_user"),
    ("GET", rf"{_REPO}/issues/(?P<number>\d+)/comments", "_list_comments"),
    ("POST", rf"{_REPO}/issues/(?P<number>\d+)/comments", "_add_comment"),
    ("PATCH", rf"{_REPO}/issues/comments/(?P<comment>\d+)", "_change_comment"),
    ("GET", rf"{_REPO}/issues", "_list_issues"),
    ("POST", rf"{_REPO}/issues", "_add_issue"),
    ("PATCH", rf"{_REPO}/issues/(?P<number>\d+)", "_change_issue"),
    ("GET", rf"{_REPO}/commits/(?P<sha>\w+)/pulls", "_pulls_of"),
)


def _need(may: Mapping[str, str], level: str, *scopes: str) -> None:
    """Refuse what none of these permissions allows, in GitHub's words."""
    if not any(may.get(scope) in (level, "write") for scope in scopes):
        raise Refused(403, "Resource not accessible by integration")


def _short_enough(body: str) -> None:
    if len(body) > LONGEST:
        raise Refused(422, f"Validation Failed: body is too long (maximum is {LONGEST} characters)")


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "user": {"login": comment.author},
        "body": comment.body,
        "html_url": f"https://github.example/{REPOSITORY}/pull/{comment.number}#issuecomment-{comment.id}",
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "number": issue.number,
        "user": {"login": issue.author},
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "html_url": f"https://github.example/{REPOSITORY}/issues/{issue.number}",
    }


def _pull(pull: Pull) -> dict[str, Any]:
    return {
        "number": pull.number,
        "merged_at": "2030-01-01T00:00:00Z" if pull.merged else None,
        "merge_commit_sha": pull.merge_sha,
        "base": {"ref": pull.base_ref},
        "head": {"ref": pull.head_ref, "sha": pull.head_sha},
    }


@contextmanager
def listening(server: Any) -> Iterator[Any]:
    """Let a stand-in (anything with `answer`) listen on loopback while the block lasts; its url is set."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length", 0)))
            token = self.headers.get("authorization", "").partition(" ")[2]
            token = token or self.headers.get("private-token", "")
            headers: dict[str, str] = {}
            try:
                sent = json.loads(text) if text else None
                status, value, headers = server.answer(self.command, self.path, token, sent)
            except Refused as refused:
                status, value = refused.status, {"message": refused.message}
            body = json.dumps(value).encode()
            self.send_response(status)
            for name, said in {
                **headers,
                "Content-Type": "application/json",
                "Content-Length": len(body),
            }.items():
                self.send_header(name, str(said))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
