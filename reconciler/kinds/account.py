"""A person's mailbox.  An account is its primary address; its login and its other addresses are something else.

The server (0.11 to 0.15) calls it a principal of type `individual`; the first of its `emails` is
the primary one.  Its other addresses are resources of their own (`alias`), because an alias moves
between accounts in a wave of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Account as Written
from reconciler.config.stack import Stack
from reconciler.config.units import size_text
from reconciler.kinds.declared import Declared, Said, is_line, mail_address
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


def entry(account: Account) -> Said[Written]:
    """Return the entry that declares a live account.  Its password is never said: it stays as it is.

    Raises Inexpressible where it has no address that a stack can name.
    """
    address = mail_address(account.address.name)
    name, quota, unsaid = shown(account.name, account.quota)
    login = account.login
    if login == address:
        login = UNSET  # what a new account gets, too
    elif isinstance(login, str) and (not login or login != login.lower() or not is_line(login)):
        login = UNSET
        unsaid = (*unsaid, "its login has a form that a stack does not take")
    written = Written(
        address=address,
        name=name,
        quota=quota,
        enabled=False if account.enabled is False else UNSET,
        admin=True if account.admin is True else UNSET,
        login=login,
    )
    return Said(written, unsaid)


def shown(name: str | Unset, quota: int | Unset) -> tuple[str | Unset, int | Unset, tuple[str, ...]]:
    """Return what an entry says of a name and a quota, and what it cannot say of them."""
    unsaid = []
    if isinstance(name, str) and not is_line(name):
        name = UNSET
        unsaid.append("its name has characters that cannot stand in one line")
    if isinstance(quota, int) and quota and not size_text(quota):
        quota = UNSET
        unsaid.append("its quota is no number that a stack can say")
    # No name and no quota are what a new account has: a person would not write them.
    return name or UNSET, quota or UNSET, tuple(unsaid)
