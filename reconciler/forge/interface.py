"""What we ask of a forge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A comment, or the issue that somebody opened.  id is what the forge changes it by."""

    id: int
    author: str
    body: str
    url: str = ""
    title: str = ""
    is_open: bool = True


class Forge(Protocol):
    """One repository.  Every method may raise ForgeError; nothing is asked before it is needed."""

    longest: int  # characters that a text may have

    def login(self) -> str:
        """Return the name under which we write: what others wrote is never ours, whatever it says."""

    def comments(self, number: int) -> Iterable[Note]:
        """Yield the comments of a pull request, the oldest first."""

    def add_comment(self, number: int, body: str) -> Note: ...

    def change_comment(self, number: int, note: Note, body: str) -> Note: ...

    def issues(self) -> Iterable[Note]:
        """Yield the issues that we opened, closed ones as well."""

    def add_issue(self, title: str, body: str) -> Note: ...

    def change_issue(self, note: Note, *, title: str, body: str, is_open: bool) -> Note: ...

    def pull_of(self, commit: str) -> int | None:
        """Return the merged pull request that brought a commit; None when it was pushed without one."""
