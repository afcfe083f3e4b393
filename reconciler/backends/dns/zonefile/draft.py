"""The edits of one run, laid over the records of the file that they are about."""

from __future__ import annotations

from dataclasses import dataclass, field

from .edits import Add
from .scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Which records go, which TTLs change, and what is added behind which record, in order."""

    scan: Scan
    gone: set[int] = field(default_factory=set)
    ttls: dict[int, int] = field(default_factory=dict)
    added: dict[int, list[Add]] = field(default_factory=dict)
    # The records behind which a name was added that the file does not have.
    places: dict[str, list[int]] = field(default_factory=dict)
    # The TTL in effect on the last line added behind a record.
    added_ttls: dict[int, int | None] = field(default_factory=dict)

    def state_behind(self, index: int) -> tuple[str, int | None]:
        """Return owner and TTL that a line inherits in the new text, behind a record and what is added there."""
        while index >= 0:
            if index in self.added_ttls:
                return self.added[index][-1].owner, self.added_ttls[index]
            if index not in self.gone:
                return self.scan.owners[index], self.ttls.get(index, self.scan.ttls[index])
            index -= 1
        return "", None
