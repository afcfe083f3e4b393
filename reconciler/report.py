"""Outcomes -> report and exit code.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.errors import Problem
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan
from reconciler.resource import Address

DONE, NOTHING_DONE, CHANGES, IN_PART, HELD = 0, 1, 2, 3, 4
USAGE, BUSY = 64, 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A plan and what became of it.  facts are texts on what is true now, such as a new serial."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    facts: tuple[str, ...] = ()

    def having(self, status: Status) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status is status)

    @property
    def exit_code(self) -> int:
        """Return 0 all done, 3 something failed, 4 the rest is done and something is held or stale, 1 nothing done."""
        failed = self.having(Status.FAILED) or self.having(Status.SKIPPED)
        done = self.having(Status.DONE)
        if failed:
            return IN_PART if done else NOTHING_DONE
        if self.plan.held or self.having(Status.STALE):
            return HELD
        return DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Who ran what, when and from which commit: what an audit asks beside the report.

    Times are texts in UTC (RFC 3339); ended is empty while the run goes on, and for ever where it was
    killed.  stored tells when each change was stored.  What is not known is empty.
    """

    command: str
    stack: str
    file: str
    started: str
    ended: str = ""
    actor: str = ""
    host: str = ""
    commit: str = ""
    is_modified: bool = False  # the stack file is not as the commit has it
    job: str = ""
    exit_code: int | None = None
    problems: tuple[Problem, ...] = ()
    stored: Mapping[Address, str] = field(default_factory=dict)
