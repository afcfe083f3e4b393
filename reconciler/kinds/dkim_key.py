"""A key with which the server signs the mail of one domain, by one algorithm.

A live key of the algorithm is enough, whatever its selector: people's keys stay.  The private half
never leaves the server's settings; what flows here is the public half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, Inexpressible
from reconciler.resource import UNSET, Address, Role, Unset, role


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """selector counts when the key is made only.  public_key is the base64 of a record's `p=`."""

    KIND: ClassVar[str] = "dkim_key"

    address: Address
    selector: str | Unset = role(Role.FIXED, default=UNSET)
    public_key: str | Unset = role(Role.SERVER_SET, default=UNSET)


def address_of(domain: str, algorithm: str) -> Address:
    """Return the address of a domain's key; algorithm is `rsa` or `ed25519`."""
    return Address(DkimKey.KIND, f"{domain}/{algorithm}")


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        if not domain.dns.declared or domain.parked:
            continue
        for algorithm in domain.dns.mail.dkim or ():
            resource = DkimKey(address=address_of(domain.name, algorithm), selector=f"ms1-{algorithm}")
            yield Declared(resource=resource, at=domain.dns.mail.at)


def entry(key: DkimKey) -> tuple[str, str]:
    """Return domain and algorithm by which `dns.mail.dkim` names a live key.  Raises Inexpressible."""
    domain, _, algorithm = key.address.name.partition("/")
    if "/" in algorithm:
        raise Inexpressible("the domain has another key of this algorithm, which is the one that signs")
    if algorithm not in ("rsa", "ed25519"):
        raise Inexpressible("its algorithm is none that a stack names")
    return domain, algorithm
