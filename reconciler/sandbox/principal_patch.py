"""PATCH /api/principal/{name}: the actions are applied in order to a copy, and written as one.

Any error leaves everything as it was.  Checks look at what is stored, not at the copy: so an
address that one action removes cannot be added again by the next.
"""

from __future__ import annotations

import json
from typing import Final

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import other, quoted
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.patch import Change, Patch
from reconciler.sandbox.patch_fields import (
    add_email,
    add_item,
    add_permission,
    add_secret,
    remove_email,
    remove_item,
    remove_permission,
    remove_secret,
    rename,
    set_emails,
    set_items,
    set_permissions,
    set_quota,
    set_secrets,
    set_text,
)
from reconciler.sandbox.patch_relations import (
    add_container,
    add_member,
    remove_container,
    remove_member,
    set_containers,
    set_members,
)
from reconciler.sandbox.principal import Principal
from reconciler.sandbox.principal_create import check_roles_grantable, check_size
from reconciler.sandbox.values import Value

_WITH_QUOTA: Final = ("individual", "group", "tenant")


def patch_principal(directory: Directory, before: Principal, changes: list[Change], caller: Caller) -> None:
    """Carry out all the changes, or raise RefusedError and change nothing."""
    for change in changes:
        match change:
            case Change("set" | "addItem", "roles", str(role)):
                check_roles_grantable(directory, [role], caller)
            case Change("set" | "addItem", "roles", list(roles)):
                check_roles_grantable(directory, roles, caller)
    patch = Patch(
        directory=directory,
        caller=caller,
        principal=before.copy(),
        containers=directory.containers(before.id),
        members=directory.members(before.id),
        ends_in_emails=not before.has_more_than_emails(),
    )
    for change in changes:
        match change.action:
            case "set":
                _set(patch, change)
            case "addItem":
                _add(patch, change)
            case _:
                _remove(patch, change)
    check_size(patch.principal, directory.version)
    _write(patch)


def _write(patch: Patch) -> None:
    directory, principal = patch.directory, patch.principal
    principal.emails += patch.hidden_emails
    containers, members = set(directory.containers(principal.id)), set(directory.members(principal.id))
    directory.store(principal)
    directory.unrelate((principal.id, number) for number in containers - set(patch.containers))
    directory.relate((principal.id, number) for number in set(patch.containers) - containers)
    directory.unrelate((number, principal.id) for number in members - set(patch.members))
    directory.relate((number, principal.id) for number in set(patch.members) - members)


def _set(patch: Patch, change: Change) -> None:
    match change.field, change.value:
        case "name", str(name):
            rename(patch, name.lower())
        case "description" | "picture" | "locale", str(text):
            set_text(patch, change.field, text)
        case "quota", int(quota) if patch.principal.type in _WITH_QUOTA:
            set_quota(patch, quota)
        case "quota", "" if patch.principal.type in _WITH_QUOTA:
            set_quota(patch, None)
        case "secrets", str(secret):
            set_secrets(patch, [secret])
        case "secrets", list(secrets):
            set_secrets(patch, secrets)
        case "emails", list(emails):
            set_emails(patch, [email.lower() for email in emails])
        case "memberOf" | "lists" | "roles", list(names):
            set_containers(patch, change.field, names)
        case "members", list(names):
            set_members(patch, names)
        case "enabledPermissions" | "disabledPermissions", list(names):
            set_permissions(patch, change.field, names)
        case "urls" | "externalMembers", list(texts):
            set_items(patch, change.field, texts)
        case _:
            raise _invalid(change)


def _add(patch: Patch, change: Change) -> None:
    match change.field, change.value:
        case "secrets", str(secret):
            add_secret(patch, secret)
        case "emails", str(email):
            add_email(patch, email.lower())
        case "memberOf" | "lists" | "roles", str(name):
            add_container(patch, change.field, name)
        case "members", str(name):
            add_member(patch, name)
        case "enabledPermissions" | "disabledPermissions", str(name):
            add_permission(patch, change.field, name)
        case "urls" | "externalMembers", str(text):
            add_item(patch, change.field, text)
        case _:
            raise _invalid(change)


def _remove(patch: Patch, change: Change) -> None:
    match change.field, change.value:
        case "secrets", str(secret):
            remove_secret(patch, secret)
        case "emails", str(email):
            remove_email(patch, email.lower())
        case "memberOf" | "lists" | "roles", str(name):
            remove_container(patch, change.field, name)
        case "members", str(name):
            remove_member(patch, name)
        case "enabledPermissions" | "disabledPermissions", str(name):
            remove_permission(patch, change.field, name)
        case "urls" | "externalMembers", str(text):
            remove_item(patch, change.field, text)
        case _:
            raise _invalid(change)


def _invalid(change: Change) -> Exception:
    return other("Invalid parameter", f"Invalid value {_shown(change.value)} for {change.field}")


def _shown(value: Value) -> str:
    """Return the value as the server's debug output has it."""
    match value:
        case str():
            return f"String({quoted(value)})"
        case int():
            return f"Integer({value})"
        case tuple():
            return f"IntegerList({json.dumps(value)})"
        case _:
            return f"StringList({json.dumps(value, ensure_ascii=False)})"
