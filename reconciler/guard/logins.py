"""Who may log in and administer: nobody is locked out by a plan, and least of all the one who runs it."""

from __future__ import annotations

import ipaddress

from reconciler.diff import Change, Verb
from reconciler.guard.context import Context, Held, held
from reconciler.kinds.account import Account


def login_changes(change: Change, context: Context) -> Held | None:
    """A login that changes: every device must be told."""
    for field in change.fields:
        if change.verb is Verb.CHANGE and field.path == "login":
            return held(
                change,
                "login-changes",
                f"The login {field.before} stops at once and becomes {field.after}: "
                "every device of this person must be told.",
            )
    return None


def _loses_admin(change: Change) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, Account) or before.admin is not True or before.enabled is False:
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
    return held(change, "last-admin", "No other account could administer the server then.")


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
    return held(
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
    return held(
        change,
        "own-address",
        f"mailstack itself comes from {mine}: without this entry the server may ban it.",
    )


def ban_in_network(change: Change, context: Context) -> Held | None:
    """One banned address inside a declared network: who stands behind it is not known."""
    if change.address.kind != "ban" or not change.reason.startswith("inside "):
        return None
    return held(
        change,
        "ban-in-network",
        f"This address is {change.reason}, but it was banned on its own: "
        "somebody there may be guessing passwords.",
    )
