"""What an interrupted run left stored but not active: a change of its own, "reload Stalwart (left over)"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """how is `reload` or `restart`."""

    KIND: ClassVar[str] = "activation"

    address: Address
    how: str


def address_of(how: str, system: str) -> Address:
    """Return the address of a left-over activation of a live system."""
    return Address(Activation.KIND, f"{how}/{system}")
