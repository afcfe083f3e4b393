"""Which networks are a part of the internet, where everybody is."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# Behind the NAT of an access network, and what mesh tunnels give to their members (RFC 6598).
_SHARED: Final = ipaddress.IPv4Network("100.64.0.0/10")


def is_public(network: Network) -> bool:
    """Say whether strangers are in a network, or would be if it had addresses in use."""
    if isinstance(network, ipaddress.IPv4Network) and network.subnet_of(_SHARED):
        return False
    return not network.is_private
