"""Mail that would stop without the file saying so."""

from __future__ import annotations

from reconciler.diff import Change, Verb
from reconciler.guard.context import Context, Held, goes, held, some, wants
from reconciler.kinds import LISTED_TO_REMOVE
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET, Address


def domain_not_empty(change: Change, context: Context) -> Held | None:
    """A domain with something in it: the server would delete it and leave the rest without mail."""
    if change.address.kind != "domain" or change.verb is not Verb.DELETE:
        return None
    left = [a for a in context.inhabitants.get(change.address.name, ()) if not goes(a, context)]
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
    return wants(
        change,
        "domain-not-empty",
        f"{len(left)} thing{'s' if len(left) > 1 else ''} in this domain would stop getting mail: "
        + some(left)
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
    return wants(
        change,
        "aliases-go-too",
        f"With it {some(left)} would stop. List them too, or declare another holder for them.",
        left,
    )


def list_without_members(change: Change, context: Context) -> Held | None:
    """A list or group with an address and no members takes mail (RCPT 250) and loses it."""
    after = change.after
    if isinstance(after, (Group, MailingList)) and change.verb in (Verb.ADD, Verb.CHANGE):
        if (
            after.members is not UNSET
            and not after.members
            and any(f.path == "members" for f in change.fields)
        ):
            return held(
                change,
                "no-members",
                "Without members it accepts mail and loses it: the server answers 250 and delivers nothing.",
            )
        return None
    if change.verb is not Verb.DELETE or change.address.kind not in ("account", "group"):
        return None
    for address in context.lists_of.get(change.address.name, ()):
        if goes(address, context) or address in context.changes:
            continue
        resource = context.live.resources[address]
        assert isinstance(resource, Group | MailingList) and resource.members is not UNSET
        stay = [
            m for m in resource.members if not any(goes(Address(k, m), context) for k in ("account", "group"))
        ]
        if not stay:
            return wants(
                change,
                "no-members",
                f"{address} would have no members left: it would accept mail and lose it. "
                "List it too, or give it another member.",
                [address],
            )
    return None


def renamed_too_early(change: Change, context: Context) -> Held | None:
    """A rename to an address that something else has still: what goes and what comes must be told apart."""
    if change.renamed_from is None:
        return None
    for kind in ("group", "list"):
        present = Address(kind, change.address.name)
        if present in context.live.resources:
            return held(
                change,
                "address-in-use",
                f"{present} has this address until it is gone.",
                release="apply, and plan again: the next run renames",
            )
    return None


def member_of_another_kind(change: Change, context: Context) -> Held | None:
    """What goes and comes back as another kind, on a list that shall keep it: the server takes it off the list."""
    name = change.address.name
    if change.verb is not Verb.DELETE or change.address.kind not in ("account", "group"):
        return None
    for address in context.lists_of.get(name, ()):
        wanted = context.desired.resources.get(address)
        if (
            not isinstance(wanted, Group | MailingList)
            or wanted.members is UNSET
            or name not in wanted.members
        ):
            continue
        return held(
            change,
            "member-changes-kind",
            f"It leaves {address} as it goes, and what has this address then is not on it.",
            release=f"take {name} off {address} in the stack, apply, and put it back",
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
    if any(goes(Address(kind, before.holder), context) for kind in ("account", "group", "list")):
        return None
    return held(
        change,
        "taken-from-stranger",
        f"{before.holder} has it now, and the stack does not declare {before.holder}: "
        "that person would stop getting this mail.",
    )
