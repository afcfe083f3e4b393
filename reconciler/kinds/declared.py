"""The two ways of a kind: from the stack to a resource and where it was said, and from a live resource back.

The way back gives the entry that a person would have written for what is there.  What has its
default is left out, for what is left out stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reconciler.config.faults import UnfitError
from reconciler.config.normal import names
from reconciler.config.tree import Path
from reconciler.resource import Address, Resource

T = TypeVar("T")

# What the models of the file refuse in one line of text (config/models/scalars.py).
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A desired resource; at is the path of its YAML node, for messages.

    renamed_from names the address that the same thing had before.
    """

    resource: Resource
    at: Path
    renamed_from: Address | None = None


class Unfit(ValueError):
    """A value that no resource can be made of.  at is the path of its YAML node."""

    def __init__(self, *, at: Path, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.at = at
        self.summary = summary
        self.detail = detail


class Inexpressible(ValueError):
    """A live resource that no entry of a stack can say.  The text is the reason, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """An entry of the stack, and what of the live thing it leaves unsaid, with the reasons."""

    entry: T
    unsaid: tuple[str, ...] = ()


def is_line(text: str) -> bool:
    """Can this text stand in a stack?  Not with control characters, nor with half of a surrogate pair."""
    return _CONTROL.search(text) is None and _is_text(text)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_it_is(made: Callable[..., str], text: str, *arguments: object) -> bool:
    """Would the loader read this text as it is?  made is what brings it into its one form."""
    try:
        return _is_text(text) and made(text, *arguments) == text
    except UnfitError:
        return False


def mail_address(text: str) -> str:
    """Return a whole mail address.  Raises Inexpressible where the loader would not read it as it is."""
    if text.startswith("login:"):
        raise Inexpressible("it has no mail address")
    if not as_it_is(names.address, text, ""):
        raise Inexpressible("its address has a form that a stack does not take")
    return text
