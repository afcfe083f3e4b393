"""An address or network that the server never bans and does not slow down.

It does not override a ban that is already there: the server asks the block list first and never
looks at the allowed one (Stalwart 0.11 to 0.15, `is_ip_blocked` in listener/blocked.rs).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.normal.network import network as canonical
from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, Inexpressible, as_it_is
from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedIp:
    KIND: ClassVar[str] = "allowed_ip"

    address: Address


def address_of(network: str) -> Address:
    """Return the address of an allowed IP or network, written in its canonical form."""
    return Address(AllowedIp.KIND, network)


def declared(stack: Stack) -> Iterator[Declared]:
    for index, network in enumerate(stack.allowed_ips):
        yield Declared(resource=AllowedIp(address=address_of(network)), at=("allowed_ips", index))


def entry(found: AllowedIp) -> str:
    """Return what `allowed_ips:` says for a live one.  Raises Inexpressible."""
    if not as_it_is(canonical, found.address.name):
        raise Inexpressible("no visitor ever has this address")
    return found.address.name
