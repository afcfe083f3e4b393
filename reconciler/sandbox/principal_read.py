"""GET /api/principal: one principal, or a list of them, in the words of each version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from reconciler.sandbox.directory import Directory
from reconciler.sandbox.principal import Principal, fields
from reconciler.sandbox.request import number

# In 0.11.8 these are a string when they hold one element.
_COLLAPSED = ("secrets", "emails", "urls", "externalMembers")


def shown(directory: Directory, principal: Principal, wanted: Collection[str] = ()) -> dict[str, object]:
    """Return the JSON object of a principal; without `wanted`, all its fields.  Empty ones are left out."""
    always = ("secrets", "emails", *principal.items) if directory.version.shows_empty_lists else ()
    result: dict[str, object] = {"id": principal.id, "type": principal.type}
    for name, value in _fields(directory, principal).items():
        if (wanted and name not in wanted) or (value in ([], None) and name not in always):
            continue
        if directory.version.writes_one_as_text and name in _COLLAPSED:
            value = value[0] if isinstance(value, list) and len(value) == 1 else value
        result[name] = value
    return result


def _fields(directory: Directory, principal: Principal) -> dict[str, object]:
    relations: dict[str, list[str]] = {"memberOf": [], "lists": [], "roles": []}
    for container in directory.containers(principal.id):
        kind = {"list": "lists", "role": "roles"}.get(directory.type_of(container), "memberOf")
        relations[kind].append(directory.name_of(container))
    return {
        "name": principal.name,
        **principal.texts,
        "secrets": principal.secrets,
        "emails": principal.emails,
        "quota": principal.quota,
        **relations,
        "members": _members(directory, principal),
        **principal.items,
        "enabledPermissions": [name for name, granted in principal.permissions.items() if granted],
        "disabledPermissions": [name for name, granted in principal.permissions.items() if not granted],
    }


def _members(directory: Directory, principal: Principal) -> list[str] | int | None:
    match principal.type:
        case "group" | "list" | "role":
            return [directory.name_of(member) for member in directory.members(principal.id)]
        case "domain":
            # Not members at all: the number of addresses in the domain.
            return directory.addresses_in(principal.name)
        case _:
            return None


def listed(directory: Directory, parameters: dict[str, str], types: Collection[str]) -> dict[str, object]:
    """Return a page of the principals of these types (all, when empty), sorted by name."""
    found = [directory.by_id[directory.by_name[name]] for name in sorted(directory.by_name)]
    found = [principal for principal in found if not types or principal.type in types]
    words = parameters.get("filter", "").strip().lower()
    if words:
        matching = _with_words if directory.version.searches_words else _with_part
        found = list(matching(found, words))
    limit = number(parameters.get("limit"))
    start = max(number(parameters.get("page")) - 1, 0) * limit
    page = found[start : start + limit] if limit else found
    if "count" in parameters:
        page = []
    # Names that do not exist are ignored, so a typo alone gives every field.
    known = fields(has_locale=directory.version.has_locale)
    wanted = known.intersection(parameters.get("fields", "").split(","))
    return {"items": [shown(directory, principal, wanted) for principal in page], "total": len(found)}


def _texts(principal: Principal) -> list[str]:
    return [principal.name, *principal.texts.values(), *principal.emails]


def _with_part(principals: Iterable[Principal], part: str) -> Iterable[Principal]:
    return (p for p in principals if any(part in text.lower() for text in _texts(p) + p.secrets))


def _with_words(principals: Collection[Principal], words: str) -> Iterable[Principal]:
    """Return those that hold all words, except that a first word without a hit is forgotten.

    The server takes "nothing found yet" for "not filtered yet" (manage.rs:2103, v0.15.5).
    """
    chosen: set[int] = set()
    for word in re.findall(r"\w+", words):
        hits = {
            principal.id
            for principal in principals
            if any(word in re.findall(r"\w+", text.lower()) for text in _texts(principal))
        }
        chosen = chosen & hits if chosen else hits
    return (principal for principal in principals if principal.id in chosen)
