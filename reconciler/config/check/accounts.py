"""Logins that collide, and renamed accounts whose former address is still there."""

from __future__ import annotations

from reconciler.config.check.holders import Holders
from reconciler.config.faults import Faults
from reconciler.config.stack import Account, Stack
from reconciler.resource import UNSET


def logins(stack: Stack, known: Holders, faults: Faults) -> None:
    """One name logs one account in.

    Up to 0.15 the server has one table of names for accounts, groups, lists and domains, and
    a new principal is named by its address.
    """
    taken: dict[str, Account] = {}
    for account in known.accounts.values():
        if account.login is UNSET or account.login == account.address:
            continue
        at = (*account.at, "login")
        login = account.login
        first = taken.setdefault(login, account)
        if first is not account:
            place = faults.place((*first.at, "login"))
            detail = f"{first.address} has the login {login} at {place}.  One name logs one account in."
            faults.add(at, ("two accounts with one login", detail, "login-twice"))
        kind = known.kind(login)
        if kind == "alias":
            continue
        if kind is not None or login in stack.domains:
            detail = f"The server names the {kind or 'domain'} {login} so, and a name exists once."
            faults.add(at, ("a login that is taken", detail, "login-taken"))


def renames(stack: Stack, known: Holders, faults: Faults) -> None:
    """The former address of an account is nobody's any more, or an alias."""
    removed = {address.name for address in stack.removed if address.kind == "account"}
    taken: dict[str, Account] = {}
    for account in known.accounts.values():
        former = account.renamed_from
        if former is None:
            continue
        at = (*account.at, "renamed_from")
        kind = known.kind(former)
        first = taken.setdefault(former, account)
        if kind not in (None, "alias"):
            place = faults.place(known.place(former))
            same = former == account.address
            why = "That is its address now." if same else f"The {kind} {former} is declared at {place}."
            detail = f"{why}  Write the address that it had before and that no other account has now."
            faults.add(at, ("renamed from something that is there", detail, "renamed-from"))
        elif former in removed:
            detail = (
                f"`removed:` would delete {former} with its mail, and this keeps it.  Keep one of the two."
            )
            faults.add(at, ("renamed and removed", detail, "renamed-from"))
        elif first is not account:
            place = faults.place((*first.at, "renamed_from"))
            detail = f"{first.address} was {former}, too, by {place}.  One account becomes one account."
            faults.add(at, ("two accounts renamed from one", detail, "renamed-from"))
