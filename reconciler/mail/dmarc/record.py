"""A DMARC record as data, parse and text (RFC 9989 §4.7 and §4.8)."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from reconciler.mail import destinations, tags
from reconciler.mail.destinations import Destination
from reconciler.mail.errors import SyntaxProblem

REMOVED_TAGS = frozenset({"pct", "rf", "ri"})  # RFC 9989 appendix C.5.2


class Policy(enum.Enum):
    """In the order of strictness."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class Alignment(enum.Enum):
    RELAXED = "r"
    STRICT = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The tags; None or empty is a tag that is not there.

    policy p · subdomain_policy sp · nonexistent_policy np · dkim_alignment adkim · spf_alignment aspf ·
    reports rua · failure_reports ruf · failure_options fo · psd · testing t.  others are unknown and removed
    tags, in order.
    """

    policy: Policy | None = None
    subdomain_policy: Policy | None = None
    nonexistent_policy: Policy | None = None
    dkim_alignment: Alignment | None = None
    spf_alignment: Alignment | None = None
    reports: tuple[Destination, ...] = ()
    failure_reports: tuple[Destination, ...] = ()
    failure_options: tuple[str, ...] = ()
    psd: str | None = None
    testing: bool | None = None
    others: tuple[tuple[str, str], ...] = ()


def owner(domain: str) -> str:
    """Return the name of a domain's record."""
    return f"_dmarc.{domain}"


def permission_owner(domain: str, destination: str) -> str:
    """Return where another domain agrees to get this one's reports, with `v=DMARC1` (RFC 9990 §4)."""
    return f"{domain}._report._dmarc.{destination}"


def parse(text: str) -> Record:
    """Return the record; raises the first problem.

    A receiver drops a tag that it cannot read (RFC 9989 §4.8); whoever publishes one wants to know.
    """
    record, problems = read(text)
    if problems:
        raise problems[0]
    return record


def read(text: str) -> tuple[Record, tuple[SyntaxProblem, ...]]:
    """Return the record as a receiver understands it, and all that it drops, in the order of the text.

    Raises SyntaxProblem when it is no DMARC record at all: `v=DMARC1` does not come first.
    """
    # RFC 9989 §4.7: first in the list, and case-sensitive.
    if not re.match(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)", text):
        raise _problem('The record must begin with "v=DMARC1"; as it is, receivers ignore all of it.', 0)
    found, faults = tags.lex(text, standard="DMARC")
    problems = list(faults)
    fields: dict[str, Any] = {}
    others = []
    without_policy = False
    for tag in found[1:]:
        if tag.name in _URI_TAGS:
            good, bad = destinations.parse(tag.value, tag.position, standard="DMARC", rfc="RFC 9989 §4.6")
            fields[_URI_TAGS[tag.name]] = good
            problems.extend(bad)
        elif tag.name not in _KEYWORDS:
            others.append((tag.name, tag.value))
        elif re.fullmatch(_KEYWORDS[tag.name].pattern, tag.value.lower()):
            fields[_KEYWORDS[tag.name].field] = _KEYWORDS[tag.name].convert(tag.value.lower())
        else:
            words = f'"{tag.value}" is no value for {tag.name}: {_KEYWORDS[tag.name].expected}.'
            problems.append(_problem(words, tag.position))
            without_policy = without_policy or tag.name in ("p", "sp", "np")
    if without_policy:  # RFC 9989 §4.10.1: one policy that nobody can read makes all of them "none"
        fields |= dict.fromkeys(("policy", "subdomain_policy", "nonexistent_policy"))
    record = Record(**fields, others=tuple(others))
    return record, tuple(sorted(problems, key=lambda problem: problem.position))


def text(record: Record) -> str:
    """Return the record's text; `p` comes second, where RFC 7489 §6.3 wanted it."""
    return "; ".join(("v=DMARC1", *(f"{tag}={value}" for tag, value in values(record).items())))


def values(record: Record) -> dict[str, str]:
    """Return tag -> value in the order of the text."""
    found: dict[str, str] = {}
    for tag, field in FIELDS.items():
        value = getattr(record, field)
        if isinstance(value, enum.Enum):
            found[tag] = value.value
        elif isinstance(value, bool):
            found[tag] = "y" if value else "n"
        elif isinstance(value, tuple) and value:
            found[tag] = (":" if tag == "fo" else ",").join(map(str, value))
        elif isinstance(value, str):
            found[tag] = value
    return found | dict(record.others)


def _problem(words: str, position: int) -> SyntaxProblem:
    return SyntaxProblem(words, standard="DMARC", position=position, rfc="RFC 9989 §4.7")


class _Keyword(NamedTuple):
    """A tag whose values RFC 9989 §4.8 lists; convert makes the field's value of a lower-case one."""

    field: str
    pattern: str
    expected: str
    convert: Callable[[str], Any]


_POLICY = ("none|quarantine|reject", "none, quarantine or reject", Policy)
_ALIGNMENT = ("[rs]", "r or s", Alignment)
_KEYWORDS = {
    "p": _Keyword("policy", *_POLICY),
    "sp": _Keyword("subdomain_policy", *_POLICY),
    "np": _Keyword("nonexistent_policy", *_POLICY),
    "adkim": _Keyword("dkim_alignment", *_ALIGNMENT),
    "aspf": _Keyword("spf_alignment", *_ALIGNMENT),
    "fo": _Keyword(
        "failure_options",
        r"(?!.*([01ds]).*\1)(?!.*0.*1)(?!.*1.*0)[01ds](?::[01ds])*",
        "0 or 1, d and s, each once, with colons between",
        lambda value: tuple(value.split(":")),
    ),
    "psd": _Keyword("psd", "[ynu]", "y, n or u", str),
    "t": _Keyword("testing", "[yn]", "y or n", lambda value: value == "y"),
}
_URI_TAGS = {"rua": "reports", "ruf": "failure_reports"}
FIELDS = {
    tag: _URI_TAGS.get(tag) or _KEYWORDS[tag].field
    for tag in ("p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "psd", "t")
}
