"""A shared mailbox: mail to it is kept in a mailbox that its members see.

A group with an address and no members swallows mail (RCPT 250, DATA 503; run on 0.15.5), so it is
made together with its members and guard.py holds what would empty it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Group as Written
from reconciler.config.stack import Stack
from reconciler.kinds.account import shown
from reconciler.kinds.declared import Declared, Inexpressible, Said, mail_address
from reconciler.resource import UNSET, Address, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """members are the primary addresses of accounts and other groups.  quota is in bytes, 0 means none."""

    KIND: ClassVar[str] = "group"

    address: Address
    name: str | Unset = UNSET
    quota: int | Unset = UNSET
    members: frozenset[str] | Unset = UNSET


def address_of(mail_address: str) -> Address:
    """Return the address of the group whose primary e-mail address this is."""
    return Address(Group.KIND, mail_address)


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        for group in domain.groups.values():
            resource = Group(
                address=address_of(group.address),
                name=group.name,
                quota=0 if group.quota is None else group.quota,
                members=frozenset(group.members),
            )
            yield Declared(resource=resource, at=group.at)


def entry(group: Group) -> Said[Written]:
    """Return the entry that declares a live group.  Raises Inexpressible."""
    address = mail_address(group.address.name)
    name, quota, unsaid = shown(group.name, group.quota)
    written = Written(address=address, name=name, quota=quota, members=said_members(group.members))
    return Said(written, unsaid)


def said_members(members: frozenset[str] | Unset) -> tuple[str, ...]:
    """Return the members of a live group or list, in order.  Raises Inexpressible where one cannot be said."""
    if not isinstance(members, frozenset) or not members:
        raise Inexpressible("it has no members: mail to it is accepted and lost")
    for member in sorted(members):
        try:
            mail_address(member)
        except Inexpressible:
            raise Inexpressible(f"a stack cannot name its member {member}") from None
    return tuple(sorted(members))
