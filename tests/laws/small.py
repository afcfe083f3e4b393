"""All small stacks and all small servers: three addresses of one domain, each everything that it can be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from mail_server import MailServer, Principal

from reconciler.config.dns import Dns
from reconciler.config.stack import Account, Alias, Domain, Group, MailList, Stack
from reconciler.desired import Desired, desire
from reconciler.errors import Where
from reconciler.resource import UNSET, Address

HOME = "example.org"
ELSEWHERE = "z@example.com"
NAMES = tuple(f"{letter}@{HOME}" for letter in "abc")

Role = tuple[str, ...]
"""What an address is: ("account",), ("alias", HOLDER), ("list", MEMBER, ...), ("renamed", FORMER), ("none",)."""


def stack_of(roles: dict[str, Role], removed: tuple[Address, ...] = (), **keywords: Any) -> Stack:
    """Return the stack that declares these roles of addresses in one domain."""
    catch_all = keywords.pop("catch_all", UNSET)
    people = {n: r for n, r in roles.items() if r[0] in ("account", "renamed")}
    domain = Domain(
        name=HOME,
        dns=Dns(zone=HOME),
        accounts={
            n: Account(address=n, renamed_from=r[1] if r[0] == "renamed" else None) for n, r in people.items()
        },
        aliases={n: Alias(address=n, target=r[1]) for n, r in roles.items() if r[0] == "alias"},
        lists={
            n: MailList(
                address=n,
                members=tuple(m for m in r[1:] if m != ELSEWHERE),
                externals=tuple(m for m in r[1:] if m == ELSEWHERE),
            )
            for n, r in roles.items()
            if r[0] == "list"
        },
        groups={n: Group(address=n, members=r[1:]) for n, r in roles.items() if r[0] == "group"},
        catch_all=catch_all,
    )
    domains = {HOME: domain, **keywords.pop("domains", {})}
    return Stack(
        name="home", file="s.yaml", base="/", version=1, domains=domains, removed=removed, **keywords
    )


def desired_of(stack: Stack, released: frozenset[Address] = frozenset()) -> Desired:
    return desire(stack, lambda path: Where(file="s.yaml", line=1), released=released)


def server_of(roles: dict[str, Role]) -> MailServer:
    """Return a server where these addresses are so and everything counts."""
    server = MailServer()
    server.domains.add(HOME)
    for name, role in roles.items():
        if role[0] == "account":
            aliases = [n for n, r in roles.items() if r == ("alias", name)]
            server.make(Principal(kind="account", login=name, emails=(name, *aliases)))
    for name, role in roles.items():
        if role[0] in ("group", "list"):
            server.make(Principal(kind=role[0], login=name, emails=(name,)))
    for name, role in roles.items():
        if role[0] in ("group", "list") and (pid := server.of(name)):
            server.edit(pid, **server.with_members(pid, frozenset(), frozenset(role[1:])))
    server.count_now()
    return server


def live_roles() -> Iterator[dict[str, Role]]:
    """Yield what three addresses can be on a server."""
    for roles in itertools.product(*(list(_live_options(n)) for n in NAMES)):
        found = dict(zip(NAMES, roles, strict=True))
        if _fits(found):
            yield found


def declared_roles() -> Iterator[tuple[dict[str, Role], tuple[Address, ...]]]:
    """Yield what a stack can say of three addresses, and what it can list under `removed:`."""
    for roles in itertools.product(*(list(_declared_options(n)) for n in NAMES)):
        found = {n: r for n, (r, _) in zip(NAMES, roles, strict=True)}
        if not _fits(found) or not _renames_fit(found, roles):
            continue
        removed = tuple(
            Address(kind, n)
            for n, (role, goes) in zip(NAMES, roles, strict=True)
            if goes
            for kind in ("account", "alias", "group", "list")
            if kind != role[0]
        )
        yield {n: r for n, r in found.items() if r[0] != "none"}, removed


def _others(name: str) -> list[str]:
    return [n for n in NAMES if n != name]


def _live_options(name: str) -> Iterator[Role]:
    yield from (("none",), ("account",), ("list", ELSEWHERE))
    for other in _others(name):
        yield from (("alias", other), ("list", other), ("group", other))
    yield ("list", *_others(name))


def _declared_options(name: str) -> Iterator[tuple[Role, bool]]:
    for role in _live_options(name):
        yield role, False
        if role[0] in ("none", "account", "alias"):
            yield role, True
    for other in _others(name):
        yield ("renamed", other), False


def _fits(roles: dict[str, Role]) -> bool:
    """Do aliases lead to accounts, and are members accounts or groups?  (So `config/check` wants it.)"""
    people = {n for n, r in roles.items() if r[0] in ("account", "renamed")}
    groups = {n for n, r in roles.items() if r[0] == "group"}
    for name, role in roles.items():
        if role[0] == "alias" and role[1] not in people:
            return False
        if role[0] in ("list", "group") and not {*role[1:]} - {ELSEWHERE} <= people | groups:
            return False
        seen = {name}
        while role[0] == "group" and role[1] in groups:
            role = roles[role[1]]
            if role[1] in seen:
                return False
            seen.add(role[1])
    return True


def _renames_fit(roles: dict[str, Role], written: tuple[tuple[Role, bool], ...]) -> bool:
    """The former address is nobody's any more or an alias, is not removed, and nobody else's former one."""
    goes = {n for n, (_, removed) in zip(NAMES, written, strict=True) if removed}
    former = [r[1] for r in roles.values() if r[0] == "renamed"]
    return len(former) == len(set(former)) and all(
        roles[f][0] in ("none", "alias") and f not in goes for f in former
    )
