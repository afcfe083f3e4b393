"""Who gets the mail for every address of a domain that nobody has.

The server keeps it as the address `@example.org` among the addresses of an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, mail_address
from reconciler.resource import UNSET, Address


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchAll:
    """holder is the primary address of the account that gets the mail."""

    KIND: ClassVar[str] = "catch_all"

    address: Address
    holder: str


def address_of(domain: str) -> Address:
    """Return the address of the catch-all of a domain."""
    return Address(CatchAll.KIND, domain)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        if domain.catch_all is not UNSET and domain.catch_all is not None:
            resource = CatchAll(address=address_of(domain.name), holder=domain.catch_all)
            yield Declared(resource=resource, at=(*domain.at, "catch_all"))


def entry(found: CatchAll) -> str:
    """Return what `catch_all:` of the domain says: the account that gets the mail.  Raises Inexpressible."""
    return mail_address(found.holder)
