"""What an SPF check asks of DNS (RFC 7208 §4.4 and §5)."""

from __future__ import annotations

from typing import Literal, Protocol

from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.spf.grammar import is_spf, parse
from reconciler.mail.spf.terms import Record

RecordType = Literal["TXT", "A", "AAAA", "MX", "PTR"]


# RFC 7208 §4.6.4
MOST_TERMS = 10  # that ask DNS, over all records of a check
MOST_VOIDS = 2  # answers with nothing in them
MOST_NAMES = 10  # of one `mx` or `ptr`


class UnansweredError(Exception):
    """The question has no answer: a time-out, or offline a name that nobody here knows."""

    def __init__(self, name: str, type_: RecordType) -> None:
        super().__init__(f"no answer for {type_} of {name}")
        self.name = name


class Resolver(Protocol):
    """Answers one question, aliases followed.

    name is absolute, lower-case, without a trailing dot.  The answer is the joined text of each TXT
    record, addresses, or names (for MX without the preference); empty when the name or the type does
    not exist.  Raises UnansweredError when that cannot be known.
    """

    def __call__(self, name: str, type_: RecordType, /) -> tuple[str, ...]: ...


class RecordError(Exception):
    """What is published is not one readable record: permerror."""


def record_among(texts: tuple[str, ...], domain: str) -> Record | None:
    """Return the one SPF record among TXT texts; None when there is none."""
    found = [text for text in texts if is_spf(text)]
    if not found:
        return None
    if len(found) > 1:  # RFC 7208 §4.5
        raise RecordError(f"{domain} has {len(found)} SPF records, and only one is allowed.")
    try:
        return parse(found[0])
    except SyntaxProblem as problem:
        raise RecordError(f"The record of {domain} is wrong. {problem}") from problem


def can_ask(name: str) -> bool:
    """Say whether a question can be made of a name: labels of 1 to 63 octets, 253 in all (RFC 7208 §4.3)."""
    return 0 < len(name) <= 253 and all(1 <= len(label.encode()) <= 63 for label in name.split("."))
