"""What became of a change.  Pure data; backends yield it, apply collects it, report reads it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from reconciler.diff import Verb
from reconciler.resource import Address


class Status(enum.Enum):
    """done means active on the live system and read back (law 7), never "the call returned"."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of one change.  detail says why it is not done, in words, and what to do."""

    address: Address
    verb: Verb
    status: Status
    detail: str = ""
