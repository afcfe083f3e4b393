"""Targets -> the bodies of requests.  Pure, and the one place that knows the server's field names.

Never `set` on memberOf, lists or roles: each of them replaces all three, which takes a person's
role and with it all mail (0.11 to 0.15).  addItem and removeItem may be repeated without harm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.backends.stalwart.passwords import is_password
from reconciler.backends.stalwart.rest.mailboxes import Target
from reconciler.backends.stalwart.versions import Traits
from reconciler.diff import FieldChange
from reconciler.kinds.account import Account
from reconciler.kinds.domain import Domain
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import UNSET

Operation = dict[str, Any]

NamesOf = Callable[[str], str | None]
"""Returns the name of the local principal with this primary address, None for an address elsewhere."""


def name_of(target: Target) -> str:
    """Return the name that the target's principal has after its step."""
    if isinstance(target.create, Account) and target.create.login is not UNSET:
        return target.create.login
    if target.principal is None:
        return target.address.name
    fields = target.update.fields if target.update is not None else ()
    return next((str(f.after) for f in fields if f.path == "login"), target.principal.name)


def creation(target: Target, names: NamesOf, password: str | None) -> dict[str, Any]:
    """Return the body of the POST that makes the target with everything that belongs to it."""
    resource = target.create
    match resource:
        case Domain():
            return {"type": "domain", "name": resource.address.name}
        case Account():
            return _account(target, resource, password)
        case Group():
            body = _with_members(target, "group", resource.name, resource.members, names)
            # A group's role can be given in the POST only, and without it no mail is delivered to it.
            body["roles"] = ["user"]
            if resource.quota is not UNSET and resource.quota:
                body["quota"] = resource.quota
            return body
        case MailingList():
            return _with_members(target, "list", resource.name, resource.members, names)
        case _:
            raise AssertionError(f"{target.address} is not a principal")


def _account(target: Target, resource: Account, password: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "individual",
        "name": name_of(target),
        "emails": target.emails(),
        # Without the role the account could neither log in nor receive mail.
        "roles": ["user", "admin"] if resource.admin is True else ["user"],
    }
    if resource.name is not UNSET and resource.name:
        body["description"] = resource.name
    if resource.quota is not UNSET and resource.quota:
        body["quota"] = resource.quota
    if password is not None:
        body["secrets"] = [password]
    if resource.enabled is False:
        body["disabledPermissions"] = ["authenticate"]
    return body


def _with_members(target: Target, kind: str, name: object, members: object, names: NamesOf) -> dict[str, Any]:
    body: dict[str, Any] = {"type": kind, "name": target.address.name, "emails": target.emails()}
    if isinstance(name, str) and name:
        body["description"] = name
    known = sorted(members) if isinstance(members, frozenset) else []
    local = [found for member in known if (found := names(member)) is not None]
    outside = [member for member in known if names(member) is None]
    if local:
        body["members"] = local
    if outside:
        body["externalMembers"] = outside
    return body


def operations(target: Target, names: NamesOf, password: str | None, traits: Traits) -> list[Operation]:
    """Return the operations of the one PATCH that makes a known principal what it shall be."""
    assert target.principal is not None
    found: list[Operation] = []
    if target.claims or any(e in target.held for e in target.releases):
        found.append(_set("emails", target.emails()))
    for field in target.update.fields if target.update is not None else ():
        found += _operations_of(field, target, names, password, traits)
    return found


def release(target: Target) -> list[Operation]:
    """Return the operation that lets go of addresses and leaves everything else as it is."""
    kept = [e for e in target.held if e not in target.releases]
    return [_set("emails", kept)]


def _operations_of(
    field: FieldChange, target: Target, names: NamesOf, password: str | None, traits: Traits
) -> list[Operation]:
    assert target.principal is not None
    match field.path, field.after:
        case "address", _:
            return []  # the new primary address is part of `set emails`
        case "name", text:
            return [_set("description", text)]
        case "quota", size:
            return [_set("quota", size)]
        case "login", name:
            return [_set("name", name)]
        case "enabled", True:
            allow = [_item("removeItem", "disabledPermissions", "authenticate")]
            return allow if target.principal.roles else [*allow, _item("addItem", "roles", "user")]
        case "enabled", _:
            return [_item("addItem", "disabledPermissions", "authenticate")]
        case "admin", True:
            return [_item("addItem", "roles", "admin")]
        case "admin", _:
            return [_item("removeItem", "roles", "admin"), _item("addItem", "roles", "user")]
        case "password", _:
            assert password is not None
            return _new_password(target, password, traits)
        case "members", frozenset() as wanted:
            present = field.before if isinstance(field.before, frozenset) else frozenset()
            return _members(present, wanted, target, names)
        case path, _:
            raise AssertionError(f"{target.address} has no field {path} on the server")


def _new_password(target: Target, password: str, traits: Traits) -> list[Operation]:
    """Ours replaces the old password and only that: app passwords and one-time codes stay.

    From 0.14 a server has one password and addItem replaces it; before, it would keep both.
    """
    assert target.principal is not None
    former = [s for s in target.principal.secrets if is_password(s)] if traits.keeps_passwords else []
    return [
        *(_item("removeItem", "secrets", secret) for secret in former),
        _item("addItem", "secrets", password),
    ]


def _members(
    present: frozenset[str], wanted: frozenset[str], target: Target, names: NamesOf
) -> list[Operation]:
    found = []
    for member in sorted(wanted - present):
        name = names(member)
        field = "members" if name is not None else "externalMembers"
        found.append(_item("addItem", field, name or member))
    assert target.principal is not None
    for member in sorted(present - wanted):
        if member in target.principal.externals:
            found.append(_item("removeItem", "externalMembers", member))
        elif member.startswith("login:"):
            found.append(_item("removeItem", "members", member.removeprefix("login:")))
        elif (name := names(member)) is not None:
            found.append(_item("removeItem", "members", name))
    return found


def _set(field: str, value: object) -> Operation:
    return {"action": "set", "field": field, "value": value}


def _item(action: str, field: str, value: object) -> Operation:
    return {"action": action, "field": field, "value": value}
