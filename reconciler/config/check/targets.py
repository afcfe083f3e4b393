"""Whether every address that something points at is there, and is what it must be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reconciler.config.check.holders import Holders
from reconciler.config.faults import Faults
from reconciler.config.tree import Path

_RULE = "unknown-account"


class Reference(NamedTuple):
    """A place of the file that names an account or a group."""

    at: Path
    address: str
    by: str  # alias, catch_all, list or group
    holder: str = ""  # the list or the group


_CALLED = {"alias": "An alias", "catch_all": "A catch-all"}


def targets(references: Iterable[Reference], known: Holders, faults: Faults) -> None:
    """Aliases and catch-alls lead to one account: the server stores them as its addresses."""
    for reference in references:
        if reference.by in _CALLED and reference.address not in known.accounts:
            faults.add(reference.at, _no_account(reference.address, _CALLED[reference.by], known, faults))


def _no_account(target: str, what: str, known: Holders, faults: Faults) -> tuple[str, str, str]:
    if target in known.aliases:
        detail = f"{target} is an alias itself, of {known.aliases[target].target}.  Write the account."
        return ("an alias of an alias", detail, _RULE)
    for kind, addresses in (("list", known.lists), ("group", known.groups)):
        if target in addresses:
            detail = f"{target} is a {kind}.  {what} leads to one account, so name an account."
            return (f"a {kind} where an account must be", detail, _RULE)
    guess = faults.did_you_mean(target, known.accounts)
    detail = (
        f"{guess}{target} is no account of this stack.  {what} leads to one account that is declared here."
    )
    return ("an account that is not declared", detail, _RULE)


def members(references: Iterable[Reference], known: Holders, faults: Faults) -> None:
    """Members are accounts and groups of this stack; only a list has members elsewhere."""
    for reference in references:
        address = reference.address
        if reference.by in _CALLED or address in known.accounts or address in known.groups:
            continue
        if address.rpartition("@")[2] in known.domains:
            faults.add(reference.at, _no_member(reference, known, faults))
        elif reference.by == "group":
            detail = (
                f"{address} is in a domain that this stack does not declare, and a group is a mailbox on "
                "this server: only its own accounts can read it.  A list may have members elsewhere."
            )
            faults.add(reference.at, ("a member elsewhere", detail, "group-member"))


def _no_member(reference: Reference, known: Holders, faults: Faults) -> tuple[str, str, str]:
    address = reference.address
    if address in known.aliases:
        target = known.aliases[address].target
        return ("an alias as a member", f"{address} is an alias of {target}.  Write {target}.", _RULE)
    if address in known.lists:
        own = "itself" if address == reference.holder else f"the list {address}"
        detail = (
            f"{reference.holder} has {own} as a member, and the server knows no lists in lists.  "
            "Name the members of that list, or make it a group."
        )
        return ("a list as a member", detail, "list-in-list")
    guess = faults.did_you_mean(address, known.accounts.keys() | known.groups.keys())
    detail = f"{guess}{address} is no account and no group of this stack, but its domain is declared here."
    return ("a member that is not declared", detail, _RULE)
