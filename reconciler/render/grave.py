"""Which changes a reviewer must see before all others: they end mail, or lock somebody out.  Pure."""

from __future__ import annotations

from reconciler.diff import Change, Verb
from reconciler.render import words

# A mail exchanger that goes takes its mail with it; the other records are replaced, or are of lesser weight.
_GRAVE_RECORDS = frozenset({"MX", "NS"})


def is_grave(change: Change) -> bool:
    """Does this change end mail for somebody, delete it, or change how somebody logs in?"""
    match change.verb:
        case Verb.DELETE if change.address.kind == "record":
            return words.label(change) in _GRAVE_RECORDS
        case Verb.DELETE:
            is_handed_over = change.reason.startswith("becomes ")
            return change.address.kind in words.CONSEQUENCES and not is_handed_over
        case Verb.CHANGE:
            return any(_locks_out(field.path, field.after) for field in change.fields)
        case _:
            return False


def _locks_out(path: str, after: object) -> bool:
    return path == "login" or (path in ("enabled", "admin") and after is False)
