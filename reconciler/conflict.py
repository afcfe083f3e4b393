"""What the stack wants and the live state makes impossible: errors of the plan, each with its place.

An account is found on the server by its primary address only.  So an address that somebody else
holds there, or a login that somebody else has, is never silently taken: the error names him.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.desired import Desired
from reconciler.errors import Problem
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias, address_of
from reconciler.resource import UNSET, Address
from reconciler.state import Live

_MAILBOX_KINDS = ("account", "group", "list")


def conflicts(desired: Desired, live: Live) -> tuple[Problem, ...]:
    """Return what stands against the stack on the live side.  None of it can be planned around."""
    return (
        *_unreadable(desired, live),
        *_foreign(desired, live),
        *_held_by_strangers(desired, live),
        *_of_another_kind(desired, live),
        *_taken_names(desired, live),
    )


def _unreadable(desired: Desired, live: Live) -> Iterator[Problem]:
    """A kind that the stack declares and that could not be read: never "nothing is there" (law 8)."""
    wanted = {address.kind for address in (*desired.resources, *desired.removed)}
    for kind, problem in live.unreadable.items():
        if kind in wanted:
            yield problem


def _foreign(desired: Desired, live: Live) -> Iterator[Problem]:
    for address, stack in live.foreign.items():
        if address in desired.resources or address in desired.removed:
            yield Problem(
                where=desired.where(address),
                summary=f"{address} belongs to the stack {stack!r}",
                detail=(
                    f"It carries the mark of the stack {stack!r}, and one object cannot be declared by two stacks.\n"
                    f"Take it out of one of the two; in {stack!r} put it under forget: to hand it over."
                ),
                rule="two-stacks",
            )


def _held_by_strangers(desired: Desired, live: Live) -> Iterator[Problem]:
    for address in desired.resources:
        if address.kind not in _MAILBOX_KINDS or address in live.resources:
            continue
        held = live.resources.get(address_of(address.name))
        if not isinstance(held, Alias) or held.address in desired.removed:
            continue
        if _is_ours(held.holder, desired):
            continue
        yield Problem(
            where=desired.where(address),
            summary=f"{address.name} is an alias of {held.holder} on the server",
            detail=(
                f"The stack does not declare {held.holder}, so its alias is not taken away.\n"
                f"Declare {held.holder} too, or list the alias under removed: to free the address:\n\n"
                f"    removed: [{held.address}]"
            ),
            rule="address-held",
        )


def _is_ours(holder: str, desired: Desired) -> bool:
    return any(Address(kind, holder) in desired.resources for kind in _MAILBOX_KINDS)


def _of_another_kind(desired: Desired, live: Live) -> Iterator[Problem]:
    """An address that is declared as one kind and is, on the server, the primary address of another."""
    going = {former for address, former in desired.renamed.items() if address not in live.resources}
    going.update(desired.removed)
    present: dict[str, list[Address]] = {}
    for address in live.resources:
        if address.kind in _MAILBOX_KINDS and address not in going:
            present.setdefault(address.name, []).append(address)
    for address in desired.resources:
        if address.kind not in (*_MAILBOX_KINDS, Alias.KIND):
            continue
        for other in present.get(address.name, ()):
            if other.kind == address.kind:
                continue
            yield Problem(
                where=desired.where(address),
                summary=f"{address.name} is {_a(other.kind)} on the server, not {_a(address.kind)}",
                detail=(
                    "mailstack does not turn one into the other, because the mail in it would be lost.\n"
                    f"Declare it as {_a(other.kind)}, or, if it may go with all its mail, list it:\n\n"
                    f"    removed: [{other}]"
                ),
                rule="other-kind",
            )


def _taken_names(desired: Desired, live: Live) -> Iterator[Problem]:
    """Names of accounts, groups, lists and domains share one flat space on the server (0.11 to 0.15)."""
    going = set(desired.removed)
    for address, resource in desired.resources.items():
        if address.kind not in _MAILBOX_KINDS:
            continue
        login = resource.login if isinstance(resource, Account) else UNSET
        former = desired.renamed.get(address) if address not in live.resources else None
        is_new = address not in live.resources and former not in live.resources
        name = address.name if login is UNSET and is_new else login
        if name is UNSET:
            continue
        holder = live.names.get(str(name))
        if holder is None or holder in (address, former) or holder in going:
            continue
        yield Problem(
            where=desired.where(address),
            summary=f"the name {name} is taken by {holder}",
            detail=(
                f"On this server {address} would be called {name}, and that is the name of {holder}.\n"
                "Give it another one with login:, or declare what is there under its own address."
            ),
            rule="name-taken",
        )


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ae" else f"a {kind}"
