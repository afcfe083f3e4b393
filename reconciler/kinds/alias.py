"""A further address of one account.  The alias knows its holder; so moving it from one to another is one change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Alias as Written
from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, mail_address
from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """holder is the primary address of who gets the mail: of an account where we declare it, of anything on the live side."""

    KIND: ClassVar[str] = "alias"

    address: Address
    holder: str


def address_of(mail_address: str) -> Address:
    """Return the address of the alias with this e-mail address."""
    return Address(Alias.KIND, mail_address)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        for alias in domain.aliases.values():
            yield Declared(
                resource=Alias(address=address_of(alias.address), holder=alias.target), at=alias.at
            )


def entry(alias: Alias) -> Written:
    """Return the entry that declares a live alias.  Raises Inexpressible."""
    return Written(address=mail_address(alias.address.name), target=mail_address(alias.holder))
