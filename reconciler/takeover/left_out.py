"""What is live and does not come into the file, with the reason in words: never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LeftOut:
    """address is left out, or a part of it.  why is the end of a sentence that begins with it."""

    address: Address
    why: str


@dataclass(slots=True)
class Notes:
    """Collects what is left out while a draft is made."""

    found: dict[LeftOut, None] = field(default_factory=dict)

    def add(self, address: Address, why: str) -> None:
        self.found[LeftOut(address=address, why=why)] = None

    def __iter__(self) -> Iterator[LeftOut]:
        return iter(self.found)


def foreign(stack: str) -> str:
    """Return the reason for what carries the mark of another stack."""
    return f"it belongs to the stack {stack!r}, whose mark it carries"
