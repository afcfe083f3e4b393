"""The fields of record data that is not free text: numbers and names between blanks (RFC 1035 §5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.mail.errors import SyntaxProblem

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One word of the data, and where it begins."""

    word: str
    position: int
    standard: str

    def wrong(self, words: str, rfc: str = "") -> SyntaxProblem:
        """Return the error that points at this field."""
        return SyntaxProblem(words, standard=self.standard, position=self.position, rfc=rfc)


def fields(data: str, *shape: str, standard: str) -> tuple[Field, ...]:
    """Return one field for each name in shape; the last takes all that is left."""
    words = list(re.finditer(r"[^ \t]+", data))
    if len(words) < len(shape):
        raise SyntaxProblem(
            f"{standard} data is {' '.join(f'<{name}>' for name in shape)}; "
            f"the {shape[len(words)]} is missing.",
            standard=standard,
            position=len(data),
        )
    last = words[len(shape) - 1].start()
    found = [
        Field(word=word[0], position=word.start(), standard=standard) for word in words[: len(shape) - 1]
    ]
    return (*found, Field(word=data[last:].rstrip(" \t"), position=last, standard=standard))


def number(field: Field, most: int) -> int:
    """Return an unsigned number of at most that size."""
    if not re.fullmatch(r"[0-9]{1,10}", field.word) or int(field.word) > most:
        raise field.wrong(f'"{field.word}" is not a number from 0 to {most}.')
    return int(field.word)


def host(field: Field) -> str:
    """Return an absolute name without its trailing dot; "." stays as it is."""
    name = field.word.lower()
    if name == ".":
        return name
    if not name.endswith("."):
        raise field.wrong(
            f'"{field.word}" lacks the dot at its end; a zone file would add the zone\'s name to it.',
            "RFC 1035 §5.1",
        )
    name = name[:-1]
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise field.wrong(f'"{field.word}" is not a host name.', "RFC 1123 §2.1")
    return name


def dotted(name: str) -> str:
    """Return the name as a zone file holds it: with the dot that says "nothing follows"."""
    return name if name == "." else f"{name}."
