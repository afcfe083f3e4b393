"""A stand-in for Forgejo and Gitea: GitHub's, with the names that differ there.

A job's token may do everything in its repository, and may ask who it is; comments come in one answer; a
commit's pull request is asked for as `commits/SHA/pull`; issues are asked for by `created_by`.  Not done: what
the stand-in for GitHub does not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import github_server
from github_server import Answer, GitHub, Refused

BOT = "forgejo-actions"
_ALL = {"issues": "write", "pull-requests": "write", "contents": "write"}
_REPO = f"/repos/{github_server.REPOSITORY}"


class Forgejo(GitHub):
    """What the server holds."""

    bot: ClassVar[str] = BOT
    prefix: ClassVar[str] = "/api/v1"
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = (
        *(r for r in github_server.ROUTES if r[2] not in ("_viewer", "_pulls_of")),
        ("GET", rf"{_REPO}/commits/(?P<sha>\w+)/pull", "_pull_of"),
    )

    def token(self, permissions: Mapping[str, str]) -> str:
        """Return a job's token: `permissions:` is not heeded, but a fork's may only read."""
        is_fork = permissions and set(permissions.values()) == {"read"} and len(permissions) > 1
        return super().token(dict.fromkeys(_ALL, "read") if is_fork else _ALL)

    def _user(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        return 200, {"id": -2, "login": BOT}, {}

    def _list_comments(self, may: Mapping[str, str], asked: Any, sent: Any, number: str) -> Answer:
        everything = {**asked, "per_page": "1000000", "page": "1"}
        return super()._list_comments(may, everything, sent, number)

    def _list_issues(self, may: Mapping[str, str], asked: Any, sent: Any) -> Answer:
        assert asked["type"] == "issues" and "creator" not in asked, asked
        wanted = {"state": asked["state"], "creator": asked["created_by"], "per_page": asked["limit"]}
        status, items, headers = super()._list_issues(may, {**wanted, "page": asked.get("page", "1")}, sent)
        return status, [item for item in items if "pull_request" not in item], headers

    def _pull_of(self, may: Mapping[str, str], asked: Any, sent: Any, sha: str) -> Answer:
        _, found, _ = self._pulls_of(may, asked, sent, sha)
        if not found:
            raise Refused(404, "pull request does not exist")
        return 200, {**found[0], "merged": bool(found[0]["merged_at"])}, {}
