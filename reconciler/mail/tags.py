"""The "tag=value; tag=value" lists of DKIM, DMARC, MTA-STS and TLS-RPT records (RFC 6376 §3.2).

This module cuts a list into tags and says where each stands; what a tag means is its standard's
business.  Names and values are case-sensitive here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.mail.errors import SyntaxProblem

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_VALUE = re.compile(r"[\t\x20-\x3a\x3c-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """value has no blanks around it; position is where it begins."""

    name: str
    value: str
    position: int


def lex(
    text: str, *, standard: str, blanks: bool = True
) -> tuple[tuple[Tag, ...], tuple[SyntaxProblem, ...]]:
    """Return the readable tags in order, each name once, and what is wrong with the rest.

    blanks says whether the standard allows them around the equals sign.
    """
    tags: dict[str, Tag] = {}
    problems = []
    parts = text.split(";")
    if not parts[-1].strip(" \t"):
        parts.pop()  # the semicolon at the end is optional
    at = 0
    for part in parts:
        found = _tag(part, at, blanks)
        if isinstance(found, Tag) and found.name in tags:
            found = (f'The tag "{found.name}" is there twice.', found.position)
        if isinstance(found, Tag):
            tags[found.name] = found
        else:
            words, position = found
            problems.append(SyntaxProblem(words, standard=standard, position=position, rfc="RFC 6376 §3.2"))
        at += len(part) + 1
    return tuple(tags.values()), tuple(problems)


def parsed(text: str, *, standard: str, blanks: bool = True) -> tuple[Tag, ...]:
    """Return the tags in order; raises the first problem."""
    tags, problems = lex(text, standard=standard, blanks=blanks)
    if problems:
        raise problems[0]
    return tags


def _tag(part: str, at: int, blanks: bool) -> Tag | tuple[str, int]:
    """Return the tag in one part of the list, or what is wrong with it and where."""
    before, equals, after = part.partition("=")
    name, value = before.strip(" \t"), after.strip(" \t")
    start = at + len(part) - len(part.lstrip(" \t"))
    position = at + len(before) + 1 + len(after) - len(after.lstrip(" \t"))
    if not equals:
        return (f'"{name}" is no tag=value.' if name else "Nothing stands before this semicolon."), start
    if not _NAME.fullmatch(name):
        return f'"{name}" is no name for a tag.', start
    if not blanks and (before.endswith((" ", "\t")) or (value and after.startswith((" ", "\t")))):
        return "No blank may stand beside this equals sign.", at + len(before)
    if not _VALUE.fullmatch(value):
        return f'The value of "{name}" holds a sign that is not printable ASCII.', position
    return Tag(name=name, value=value, position=position)
