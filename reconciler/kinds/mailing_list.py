"""A mailing list: each mail to it goes to all its members, here and elsewhere.

A list with an address and no members swallows mail (RCPT 250, then nothing; run on 0.15.5), so it
is made together with its members and guard.py holds what would empty it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import MailList as Written
from reconciler.config.stack import Stack
from reconciler.kinds.account import shown
from reconciler.kinds.declared import Declared, Said, mail_address
from reconciler.kinds.group import said_members
from reconciler.resource import UNSET, Address, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingList:
    """members are mail addresses: primary ones of accounts and groups here, any address elsewhere."""

    KIND: ClassVar[str] = "list"

    address: Address
    name: str | Unset = UNSET
    members: frozenset[str] | Unset = UNSET


def address_of(mail_address: str) -> Address:
    """Return the address of the list with this e-mail address."""
    return Address(MailingList.KIND, mail_address)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        for entry in domain.lists.values():
            resource = MailingList(
                address=address_of(entry.address),
                name=entry.name,
                members=frozenset((*entry.members, *entry.externals)),
            )
            yield Declared(resource=resource, at=entry.at)


def entry(found: MailingList, domains: Collection[str]) -> Said[Written]:
    """Return the entry that declares a live list in a stack with these domains.  Raises Inexpressible."""
    address = mail_address(found.address.name)
    name, _, unsaid = shown(found.name, UNSET)
    members = said_members(found.members)
    written = Written(
        address=address,
        name=name,
        members=tuple(m for m in members if m.rpartition("@")[2] in domains),
        externals=tuple(m for m in members if m.rpartition("@")[2] not in domains),
    )
    return Said(written, unsaid)
