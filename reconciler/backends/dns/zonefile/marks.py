"""The mark that says whose a record is: ``; mailstack:<stack>:<check>`` at the end of its line.

<check> is six hex digits over owner, type and data.  A line that was copied and changed, or
edited, still carries the mark but not its check: it is stale, a finding and never ours.  The mark
is the last thing of the logical line, behind the person's own comment; one that has words behind
it was edited too.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.dnsdata import data

WORD: Final = b"mailstack:"

_MARK: Final = re.compile(rb";[ \t]*mailstack:([^\s:;]+):([0-9a-f]{6})[ \t]*\Z")
_ANY: Final = re.compile(rb"[ \t]?(?:;[ \t]*)?mailstack:[^\s;]*")


class Standing(enum.Enum):
    """Whose a record is, seen from one stack."""

    UNMARKED = "unmarked"
    MINE = "mine"
    FOREIGN = "foreign"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark as it stands in the file.  stack is empty when the mark is mangled; only a valid one counts."""

    stack: str
    is_valid: bool


class Found(NamedTuple):
    """A mark as it was read; both are empty when it is mangled."""

    stack: str
    check: str


def find(comment: bytes) -> Found | None:
    """Return the mark at the end of a comment; None when it holds none."""
    count = comment.count(WORD)
    if not count:
        return None
    match = _MARK.search(comment)
    if match is None or count > 1:
        return Found("", "")
    return Found(match[1].decode("utf-8", "replace"), match[2].decode())


def check_of(owner: str, rrtype: str, value: str) -> str:
    """Return the six digits for a record, its value in canonical form."""
    text = data.fingerprint(owner, rrtype, value)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:6]


def mark_text(stack: str, owner: str, rrtype: str, value: str) -> bytes:
    """Return what is written behind a record, from the semicolon on."""
    return f"; mailstack:{stack}:{check_of(owner, rrtype, value)}".encode()


def remarked(tail: bytes, mark: bytes | None) -> bytes:
    """Return the end of a logical line with that mark in place of whatever mark it has.

    tail is the trailing comment with the one blank before it, or nothing.  The blank before a mark
    was written with the mark and goes with it, so adopting and forgetting gives the old bytes; the
    person's words stay, and stay a comment.
    """
    kept = _ANY.sub(b"", tail)
    words = kept.lstrip(b" \t")
    if words and not words.startswith(b";"):
        kept = b" ; " + words
    return kept + b" " + mark if mark else kept


def standing(mark: Mark | None, stack: str) -> Standing:
    """Say whose a record with that mark is."""
    if mark is None:
        return Standing.UNMARKED
    if not mark.is_valid:
        return Standing.STALE
    return Standing.MINE if mark.stack == stack else Standing.FOREIGN
