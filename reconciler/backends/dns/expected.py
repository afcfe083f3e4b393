"""What a name server must answer once changes are served.  Pure; knows nothing of asking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be served, or no longer.  Names and values are in their one form.

    ttl is None where it does not matter, or where the set has several.
    """

    owner: str
    rrtype: str
    value: str
    ttl: int | None = None
    is_there: bool = True

    def __str__(self) -> str:
        ttl = "" if self.ttl is None else f"{self.ttl} "
        return f"{self.owner} {ttl}{self.rrtype} {self.value}"
