"""Who has an address: an account, an alias, a list or a group, and only one of them.

The server keeps one table of addresses for all of them, compared without case, and would
refuse the second in the middle of an apply.
"""

from __future__ import annotations

from reconciler.config.faults import Faults
from reconciler.config.tree import Path


class Claims:
    """The addresses so far, each with its kind, the account behind an alias, and its place."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._taken: dict[str, tuple[str, str | None, Path]] = {}

    def claim(self, address: str, kind: str, at: Path, of: str | None = None) -> bool:
        """Return whether the address was free; otherwise both places are noted."""
        known = self._taken.setdefault(address, (kind, of, at))
        if known[2] is at:
            return True
        kind_before, of_before, at_before = known
        holder = f"an alias of {of_before}" if kind_before == "alias" and of_before else _article(kind_before)
        wanted = f"an alias of {of}" if kind == "alias" and of else _article(kind)
        detail = (
            f"{address} is {holder} at {self._faults.place(at_before)} and {wanted} here.  "
            "One address has one holder; upper and lower case are the same.  Delete one of the two."
        )
        self._faults.add(at, ("an address that is claimed twice", detail, "claimed-twice"), key=True)
        return False


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "a" else f"a {kind}"
