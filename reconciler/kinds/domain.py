"""A mail domain that the server accepts mail for.  It holds no fields of its own that the stack names.

Stalwart 0.11 to 0.15 does not look at what is in a domain when it is deleted: accounts and
aliases stay behind and stop getting mail.  So guard.py lets it go only when it is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.normal import names
from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, Inexpressible, as_it_is
from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    KIND: ClassVar[str] = "domain"

    address: Address


def address_of(name: str) -> Address:
    """Return the address of a domain; name is its A-label, lower-case, without a final dot."""
    return Address(Domain.KIND, name)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        if domain.parked:
            continue  # it receives no mail, so the server need not know it
        yield Declared(resource=Domain(address=address_of(domain.name)), at=domain.at)


def entry(found: Domain) -> str:
    """Return the name under which a stack declares a live domain.  Raises Inexpressible."""
    if not is_sayable(found):
        raise Inexpressible("its name has a form that a stack does not take")
    return found.address.name


def is_sayable(found: Domain) -> bool:
    """Can a stack declare this live domain?"""
    return as_it_is(names.domain, found.address.name)
