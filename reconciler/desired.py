"""Stack -> desired state.  Pure: the same stack gives the same resources in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.config.stack import Stack
from reconciler.config.tree import Path
from reconciler.errors import InputError, Problem, Where, collected
from reconciler.kinds import DECLARED
from reconciler.kinds.declared import Unfit
from reconciler.resource import Address, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What should be true.

    renamed maps the new address of a thing to the one that it had before.  removed, forgotten and
    released are what the stack lists; own_addresses are the IP addresses of the hostname;
    lists_aliases are the accounts that have an `aliases:` of their own; zones are
    those of the domains whose records are declared, ttls what their new records get; where finds
    the place of any address in the file.
    """

    stack: str
    file: str
    domains: tuple[str, ...]
    resources: Mapping[Address, Resource]
    renamed: Mapping[Address, Address]
    removed: tuple[Address, ...]
    forgotten: frozenset[Address]
    released: frozenset[Address]
    own_addresses: frozenset[str]
    lists_aliases: frozenset[str]
    zones: Mapping[str, str]
    ttls: Mapping[str, int]
    where: Callable[[Address], Where | None]


def desire(
    stack: Stack, find: Callable[[Path], Where], *, released: frozenset[Address] = frozenset()
) -> Desired:
    """Return the desired state of a stack.  find turns the path of a YAML node into its place.

    released are the addresses that the command line releases, beside those in the file.  An empty
    stack is an InputError: nothing desired never means "delete everything" (law 8).
    """
    resources: dict[Address, Resource] = {}
    renamed: dict[Address, Address] = {}
    paths: dict[Address, Path] = {}
    faults: list[Problem] = []
    for kind in DECLARED:
        try:
            for declared in kind(stack):
                address = declared.resource.address
                resources[address] = declared.resource
                paths[address] = declared.at
                if declared.renamed_from is not None:
                    renamed[address] = declared.renamed_from
        except Unfit as error:
            faults.append(
                Problem(where=find(error.at), summary=error.summary, detail=error.detail, rule="unfit")
            )
    if faults:
        raise InputError(*collected(faults))
    if not resources:
        raise InputError(
            Problem(
                where=Where(file=stack.file),
                summary="the stack declares nothing",
                detail="An empty stack never means that everything should go. Declare at least a domain.",
                rule="empty-stack",
            )
        )
    for key in ("removed", "forget", "release"):
        for index, address in enumerate(getattr(stack, key)):
            paths.setdefault(address, (key, index))

    def where(address: Address) -> Where | None:
        path = paths.get(address)
        return None if path is None else find(path)

    return Desired(
        stack=stack.name,
        file=stack.file,
        domains=tuple(stack.domains),
        resources=resources,
        renamed=renamed,
        removed=stack.removed,
        forgotten=frozenset(stack.forget),
        released=released | set(stack.release),
        own_addresses=frozenset(text for domain in stack.domains.values() for text in domain.dns.addresses),
        lists_aliases=frozenset(
            account.address
            for domain in stack.domains.values()
            for account in domain.accounts.values()
            if account.aliases_declared
        ),
        zones={d.name: d.dns.zone for d in stack.domains.values() if d.dns.declared},
        ttls={d.name: d.dns.ttl for d in stack.domains.values() if d.dns.ttl is not None},
        where=where,
    )
