"""What was asked so far, and what a test wants to go wrong with a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from reconciler.sandbox.request import Request

Phase = Literal["before", "after"]
# Called with the number of the request (from 0), its method, its path with the query, and the
# phase: before the server carries it out, or after that and before it answers.  True closes the
# connection at this point.
Hook = Callable[[int, str, str, Phase], bool | None]

_WRITING: Final = ("POST", "PATCH", "DELETE")
_LOGIN_CODE: Final = "/api/oauth"  # asking for the version: it stores a code, and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFault:
    """How one write goes wrong: before it is carried out or after, with a 500 or with no answer."""

    when: Phase
    how: Literal["500", "close"]


@dataclass(slots=True)
class Record:
    """The requests in order, as (method, path with query), and those of them that write."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)
    planned: dict[int, WriteFault] = field(default_factory=dict)  # by the number of the write, from 1

    def plan(self, number: int, fault: WriteFault) -> None:
        """Let the number-th write from now on go wrong; 1 is the next."""
        self.planned[len(self.writes) + number] = fault

    def note(self, request: Request) -> tuple[int, WriteFault | None]:
        """Note the request; return its number and what is to go wrong with it."""
        asked = (request.method, f"{request.path}?{request.query}" if request.query else request.path)
        self.requests.append(asked)
        if request.method not in _WRITING or request.path == _LOGIN_CODE:
            return len(self.requests) - 1, None
        self.writes.append(asked)
        return len(self.requests) - 1, self.planned.pop(len(self.writes), None)
