"""What can go wrong, as values: a Problem says where, what, why and what to do.

An exception of this module carries one Problem or several (a loader tells all
that is wrong with a file at once).  Each family is one decision of the caller:
bad input (nothing was read from outside), a system that could not be read, a
system that refused a write, somebody else who is busy.  Secrets never enter a
Problem: texts are made from names, addresses and what the other side said
after redaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Where:
    """A place that a person can open: file, line and column, both from 1; 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        if not self.column:
            return f"{self.file}:{self.line}"
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    summary is one short line, detail whole sentences: what, why, what to do.  A command to
    copy stands alone in the detail on an indented line.  rule is the stable name that
    `docs/` and tests use, such as ``duplicate-key``.
    """

    summary: str
    detail: str = ""
    where: Where | None = None
    rule: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.summary}" if self.where else self.summary
        if not self.detail:
            return head
        return head + "".join(f"\n    {line}" if line else "\n" for line in self.detail.splitlines())


class MailstackError(Exception):
    """The root of everything that this package raises on purpose."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InputError(MailstackError):
    """The stack file, a secret's source or the command line cannot be used.  Nothing was written."""


class ReadError(MailstackError):
    """A live system could not be read.  Never to be taken for "nothing is there" (law 8)."""


class WriteError(MailstackError):
    """A live system refused a write, or it is not known whether it took it."""


class BusyError(MailstackError):
    """Somebody else holds the lock."""


def collected(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems in the order of their places, each once."""
    seen = dict.fromkeys(problems)
    return tuple(sorted(seen, key=lambda p: (p.where or Where(file=""), p.summary, p.detail)))
