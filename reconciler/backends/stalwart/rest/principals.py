"""The server's principals as we know them, and the resources that they are.

One principal gives several resources: an account and each of its further addresses.  Answers
differ between versions (a list of one is a string in 0.11, empty lists come and go); here they are
evened out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.kinds import alias, catch_all, domain
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.domain import Domain
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET, Address, Resource, Sealed, Unset

MAILBOX_TYPES = ("individual", "group", "list")
_KIND_OF_TYPE = {
    "domain": Domain.KIND,
    "individual": Account.KIND,
    "group": Group.KIND,
    "list": MailingList.KIND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One principal.  emails keeps the server's order, the first is the primary one; members are names."""

    type: str
    name: str
    description: str = ""
    emails: tuple[str, ...] = ()
    quota: int = 0
    secrets: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    externals: frozenset[str] = frozenset()
    enabled_permissions: frozenset[str] = frozenset()
    disabled_permissions: frozenset[str] = frozenset()

    @property
    def primary(self) -> str:
        """The address by which it is known; a catch-all is nobody's name."""
        for email in self.emails:
            if not email.startswith("@"):
                return email
        return f"login:{self.name}"

    @property
    def may_act(self) -> bool:
        """May it log in?  Without a role or a permission of its own it may do nothing at all."""
        return "authenticate" not in self.disabled_permissions and bool(
            self.roles or self.enabled_permissions
        )


def principal_of(item: Mapping[str, Any]) -> Principal:
    """Return a principal from one item of the server's answer."""
    quota = item.get("quota", 0)
    return Principal(
        type=item["type"],
        name=item["name"],
        description=item.get("description") or "",
        emails=_texts(item.get("emails")),
        quota=quota if isinstance(quota, int) else 0,
        secrets=_texts(item.get("secrets")),
        roles=frozenset(_texts(item.get("roles"))),
        members=frozenset(_texts(item.get("members"))) if item["type"] in ("group", "list") else frozenset(),
        externals=frozenset(_texts(item.get("externalMembers"))),
        enabled_permissions=frozenset(_texts(item.get("enabledPermissions"))),
        disabled_permissions=frozenset(_texts(item.get("disabledPermissions"))),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All principals, by name and by every address."""

    by_name: Mapping[str, Principal]
    by_address: Mapping[str, Principal]

    def named(self, name: str) -> str:
        """Return the address by which the principal with this name is known."""
        principal = self.by_name.get(name)
        return principal.primary if principal is not None else f"login:{name}"

    def of(self, address: str) -> Principal | None:
        """Return the principal whose primary address this is (or `login:NAME`)."""
        if address.startswith("login:"):
            return self.by_name.get(address.removeprefix("login:"))
        principal = self.by_address.get(address)
        return principal if principal is not None and principal.primary == address else None


def index_of(principals: Iterable[Principal]) -> Index:
    by_name: dict[str, Principal] = {}
    by_address: dict[str, Principal] = {}
    for principal in principals:
        by_name[principal.name] = principal
        for email in principal.emails:
            by_address.setdefault(email, principal)
    return Index(by_name=by_name, by_address=by_address)


def resources_of(index: Index) -> Iterator[Resource]:
    """Yield every resource that the principals are."""
    for principal in index.by_name.values():
        if principal.type == "domain":
            yield Domain(address=domain.address_of(principal.name))
        elif principal.type in MAILBOX_TYPES:
            yield _mailbox(principal, index)
            yield from _further_addresses(principal)


def address_of(principal: Principal) -> Address:
    """Return the resource address of a principal."""
    name = principal.name if principal.type == "domain" else principal.primary
    return Address(_KIND_OF_TYPE[principal.type], name)


def _mailbox(principal: Principal, index: Index) -> Resource:
    if principal.type == "individual":
        return account_of(principal)
    address = address_of(principal)
    members = frozenset(index.named(name) for name in principal.members)
    if principal.type == "group":
        return Group(address=address, name=principal.description, quota=principal.quota, members=members)
    return MailingList(address=address, name=principal.description, members=members | principal.externals)


def account_of(principal: Principal, password: Sealed | Unset = UNSET) -> Account:
    """Return the account that an individual is.  password is known from our mark, not from the server's secret."""
    return Account(
        address=address_of(principal),
        name=principal.description,
        quota=principal.quota,
        login=principal.name,
        enabled=principal.may_act,
        admin="admin" in principal.roles,
        password=password,
    )


def _further_addresses(principal: Principal) -> Iterator[Resource]:
    primary = principal.primary
    for email in principal.emails:
        if email.startswith("@"):
            yield CatchAll(address=catch_all.address_of(email[1:]), holder=primary)
        elif email != primary:
            yield Alias(address=alias.address_of(email), holder=primary)
