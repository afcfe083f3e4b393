"""The changes of relations: which groups, lists and roles a principal is in, and who is in it.

All the containers of a principal are one relation in the store.  So `set` of memberOf, lists or
roles replaces all three, in every version (manage.rs:1454, v0.15.5).
"""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.answers import other, quoted, unknown_item
from reconciler.sandbox.patch import Patch
from reconciler.sandbox.principal import ROLES

_MEMBER_TYPES: Final = {
    "group": ("individual", "group"),
    "list": ("individual", "group"),
    "resource": ("resource",),
    "location": ("location", "resource", "individual", "group", "other"),
    "role": ("role",),
}
_CONTAINER_TYPES: Final = {
    ("memberOf", "individual"): ("group", "individual"),
    ("memberOf", "group"): ("group",),
    ("lists", "individual"): ("list",),
    ("lists", "group"): ("list",),
    ("roles", "individual"): ("role",),
    ("roles", "role"): ("role",),
}


def set_containers(patch: Patch, key: str, names: list[str]) -> None:
    patch.containers = [_container(patch, key, name) for name in names]


def add_container(patch: Patch, key: str, name: str) -> None:
    # What it is in already is not checked again, under whatever key.
    if _role_or_id(patch, key, name) not in patch.containers:
        patch.containers.append(_container(patch, key, name))


def remove_container(patch: Patch, key: str, name: str) -> None:
    """Take it out; a name that nobody has is no error."""
    number = _role_or_id(patch, key, name)
    patch.containers = [container for container in patch.containers if container != number]


def set_members(patch: Patch, names: list[str]) -> None:
    patch.members = [_member(patch, name) for name in names]


def add_member(patch: Patch, name: str) -> None:
    if patch.directory.by_name.get(name) not in patch.members:
        patch.members.append(_member(patch, name))


def remove_member(patch: Patch, name: str) -> None:
    number = patch.directory.by_name.get(name)
    patch.members = [member for member in patch.members if member != number]


def _role_or_id(patch: Patch, key: str, name: str) -> int | None:
    if key == "roles" and name in ROLES:
        return ROLES[name]
    return patch.directory.by_name.get(name)


def _container(patch: Patch, key: str, name: str) -> int:
    """Return the id of what the principal may be put into, or raise RefusedError."""
    number = _role_or_id(patch, key, name)
    if number is None:
        raise unknown_item(name)
    allowed = _CONTAINER_TYPES.get((key, patch.principal.type), ())
    if patch.directory.type_of(number) in allowed:
        return number
    reason = f"is not a {_titles(allowed)}." if allowed else "cannot be added as a member."
    raise other(f"Invalid {key} value", f"Principal {quoted(name)} {reason}")


def _member(patch: Patch, name: str) -> int:
    """Return the id of what may be put into the principal, or raise RefusedError."""
    found = patch.directory.get(name)
    if not found:
        raise unknown_item(name)
    allowed = _MEMBER_TYPES.get(patch.principal.type, ())
    if found.type in allowed:
        return found.id
    raise other("Invalid members value", f"Principal {quoted(name)} is not one of {_titles(allowed)}.")


def _titles(types: tuple[str, ...]) -> str:
    return ", ".join(kind.capitalize() for kind in types)
