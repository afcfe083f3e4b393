"""A person's mailbox.  An account is its primary address; its login and its other addresses are something else.

The server (0.11 to 0.15) calls it a principal of type `individual`; the first of its `emails` is
the primary one.  Its other addresses are resources of their own (`alias`), because an alias moves
between accounts in a wave of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared
from reconciler.resource import UNSET, Address, Role, Sealed, Unset, role


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """quota is in bytes, 0 means none.  login is the name that the person types; enabled false still receives mail."""

    KIND: ClassVar[str] = "account"

    address: Address
    name: str | Unset = UNSET
    quota: int | Unset = UNSET
    login: str | Unset = UNSET
    enabled: bool | Unset = UNSET
    admin: bool | Unset = UNSET
    password: Sealed | Unset = role(Role.SECRET, default=UNSET)


def address_of(mail_address: str) -> Address:
    """Return the address of the account whose primary e-mail address this is."""
    return Address(Account.KIND, mail_address)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        for account in domain.accounts.values():
            resource = Account(
                address=address_of(account.address),
                name=account.name,
                quota=0 if account.quota is None else account.quota,
                login=account.login,
                enabled=account.enabled,
                admin=account.admin,
                password=UNSET if account.password is UNSET else Sealed(revision=account.revision),
            )
            renamed_from = address_of(account.renamed_from) if account.renamed_from else None
            yield Declared(resource=resource, at=account.at, renamed_from=renamed_from)
