"""POST /api/principal: the body is read, then checked against the directory in a fixed order.

The order decides which error a client sees first; it is that of
crates/directory/src/backend/internal/manage.rs and core/principal.rs, v0.15.5 and v0.12.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.sandbox.access import Caller, role_permissions
from reconciler.sandbox.answers import (
    already_exists,
    bad_parameters,
    missing_field,
    other,
    quoted,
    unknown_item,
    unsupported,
)
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.permissions import permissions_of
from reconciler.sandbox.principal import LIST_FIELDS, MAX_TEXT, ROLES, TYPES, Principal, fields
from reconciler.sandbox.values import first_number, read_value
from reconciler.sandbox.versions import Version

_MAX_SIZE = 100_000


@dataclass(slots=True)
class NewPrincipal:
    """The body of a POST, typed."""

    type: str = "individual"  # also when the body does not say
    name: str = ""
    quota: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def read_new_principal(body: object, version: Version) -> NewPrincipal:
    """Return what the body says.  Raises RefusedError (400) on unknown fields and wrong types."""
    if not isinstance(body, dict):
        raise bad_parameters()
    new = NewPrincipal()
    for name, value in body.items():
        if name == "id":
            continue
        if name not in fields(has_locale=version.has_locale):
            raise bad_parameters()
        _read_field(new, name, value, version)
    return new


def _read_field(new: NewPrincipal, name: str, value: object, version: Version) -> None:
    match name:
        case "usedQuota":
            return
        case "type":
            if not isinstance(value, str) or value not in TYPES:
                raise bad_parameters()
            new.type = "individual" if value == "superuser" else value
        case "name":
            new.name = _text(value)
        case "quota":
            # 0 is the same as no quota, unlike in a PATCH.
            new.quota = first_number(read_value(value)) or None
        case _ if name in LIST_FIELDS:
            new.lists[name] = _texts(value, version)
        case _ if value is not None:
            new.texts[name] = _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value.encode()) > MAX_TEXT:
        raise bad_parameters()
    return value


def _texts(value: object, version: Version) -> list[str]:
    """Return the strings of a list field; one string stands for a list of one."""
    if isinstance(value, str):
        return [_text(value)]
    if version.drops_bad_items:
        items = value if isinstance(value, list) else []
        return [item for item in items if isinstance(item, str) and len(item.encode()) <= MAX_TEXT]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise bad_parameters()
    return value


def create_principal(directory: Directory, new: NewPrincipal, caller: Caller) -> int:
    """Store the principal and return its id, or raise RefusedError with the first thing that is wrong."""
    if new.type == "tenant" or "tenant" in new.texts:
        raise unsupported("Enterprise feature")
    check_roles_grantable(directory, new.lists.get("roles", []), caller)
    name = new.name.lower()
    if not name:
        raise missing_field("name")
    if name in directory.by_name:
        raise already_exists("name", name)
    members, containers = _relations(directory, new)
    principal = Principal(
        id=0,
        type=new.type,
        name=name,
        texts=new.texts,
        quota=new.quota,
        secrets=new.lists.get("secrets", []),
        # External members are neither checked nor lower-cased here, unlike in a PATCH.
        items={key: items for key in ("urls", "externalMembers") if (items := new.lists.get(key))},
        permissions=_permissions(new, caller, directory.version),
        emails=_checked_emails(directory, new),
    )
    check_size(principal, directory.version)
    principal.id = directory.next_id()
    directory.store(principal)
    directory.relate((principal.id, container) for container in containers)
    directory.relate((member, principal.id) for member in members)
    return principal.id


def check_roles_grantable(directory: Directory, roles: list[str], caller: Caller) -> None:
    """Refuse roles that hold a permission which the caller lacks.  Unknown names are let through."""
    for name in roles:
        principal = directory.get(name)
        if principal and principal.type == "role":
            granted = role_permissions(directory, principal.id)
        elif name in ROLES:
            granted = permissions_of(name, directory.version)
        else:
            continue
        if not granted <= caller.permissions:
            raise other("Invalid role", f"Your account cannot grant the {quoted(name)} role")


def _relations(directory: Directory, new: NewPrincipal) -> tuple[list[int], list[int]]:
    """Return the ids of the members, and of the groups, lists and roles that it is to be in."""
    members: list[int] = []
    containers: list[int] = []
    for key, expected in (("members", None), ("memberOf", "group"), ("lists", "list"), ("roles", "role")):
        for name in new.lists.get(key, []):
            found = directory.get(name)
            if key == "roles" and name in ROLES:
                containers.append(ROLES[name])
            elif found and expected in (None, found.type):
                (members if key == "members" else containers).append(found.id)
            else:
                raise unknown_item(name)
    return members, containers


def _permissions(new: NewPrincipal, caller: Caller, version: Version) -> dict[str, bool]:
    granted: dict[str, bool] = {}
    for key in ("enabledPermissions", "disabledPermissions"):
        for name in new.lists.get(key, []):
            check_permission(name, key, caller, version)
            granted.setdefault(name, key == "enabledPermissions")
    return granted


def check_permission(name: str, key: str, caller: Caller, version: Version) -> None:
    """Refuse a permission that does not exist, or that the caller would grant without having it."""
    check_permission_exists(name, key, version)
    if key == "enabledPermissions" and name not in caller.permissions:
        raise other("Invalid permission", f"Your account cannot grant the {quoted(name)} permission")


def check_permission_exists(name: str, key: str, version: Version) -> None:
    if name not in permissions_of("admin", version):
        raise other(f"Invalid {key} value", f"Permission {quoted(name)} is invalid")


def _checked_emails(directory: Directory, new: NewPrincipal) -> list[str]:
    emails = [email.lower() for email in new.lists.get("emails", [])]
    if new.type == "oauthClient":
        return []
    for email in emails:
        if email in directory.by_email:
            raise already_exists("emails", email)
        domain = domain_of(email, directory.version)
        # An address without "@" passes here; PATCH refuses it.
        if domain is not None:
            check_domain(directory, domain)
    return emails


def domain_of(email: str, version: Version) -> str | None:
    """Return the domain of an address: what follows the last "@", up to 0.12 what follows the first."""
    if "@" not in email:
        return None
    return email.rpartition("@")[2] if version.domain_after_last_at else email.split("@")[1]


def check_domain(directory: Directory, domain: str) -> None:
    found = directory.get(domain)
    if not found or found.type != "domain":
        raise unknown_item(domain)


def check_size(principal: Principal, version: Version) -> None:
    if version.limits_size and principal.size() > _MAX_SIZE:
        raise other("Invalid parameter", "Principal object size exceeds 100kb safety limit.")
