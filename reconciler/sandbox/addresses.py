"""Addresses as the server checks them: e-mail addresses of external members, IPs and networks."""

from __future__ import annotations

import ipaddress
from typing import Final

from reconciler.sandbox.answers import quoted

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The server asks the public suffix list; here, what is reserved for never being one is refused.
_NOT_PUBLIC: Final = frozenset(
    {"test", "example", "invalid", "localhost", "local", "internal", "lan", "home", "corp"}
)
_MIN_PREFIX: Final = 8


def sanitized(text: str) -> str | None:
    """Return the address without blanks and in lower case, or None where PATCH refuses it.

    POST stores whatever it gets (crates/utils/src/lib.rs, v0.15.5).
    """
    address = "".join(text.split()).lower()
    local, at, domain = address.partition("@")
    labels = domain.split(".")
    if not local or not at or "@" in domain or len(labels) < 2 or local.endswith("."):
        return None
    if not all(label and (label[-1].isalnum() or label[-1] in "-_") for label in labels):
        return None
    return None if labels[-1] in _NOT_PUBLIC or labels[-1].isdigit() else address


def ip_fault(text: str) -> str | None:
    """Return what the server says against an allowed or blocked IP, or None when it takes it.

    Networks wider than /8 are refused, also /0 (crates/utils/src/config/ipmask.rs, v0.15.5).
    """
    if "/" not in text:
        return None if _address(text) else f"Invalid IP address value {quoted(text)}."
    address, _, prefix = text.rpartition("/")
    parsed = _address(address.strip())
    if parsed and prefix.strip().isdigit() and _MIN_PREFIX <= int(prefix) <= parsed.max_prefixlen:
        return None
    return f"Invalid IP address {quoted(text)}"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None
