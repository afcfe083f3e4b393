"""Sets and deletes single keys of a config.toml; every byte that no edit is about stays.

A key that is there gets its new value in place, in the kind of quotes that it had where they can
hold it.  A new one goes beside its siblings (`adding`).  With a deleted one its line goes, and the
comment on that line; the comments above it stay (`removing`).

No text leaves here unproved: it is read again and must hold exactly what was asked for, and a file
that was TOML must still be TOML.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from reconciler.errors import InputError, Where

from .adding import added
from .patches import Patch, spliced
from .reader import read
from .removing import removed
from .tree import ConfigToml, Form, Scalar
from .writing import check_key, is_toml, refusal, value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """The key has this value afterwards, whether it was there or not."""

    key: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The key is gone afterwards.  It must be there."""

    key: str


Edit = Set | Delete


def edit(config: ConfigToml, edits: Collection[Edit]) -> bytes:
    """Return the file with the edits done; without any, or with what it holds already, the same bytes.

    Two edits of one key are an error of the caller.  Raises WriteError, and nothing is half done,
    for a key or value that TOML and all versions of Stalwart do not read the same, for an element
    whose removal would renumber others, and for a key to be deleted that is not there.
    """
    by_key = {one.key: one for one in edits}
    if len(by_key) < len(edits):
        raise ValueError("two edits of one key")
    intended, current = config.values, config
    # Elements are added and deleted at the end of an array, so the order is that of the keys, and the
    # other way round for deletions.  Those come last: a table or a set that gets a new key stays.
    for _, one in sorted(by_key.items()):
        if isinstance(one, Set):
            intended[one.key] = one.value
            current = _reread(current, _set(current, one))
    for _, one in sorted(by_key.items(), reverse=True):
        if isinstance(one, Delete):
            del intended[_existing(config, one)]
            current = _reread(current, removed(current, current.entries[one.key]))
    _prove(config, current, intended)
    return current.data


def _existing(config: ConfigToml, one: Delete) -> str:
    if one.key not in config.entries:
        raise refusal(
            Where(file=config.file),
            "key to be deleted is not in the file",
            f"{one.key}\nThe file is not as it was when the plan was made; plan again.",
            rule="config-stale",
        )
    return one.key


def _set(config: ConfigToml, one: Set) -> list[Patch]:
    entry = config.entries.get(one.key)
    if entry is None:
        check_key(one.key, Where(file=config.file))
        return added(config, one.key, one.value)
    if entry.value == one.value:
        return []
    before = entry.path[-1].value
    assert isinstance(before, Scalar)
    text = value_text(one.key, one.value, config.where(entry), before.form).encode()
    if before.form is Form.MEMBER:
        text = b" = " + text
    return [Patch(before.start, before.end, text)]


def _reread(config: ConfigToml, patches: list[Patch]) -> ConfigToml:
    """Return the file with the patches, read as the server will read it."""
    if not patches:
        return config
    try:
        return read(spliced(config.data, patches), file=config.file, odd_keys=config.odd_keys)
    except InputError as error:
        problem = error.problems[0]
        raise refusal(
            Where(file=config.file),
            "edit would make a file that Stalwart does not read",
            f"{problem.summary}, on line {problem.where.line if problem.where else 0} of it.  Edit it by hand.",
            rule="config-unproved",
        ) from None


def _prove(before: ConfigToml, after: ConfigToml, intended: dict[str, str]) -> None:
    found = after.values
    if found != intended:
        keys = sorted(key for key in found.keys() | intended.keys() if found.get(key) != intended.get(key))
        raise refusal(
            Where(file=before.file),
            "edit would change more than it should",
            f"These keys would not be as intended: {', '.join(keys)}.  Edit the file by hand.",
            rule="config-unproved",
        )
    if is_toml(before.data) and not is_toml(after.data):
        raise refusal(
            Where(file=before.file),
            "file would not be TOML any more",
            "One name would be both a value and a table, which Stalwart reads and TOML forbids.  Edit it by hand.",
            rule="config-not-toml",
        )
