"""What a PATCH is made of: the actions as read, and the state between two of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import bad_parameters
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.principal import Principal, fields
from reconciler.sandbox.values import Value, read_value
from reconciler.sandbox.versions import Version


@dataclass(frozen=True, slots=True)
class Change:
    """One action of the body."""

    action: str
    field: str
    value: Value


@dataclass(slots=True, kw_only=True)
class Patch:
    """A principal while its actions are applied; nothing is written before all of them went well.

    From 0.14 on a principal is one list of items, and the server stops looking for addresses
    behind the first block of them.  An address that addItem puts at the end of the list is
    therefore hidden from the actions after it, unless the block is the end of the list.
    """

    directory: Directory
    caller: Caller
    principal: Principal
    containers: list[int]
    members: list[int]
    hidden_emails: list[str] = field(default_factory=list)
    ends_in_emails: bool


def read_changes(body: object, version: Version) -> list[Change]:
    """Return the actions, or raise RefusedError (400)."""
    if not isinstance(body, list):
        raise bad_parameters()
    return [_read_change(item, version) for item in body]


def _read_change(item: object, version: Version) -> Change:
    match item:
        case {"action": "set" | "addItem" | "removeItem" as action, "field": str(name), "value": value}:
            if name in fields(has_locale=version.has_locale):
                return Change(action, name, read_value(value))
    raise bad_parameters()
