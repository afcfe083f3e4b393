"""Accounts, lists, groups, further aliases and the catch-all of a domain, as lines of YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.config.stack import Account, Domain, Group, MailList, Stack
from reconciler.config.units import size_text
from reconciler.resource import UNSET
from reconciler.takeover.scalars import flow, scalar

_WIDTH = 100


def short(address: str, home: str) -> str:
    """Return an address as an entry of the domain `home` names it: bare where it is in that domain."""
    local, _, domain = address.rpartition("@")
    return local if domain == home else address


def body_lines(domain: Domain, own: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield the sections of a domain that hold people, each as its lines; own are the aliases of each account."""
    if domain.accounts:
        yield [
            "# Mailboxes.  Their passwords are not declared, so they stay as they are.",
            "accounts:",
            *_indented(
                line
                for one in domain.accounts.values()
                for line in account_lines(one, own.get(one.address, ()))
            ),
        ]
    if domain.lists:
        yield [
            "# Addresses that pass mail on, also to people elsewhere.",
            "lists:",
            *_indented(line for one in domain.lists.values() for line in list_lines(one)),
        ]
    if domain.groups:
        yield [
            "# Mailboxes that several people share.",
            "groups:",
            *_indented(line for one in domain.groups.values() for line in group_lines(one)),
        ]
    if isinstance(domain.catch_all, str):
        yield [
            f"catch_all: {catch_all_text(domain.catch_all, domain.name)}  # gets the mail for addresses that do not exist"
        ]


def catch_all_text(holder: str, home: str) -> str:
    """Return the account of a catch-all; `none` alone would mean that there is none."""
    bare = short(holder, home)
    return scalar(holder if bare == "none" else bare)


def account_lines(one: Account, aliases: Iterable[str]) -> Iterator[str]:
    """Yield the entry of an account, not indented."""
    home = one.address.rpartition("@")[2]
    said = []
    if one.name is not UNSET:
        said.append(f"name: {scalar(str(one.name))}")
    if one.login is not UNSET:
        said.append(f"login: {scalar(str(one.login))}")
    said += _listed("aliases", [scalar(short(alias, home)) for alias in sorted(aliases)])
    if isinstance(one.quota, int):
        said.append(f"quota: {size_text(one.quota)}")
    if one.admin is True:
        said.append("admin: true")
    if one.enabled is False:
        said.append("enabled: false")
    yield from _entry(short(one.address, home), said)


def list_lines(one: MailList) -> Iterator[str]:
    """Yield the entry of a list, not indented."""
    home = one.address.rpartition("@")[2]
    said = [] if one.name is UNSET else [f"name: {scalar(str(one.name))}"]
    said += _listed("members", [scalar(short(m, home)) for m in (*one.members, *one.externals)])
    yield from _entry(short(one.address, home), said)


def group_lines(one: Group) -> Iterator[str]:
    """Yield the entry of a group, not indented."""
    home = one.address.rpartition("@")[2]
    said = [] if one.name is UNSET else [f"name: {scalar(str(one.name))}"]
    said += _listed("members", [scalar(short(m, home)) for m in one.members])
    if isinstance(one.quota, int):
        said.append(f"quota: {size_text(one.quota)}")
    yield from _entry(short(one.address, home), said)


def aliases_of(stack: Stack) -> dict[str, list[str]]:
    """Return the aliases of each account, those in other domains as well."""
    found: dict[str, list[str]] = {}
    for domain in stack.domains.values():
        for alias in domain.aliases.values():
            found.setdefault(alias.target, []).append(alias.address)
    return found


def _entry(key: str, said: list[str]) -> Iterator[str]:
    if not said:
        yield f"{scalar(key)}: {{}}"
        return
    yield f"{scalar(key)}:"
    yield from _indented(said)


def _listed(key: str, items: list[str]) -> list[str]:
    """Return a list on one line where it fits, else one item a line."""
    if not items:
        return []
    line = f"{key}: {flow(items)}"
    return [line] if len(line) <= _WIDTH - 4 else [f"{key}:", *(f"  - {item}" for item in items)]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
