"""Stacks of any size, and what a server holds on which they have been applied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A hash is stored as it is, so that the measurement is not one of argon2.
PASSWORD = "$6$benchmarks$not.a.real.hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a stack is.  Accounts and lists are spread evenly over the domains."""

    accounts: int
    domains: int
    lists: int = 0
    aliases: int = 2
    has_passwords: bool = False

    def domain(self, number: int) -> str:
        return f"d{number:03}.example.net"

    def accounts_of(self, domain: int) -> range:
        return range(domain, self.accounts, self.domains)

    def lists_of(self, domain: int) -> range:
        return range(domain, self.lists, self.domains)


def write(shape: Shape, url: str, folder: Path) -> Path:
    """Write the stack file for the server at url and return its path."""
    path = folder / "mailstack.yaml"
    path.write_text("\n".join(_lines(shape, url)) + "\n", encoding="utf-8")
    return path


def _lines(shape: Shape, url: str) -> Iterator[str]:
    yield from ("version: 1", "stack: bench", f"domain: {shape.domain(0)}", "stalwart:")
    yield from (f"  url: {url}", "  username: admin", "  password: {env: STALWART_PASSWORD}")
    yield "domains:"
    for domain in range(1, shape.domains):
        yield f"  {shape.domain(domain)}:"
        yield from _domain_lines(shape, domain, "    ")
    yield from _domain_lines(shape, 0, "")


def _domain_lines(shape: Shape, domain: int, indent: str) -> Iterator[str]:
    yield f"{indent}accounts:"
    for number in shape.accounts_of(domain):
        yield f"{indent}  user{number}:"
        yield f"{indent}    name: User {number}"
        if shape.has_passwords:
            yield f"{indent}    password: {{env: BENCH_PASSWORD}}"
        if shape.aliases:
            aliases = ", ".join(_aliases(shape, number))
            yield f"{indent}    aliases: [{aliases}]"
        yield f"{indent}    quota: 1GiB"
    if shape.lists_of(domain):
        yield f"{indent}lists:"
    for number in shape.lists_of(domain):
        members = ", ".join(f"user{member}" for member in shape.accounts_of(domain)[:5])
        yield f"{indent}  list{number}: {{members: [{members}]}}"


def _aliases(shape: Shape, number: int) -> list[str]:
    return [f"alias{letter}{number}" for letter in "abcdef"[: shape.aliases]]


def seed(shape: Shape, folder: Path) -> Path:
    """Write the seed of a server that holds all of the stack and return its path."""
    path = folder / "seed.json"
    domains = [shape.domain(number) for number in range(shape.domains)]
    principals = [body for domain in range(shape.domains) for body in _principals(shape, domain)]
    path.write_text(json.dumps({"domains": domains, "principals": principals}), encoding="utf-8")
    return path


def _principals(shape: Shape, domain: int) -> Iterator[dict[str, Any]]:
    at = "@" + shape.domain(domain)
    for number in shape.accounts_of(domain):
        yield {
            "type": "individual",
            "name": f"user{number}{at}",
            "emails": [f"{name}{at}" for name in (f"user{number}", *_aliases(shape, number))],
            "description": f"User {number}",
            "quota": 1024**3,
            "roles": ["user"],
            "secrets": [PASSWORD],
        }
    for number in shape.lists_of(domain):
        yield {
            "type": "list",
            "name": f"list{number}{at}",
            "emails": [f"list{number}{at}"],
            "members": [f"user{member}{at}" for member in shape.accounts_of(domain)[:5]],
        }
