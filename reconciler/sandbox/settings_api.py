"""/api/settings: list, group, keys, and the writes.  The same code in all versions.

Operations of one POST are carried out in order and are not undone when a later one fails
(crates/http/src/management/settings.rs, v0.15.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import Answer, assert_failed, bad_parameters, data, no_such_path
from reconciler.sandbox.request import Request, number, path_element
from reconciler.sandbox.settings import Settings

_T = TypeVar("_T")


def settings_api(settings: Settings, request: Request, caller: Caller) -> Answer:
    """Answer a request below /api/settings."""
    element = request.segments[2] if len(request.segments) > 2 else None
    match request.method, element:
        case "GET", "list":
            caller.need("settings-list")
            return _list(settings, request.parameters())
        case "GET", "group":
            caller.need("settings-list")
            return _group(settings, request.parameters())
        case "GET", "keys":
            caller.need("settings-list")
            return _keys(settings, request.parameters())
        case "DELETE", str(key) if key:
            caller.need("settings-delete")
            settings.clear(path_element(key, as_form=settings.version.decodes_paths_as_forms))
            return data(None)
        case "POST", None:
            caller.need("settings-update")
            for operation in _operations(request.json()):
                operation.apply(settings)
            return data(None)
    raise no_such_path()


def _dotted(prefix: str) -> str:
    return prefix if not prefix or prefix.endswith(".") else f"{prefix}."


def _page(items: list[_T], parameters: Mapping[str, str]) -> list[_T]:
    limit = number(parameters.get("limit"))
    start = max(number(parameters.get("page")) - 1, 0) * limit
    return items[start : start + limit] if limit else items


def _list(settings: Settings, parameters: Mapping[str, str]) -> Answer:
    found = settings.listed(_dotted(parameters.get("prefix", "")), strip=True)
    return data({"total": len(found), "items": dict(_page(list(found.items()), parameters))})


def _keys(settings: Settings, parameters: Mapping[str, str]) -> Answer:
    found = {}
    for key in parameters.get("keys", "").split(","):
        if (value := settings.get(key)) is not None:
            found[key] = value
    if "prefixes" in parameters:
        for prefix in parameters["prefixes"].split(","):
            # An empty element has become "." here, which no key begins with.
            found |= settings.listed(_dotted(prefix) or ".")
    return data(found)


def _group(settings: Settings, parameters: Mapping[str, str]) -> Answer:
    prefix = _dotted(parameters.get("prefix", ""))
    found = settings.listed(prefix, strip=True)
    suffix = parameters.get("suffix", "")
    words = parameters.get("filter", "").lower()
    if suffix and found:
        items = [
            record
            for record in _records(found, suffix if suffix.startswith(".") else f".{suffix}", parameters)
            if any(words in value.lower() for value in record.values())
        ]
    else:
        items = [
            # The prefix is cut off a second time, where what is left begins with it again.
            {"_id": key.removeprefix(prefix), "_value": value}
            for key, value in found.items()
            if words in key.lower() or words in value.lower()
        ]
    return data({"total": len(items), "items": _page(items, parameters)})


def _records(found: Mapping[str, str], suffix: str, parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one record for each key that ends in the suffix.

    An id which is a dotted prefix of another gets the keys of the longer one as well.
    """
    wanted = parameters.get("field")
    records = []
    for key in found:
        name = key.removesuffix(suffix)
        if name in (key, ""):
            continue
        fields = {k[len(name) + 1 :]: v for k, v in found.items() if k.startswith(f"{name}.")}
        records.append({"_id": name} | {k: v for k, v in fields.items() if wanted is None or wanted == k})
    return records


@dataclass(frozen=True, slots=True)
class _Delete:
    keys: list[str]

    def apply(self, settings: Settings) -> None:
        for key in self.keys:
            settings.clear(key)


@dataclass(frozen=True, slots=True)
class _Clear:
    prefix: str
    words: str | None

    def apply(self, settings: Settings) -> None:
        if self.words is None:
            settings.clear_prefix(self.prefix)
            return
        # Key and value are lower-cased, the filter is not: one with capitals finds nothing.
        for key, value in settings.listed(self.prefix).items():
            if self.words in key.lower() or self.words in value.lower():
                settings.clear(key)


@dataclass(frozen=True, slots=True)
class _Insert:
    prefix: str | None
    values: list[list[str]]
    must_be_new: bool

    def apply(self, settings: Settings) -> None:
        if self.must_be_new and self._is_taken(settings):
            raise assert_failed()
        start = "" if self.prefix is None else f"{self.prefix}."
        settings.insert((start + key, value) for key, value in self.values)

    def _is_taken(self, settings: Settings) -> bool:
        if self.prefix is not None:
            return bool(settings.listed(f"{self.prefix}."))
        # Without a prefix only the first key is looked at.
        return bool(self.values) and settings.get(self.values[0][0]) is not None


def _operations(body: object) -> list[_Delete | _Clear | _Insert]:
    """Return what the body asks for.  All of it must be readable before any of it is done."""
    if not isinstance(body, list):
        raise bad_parameters()
    return [_operation(item) for item in body]


def _operation(item: object) -> _Delete | _Clear | _Insert:
    match item:
        case {"type": "delete", "keys": list(keys)} if _are_texts(keys):
            return _Delete(keys)
        case {"type": "clear", "prefix": str(prefix), "filter": str() | None as words}:
            return _Clear(prefix, words)
        case {"type": "clear", "prefix": str(prefix), **rest} if "filter" not in rest:
            return _Clear(prefix, None)
        case {"type": "insert", "values": list(values), "assert_empty": bool(must_be_new), **rest}:
            start = rest.get("prefix")
            pairs = all(isinstance(pair, list) and len(pair) == 2 and _are_texts(pair) for pair in values)
            if pairs and isinstance(start, str | None):
                return _Insert(start, values, must_be_new)
    raise bad_parameters()


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)
