"""Rules that hold a change.  Pure; one function a rule, each says the consequence in words.

A held change is not made until somebody releases it by its address, on the command line of plan or
in the file; it holds what depends on it and nothing else.  A rule with `releasable=False` wants the
missing line in the file instead: no flag makes mail stop that the file does not say should stop.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.desired import Desired
from reconciler.diff import Change, Verb
from reconciler.kinds import LISTED_TO_REMOVE
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET, Address
from reconciler.state import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A change that the plan will not make.  release is the line or flag that lets it go, to copy."""

    change: Change
    rule: str
    why: str
    release: str
    releasable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the rules look at.  holdings are the live aliases and catch-alls by their holder."""

    desired: Desired
    live: Live
    changes: Mapping[Address, Change]
    holdings: Mapping[str, tuple[Address, ...]]
    lists_of: Mapping[str, tuple[Address, ...]]
    inhabitants: Mapping[str, tuple[Address, ...]]
    allowed_deletes: int | None = None


def held_changes(
    changes: Sequence[Change], desired: Desired, live: Live, *, allowed_deletes: int | None = None
) -> dict[Address, Held]:
    """Return what is held, by address.  allowed_deletes raises the limit on removals that go at once."""
    context = _context(changes, desired, live, allowed_deletes)
    held: dict[Address, Held] = {}
    for change in changes:
        for rule in RULES:
            found = rule(change, context)
            if found is None or (found.releasable and change.address in desired.released):
                continue
            held[change.address] = found
            break
    for found in _too_many(changes, context):
        if found.change.address not in desired.released:
            held.setdefault(found.change.address, found)
    return held


def _context(changes: Sequence[Change], desired: Desired, live: Live, allowed_deletes: int | None) -> Context:
    holdings: dict[str, list[Address]] = {}
    lists_of: dict[str, list[Address]] = {}
    inhabitants: dict[str, list[Address]] = {}
    for address, resource in live.resources.items():
        if isinstance(resource, Alias | CatchAll):
            holdings.setdefault(resource.holder, []).append(address)
        elif isinstance(resource, Group | MailingList) and resource.members is not UNSET:
            for member in resource.members:
                lists_of.setdefault(member, []).append(address)
        if address.kind != "domain" and address.kind in LISTED_TO_REMOVE:
            name = address.name.partition("/")[0].rpartition("@")[2]
            inhabitants.setdefault(name, []).append(address)
    return Context(
        desired=desired,
        live=live,
        changes={change.address: change for change in changes},
        holdings={k: tuple(v) for k, v in holdings.items()},
        lists_of={k: tuple(v) for k, v in lists_of.items()},
        inhabitants={k: tuple(v) for k, v in inhabitants.items()},
        allowed_deletes=allowed_deletes,
    )


def _held(change: Change, rule: str, why: str) -> Held:
    return Held(change=change, rule=rule, why=why, release=f"--release {change.address}")


def _wants(change: Change, rule: str, why: str, lines: Sequence[Address]) -> Held:
    """Held until the file says more: the lines to add under `removed:`."""
    release = "removed: [" + ", ".join(str(line) for line in lines) + "]"
    return Held(change=change, rule=rule, why=why, release=release, releasable=False)


def _goes(address: Address, context: Context) -> bool:
    change = context.changes.get(address)
    return change is not None and change.verb is Verb.DELETE


def login_changes(change: Change, context: Context) -> Held | None:
    """A login that changes: every device must be told."""
    for field in change.fields:
        if change.verb is Verb.CHANGE and field.path == "login":
            return _held(
                change,
                "login-changes",
                f"The login {field.before} stops at once and becomes {field.after}: "
                "every device of this person must be told.",
            )
    return None


def _loses_admin(change: Change) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, Account) or before.admin is not True:
        return False
    if change.verb is Verb.DELETE:
        return True
    return isinstance(after, Account) and (after.admin is False or after.enabled is False)


def last_admin(change: Change, context: Context) -> Held | None:
    """The last account that may administer the server.  The fallback admin in config.toml is none."""
    if not _loses_admin(change):
        return None
    for address, resource in context.live.resources.items():
        if isinstance(resource, Account) and resource.admin is True and resource.enabled is not False:
            other = context.changes.get(address)
            if other is None or not _loses_admin(other):
                return None
    return _held(change, "last-admin", "No other account could administer the server then.")


def own_login(change: Change, context: Context) -> Held | None:
    """The account that we log in as: the rest of this very run would fail."""
    login = context.live.facts.login
    if login is None or login not in (change.address, change.renamed_from):
        return None
    cuts = change.verb is Verb.DELETE or any(
        field.path in ("login", "enabled", "admin", "password") for field in change.fields
    )
    if change.verb not in (Verb.DELETE, Verb.CHANGE) or not cuts or _harmless(change):
        return None
    return _held(
        change,
        "own-login",
        "mailstack logs in as this account: the rest of this run would be refused. "
        "Use another login, such as the fallback admin of config.toml.",
    )


def _harmless(change: Change) -> bool:
    """Does the change of our own account only switch something on?"""
    return change.verb is Verb.CHANGE and all(
        field.after is True
        for field in change.fields
        if field.path in ("login", "enabled", "admin", "password")
    )


def own_address(change: Change, context: Context) -> Held | None:
    """The allowed IP from which we come: the server may ban us, and then nothing here works."""
    if change.address.kind != "allowed_ip" or change.verb is not Verb.DELETE:
        return None
    try:
        mine = ipaddress.ip_address(context.live.facts.own_address)
        network = ipaddress.ip_network(change.address.name)
    except ValueError:
        return None
    if mine.is_loopback or mine not in network:
        return None
    return _held(
        change,
        "own-address",
        f"mailstack itself comes from {mine}: without this entry the server may ban it.",
    )


def ban_in_network(change: Change, context: Context) -> Held | None:
    """One banned address inside a declared network: who stands behind it is not known."""
    if change.address.kind != "ban" or not change.reason.startswith("inside "):
        return None
    return _held(
        change,
        "ban-in-network",
        f"This address is {change.reason}, but it was banned on its own: "
        "somebody there may be guessing passwords.",
    )


def domain_not_empty(change: Change, context: Context) -> Held | None:
    """A domain with something in it: the server would delete it and leave the rest without mail."""
    if change.address.kind != "domain" or change.verb is not Verb.DELETE:
        return None
    left = [a for a in context.inhabitants.get(change.address.name, ()) if not _goes(a, context)]
    left += [
        a
        for a, c in context.changes.items()
        if c.verb in (Verb.ADD, Verb.CHANGE)
        and a.kind in LISTED_TO_REMOVE
        and a.kind != "domain"
        and a.name.partition("/")[0].rpartition("@")[2] == change.address.name
        and a not in left
    ]
    if not left:
        return None
    return _wants(
        change,
        "domain-not-empty",
        f"{len(left)} thing{'s' if len(left) > 1 else ''} in this domain would stop getting mail: "
        + _some(left)
        + ". A domain goes when everything in it is listed too.",
        left,
    )


def mail_stops_with_account(change: Change, context: Context) -> Held | None:
    """An account that goes takes its aliases with it, and nobody said that they should stop."""
    if change.address.kind not in ("account", "group", "list") or change.verb is not Verb.DELETE:
        return None
    left = [a for a in context.holdings.get(change.address.name, ()) if a not in context.changes]
    if not left:
        return None
    return _wants(
        change,
        "aliases-go-too",
        f"With it {_some(left)} would stop. List them too, or declare another holder for them.",
        left,
    )


def list_without_members(change: Change, context: Context) -> Held | None:
    """A list or group with an address and no members takes mail (RCPT 250) and loses it."""
    after = change.after
    if isinstance(after, Group | MailingList) and change.verb in (Verb.ADD, Verb.CHANGE):
        if (
            after.members is not UNSET
            and not after.members
            and any(f.path == "members" for f in change.fields)
        ):
            return _held(
                change,
                "no-members",
                "Without members it accepts mail and loses it: the server answers 250 and delivers nothing.",
            )
        return None
    if change.verb is not Verb.DELETE or change.address.kind not in ("account", "group"):
        return None
    for address in context.lists_of.get(change.address.name, ()):
        if _goes(address, context) or address in context.changes:
            continue
        resource = context.live.resources[address]
        assert isinstance(resource, Group | MailingList) and resource.members is not UNSET
        stay = [
            m
            for m in resource.members
            if not any(_goes(Address(k, m), context) for k in ("account", "group"))
        ]
        if not stay:
            return _held(
                change,
                "no-members",
                f"{address} would have no members left: it would accept mail and lose it.",
            )
    return None


def taken_from_stranger(change: Change, context: Context) -> Held | None:
    """An alias or catch-all that somebody has whom the stack does not declare."""
    before = change.before
    if change.verb is not Verb.CHANGE or not isinstance(before, Alias | CatchAll):
        return None
    declared = context.desired.resources
    if any(Address(kind, before.holder) in declared for kind in ("account", "group", "list")):
        return None
    if any(former.name == before.holder for former in context.desired.renamed.values()):
        return None
    if any(_goes(Address(kind, before.holder), context) for kind in ("account", "group", "list")):
        return None
    return _held(
        change,
        "taken-from-stranger",
        f"{before.holder} has it now, and the stack does not declare {before.holder}: "
        "that person would stop getting this mail.",
    )


def dangerous_place(change: Change, context: Context) -> Held | None:
    """A write that the backend knows to be dangerous on this version."""
    if change.verb in (Verb.ADOPT, Verb.FORGET, Verb.ACTIVATE):
        return None
    placement = context.live.place(change.resource)
    if placement is None or not placement.danger:
        return None
    return _held(change, "dangerous-write", placement.danger)


def _too_many(changes: Sequence[Change], context: Context) -> Iterator[Held]:
    """More than max(3, 20 %) of what is ours in one kind going at once: a merge gone wrong, a wrong branch."""
    going: dict[str, list[Change]] = {}
    for change in changes:
        if change.verb is Verb.DELETE and change.address in context.live.owned:
            going.setdefault(change.address.kind, []).append(change)
    for kind, removals in going.items():
        owned = sum(1 for address in context.live.owned if address.kind == kind)
        limit = max(3, owned // 5)
        if context.allowed_deletes is not None:
            limit = max(limit, context.allowed_deletes)
        if len(removals) <= limit:
            continue
        for change in removals:
            yield Held(
                change=change,
                rule="too-many-deletes",
                why=f"{len(removals)} of {owned} that are ours would go at once, more than {limit}.",
                release=f"--allow-deletes {len(removals)}",
            )


def _some(addresses: Sequence[Address]) -> str:
    shown = ", ".join(str(a) for a in addresses[:5])
    return shown if len(addresses) <= 5 else f"{shown} and {len(addresses) - 5} more"


RULES: tuple[Callable[[Change, Context], Held | None], ...] = (
    login_changes,
    last_admin,
    own_login,
    own_address,
    ban_in_network,
    domain_not_empty,
    mail_stops_with_account,
    list_without_members,
    taken_from_stranger,
    dangerous_place,
)
