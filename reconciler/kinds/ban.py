"""An address that the server has blocked.  Bans are the server's business: none is ever declared.

One that equals an address which the stack allows is lifted: the server has banned its own front
door.  An allowed address does not override a ban (kinds/allowed_ip.py), so both are needed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from reconciler.kinds import allowed_ip
from reconciler.resource import Address, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    KIND: ClassVar[str] = "ban"

    address: Address


def address_of(network: str) -> Address:
    """Return the address of a ban; network is a canonical IP address or network."""
    return Address(Ban.KIND, network)


def lifted(
    desired: Mapping[Address, Resource], own: Collection[str], live: Mapping[Address, Resource]
) -> Iterator[tuple[Address, str]]:
    """Yield each live ban that stands against an allowed or an own address, with the reason to lift it.

    own are the addresses of the hostname, as the stack gives them.

    A ban inside a declared network is among them: guard.py holds that one, because who stands
    behind a single address of a network is not known.
    """
    allowed = [
        ipaddress.ip_network(address.name) for address in desired if address.kind == allowed_ip.AllowedIp.KIND
    ]
    single = {network for network in allowed if network.num_addresses == 1}
    front = {ipaddress.ip_network(text) for text in own}
    wide = [network for network in allowed if network.num_addresses > 1]
    for address in live:
        if address.kind != Ban.KIND:
            continue
        try:
            banned = ipaddress.ip_network(address.name)
        except ValueError:
            continue  # a malformed key of the server: a finding of the backend's, not a ban
        if banned in single or banned in wide:
            yield address, "the stack allows exactly this address"
            continue
        if banned in front:
            yield address, "the hostname has this address"
            continue
        around = next((n for n in wide if n.version == banned.version and banned.subnet_of(n)), None)  # type: ignore[arg-type]
        if around is not None:
            yield address, f"inside the allowed network {around}"
