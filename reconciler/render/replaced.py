"""Two changes of a record set that a person reads as one: a value goes, and another comes in its place.  Pure.

They stay two, with a wave each, for the old value goes only when the new one is served.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.diff import Change, Verb
from reconciler.kinds.record import parts_of
from reconciler.render import record_words
from reconciler.render.characters import printable
from reconciler.resource import Address


def replaced(changes: Sequence[Change]) -> dict[Address, Change]:
    """Return what is deleted by what is added in its place, where a set has exactly one of each."""
    added, deleted = (_by_set(changes, verb) for verb in (Verb.ADD, Verb.DELETE))
    return {
        added[one][0].address: deleted[one][0]
        for one in added
        if len(added[one]) == 1 and len(deleted.get(one, ())) == 1
    }


def details(gone: Change, come: Change) -> str:
    """Return both values, why the old one may go, and when."""
    before, after = record_words.datum(gone), record_words.datum(come)
    return f"{before} -> {after}  the old one goes once the new one is served: {printable(gone.reason)}"


def _by_set(changes: Sequence[Change], verb: Verb) -> dict[tuple[str, ...], list[Change]]:
    """Return the records with that verb by zone, name and type, as their addresses say them."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        record = parts_of(change.address)
        if change.verb is verb and record is not None and record.value:
            found.setdefault(record[:3], []).append(change)
    return found
