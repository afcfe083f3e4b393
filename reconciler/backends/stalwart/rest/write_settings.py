"""Changes that are settings on the server -> the operations of one POST /api/settings.

The operations of one POST are carried out in order and not as one; each insert is one.  So a value
and its mark go in one insert, and the mark remembers what was there before our first write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.rest import marks, settings
from reconciler.diff import LISTED, MARKS_ONLY, Change, Verb
from reconciler.kinds.account import Account
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.kinds.tls import Tls
from reconciler.resource import UNSET, Sealed, digest_of

Operation = dict[str, Any]


def operations(
    change: Change, stack: str, stored: Mapping[str, str], secret_of: SecretOf
) -> Iterator[Operation]:
    """Yield the operations of one change.  stored is what the server has now."""
    match change.resource.KIND:
        case "ban":
            yield delete(settings.key_as_stored(stored, settings.BLOCKED, change.address.name))
        case "allowed_ip":
            yield from _allowed_ip(change, stack, stored)
        case "hostname":
            yield from _hostname(change, stack, stored)
        case "setting":
            yield from _setting(change, stack, stored, secret_of)
        case "tls":
            yield from _tls(change, stack, stored)
        case "account":
            yield from _password_mark(change, stack)
        case "dkim_key":
            yield from _dkim_key(change, stored)
        case _:
            return


def insert(*pairs: tuple[str, str]) -> Operation:
    return {"type": "insert", "prefix": None, "values": [list(p) for p in pairs], "assert_empty": False}


def delete(*keys: str) -> Operation:
    return {"type": "delete", "keys": list(keys)}


def clear(record: str) -> Operation:
    # `clear` takes a raw prefix: without the dot it would take other records along.
    assert record
    return {"type": "clear", "prefix": f"{record}."}


def _allowed_ip(change: Change, stack: str, stored: Mapping[str, str]) -> Iterator[Operation]:
    key = settings.key_as_stored(stored, settings.ALLOWED, change.address.name)
    if change.verb is Verb.DELETE:
        yield delete(key)
    elif change.verb is Verb.FORGET:
        yield insert((key, ""))
    else:
        yield insert((key, marks.ip_value(stack)))


def _hostname(change: Change, stack: str, stored: Mapping[str, str]) -> Iterator[Operation]:
    key = hostname_key(stored)
    value = change.after.value if isinstance(change.after, Hostname) else ""
    yield from _marked(change, stack, key, value, stored, None)


def hostname_key(stored: Mapping[str, str]) -> str:
    """Return the key by which the hostname is set.

    Where config.toml does not set `server.hostname`, the database key does it with a reload (run on
    0.12.2 and 0.15.5); where it does, it wins.
    """
    return "server.hostname" if stored.get("server.hostname") else "lookup.default.hostname"


def _setting(
    change: Change, stack: str, stored: Mapping[str, str], secret_of: SecretOf
) -> Iterator[Operation]:
    key = change.address.name
    after = change.after
    value, revision = "", None
    if isinstance(after, Setting) and change.verb is not Verb.FORGET:
        if isinstance(after.secret, Sealed):
            value, revision = secret_of(change.address).reveal(), after.secret.revision
        elif after.value is not UNSET:
            value = after.value
    yield from _marked(change, stack, key, value, stored, revision)


def _marked(
    change: Change, stack: str, key: str, value: str, stored: Mapping[str, str], revision: int | None
) -> Iterator[Operation]:
    """Yield the operations that set, unwrite, adopt or forget one key with its mark."""
    mark = marks.key_of(stack, "setting", key)
    memory = marks.Memory.parse(stored[mark]) if mark in stored else marks.Memory(was=stored.get(key))
    if change.verb is Verb.FORGET:
        yield delete(mark)
    elif change.verb is Verb.DELETE:
        # The value first: should this end in between, the mark says that there is more to do.
        goes = memory.was is None or change.reason == LISTED
        yield delete(key) if goes else insert((key, memory.was or ""))
        yield delete(mark)
    else:
        kept = marks.Memory(was=memory.was, digest=digest_of(value), revision=revision)
        text = (kept if revision is not None else marks.Memory(was=memory.was)).text()
        if change.verb in MARKS_ONLY:
            yield insert((mark, text))
        else:
            yield insert((key, value), (mark, text))


def _tls(change: Change, stack: str, stored: Mapping[str, str]) -> Iterator[Operation]:
    record = f"acme.{change.address.name}"
    mark = marks.key_of(stack, "tls", change.address.name)
    after = change.after
    if change.verb is Verb.FORGET:
        yield delete(mark)
        return
    if change.verb is Verb.DELETE:
        if "made" in stored.get(mark, ""):
            yield clear(record)
        yield delete(mark)
        return
    text = stored.get(mark) or ("made" if change.verb is Verb.ADD else "adopted")
    if change.verb is Verb.ADOPT:
        yield insert((mark, text))
        return
    assert isinstance(after, Tls)
    named = {field.path for field in change.fields}
    for path in ("contact", "domains"):
        if path in named and change.verb is Verb.CHANGE:
            yield clear(f"{record}.{path}")
    yield insert(*_tls_values(record, after, named), (mark, text))


def _tls_values(record: str, wanted: Tls, named: set[str]) -> Iterator[tuple[str, str]]:
    # Lists are read in the string order of their keys, so the numbers have four digits.
    if "directory" in named:
        yield f"{record}.directory", wanted.directory
    if "challenge" in named and wanted.challenge is not UNSET:
        yield f"{record}.challenge", wanted.challenge
    if "renew_before" in named and wanted.renew_before is not UNSET:
        yield f"{record}.renew-before", f"{wanted.renew_before}s"
    for path in ("contact", "domains"):
        values = getattr(wanted, path)
        if path in named and values is not UNSET:
            for number, value in enumerate(sorted(values)):
                yield f"{record}.{path}.{number:04}", value


def _password_mark(change: Change, stack: str) -> Iterator[Operation]:
    """Remember which revision was set.  The password itself went with the account."""
    mark = marks.key_of(stack, "password", change.address.name)
    if change.verb is Verb.FORGET:
        yield delete(mark)
    elif isinstance(change.after, Account) and isinstance(change.after.password, Sealed):
        yield insert((mark, str(change.after.password.revision)))
    if change.renamed_from is not None:
        yield delete(marks.key_of(stack, "password", change.renamed_from.name))
    if change.verb is Verb.DELETE:
        yield delete(mark)


def _dkim_key(change: Change, stored: Mapping[str, str]) -> Iterator[Operation]:
    """Only removal: a key is made by a request of its own, so that the server makes it and keeps it."""
    if change.verb is Verb.DELETE and isinstance(change.before, DkimKey):
        for identifier in settings.ids_of(change.address, stored):
            yield clear(f"signature.{identifier}")
