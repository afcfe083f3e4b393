"""What a kind yields from the stack: a resource, and where in the file it was said."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.config.tree import Path
from reconciler.resource import Address, Resource


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
