"""Changes of records -> edits of a zone file, and what name servers must then answer.  Pure."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.backends.dns.expected import Expected
from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Edit, Forget, Replace
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.diff import Change, Verb
from reconciler.kinds.record import Record
from reconciler.resource import UNSET


def edits_of(change: Change, stack: str) -> Iterator[Edit]:
    """Yield the edit of one change; nothing for an activation."""
    before, after = change.before, change.after
    match change.verb, before, after:
        case Verb.ADD, _, Record():
            yield Add(
                owner=after.owner,
                rrtype=after.type,
                value=value_to_write(after),
                ttl=_ttl(after, new=True),
                stack=stack,
            )
        case Verb.CHANGE, Record(), Record():
            present = _text(before)
            yield Replace(
                owner=before.owner,
                rrtype=before.type,
                before=present,
                value=present if after.value is UNSET else value_to_write(after),
                ttl=_ttl(after, new=False),
                stack=stack,
            )
        case Verb.DELETE, Record(), _:
            yield Delete(owner=before.owner, rrtype=before.type, value=_text(before))
        case Verb.ADOPT, Record(), _:
            yield Adopt(owner=before.owner, rrtype=before.type, value=_text(before), stack=stack)
        case Verb.FORGET, Record(), _:
            yield Forget(owner=before.owner, rrtype=before.type, value=_text(before))


def expected_of(change: Change, written: Zone) -> Iterator[Expected]:
    """Yield what a name server must answer once the change is served; written is the zone with it."""
    before, after = change.before, change.after
    match change.verb, before, after:
        case Verb.ADD | Verb.CHANGE, _, Record():
            value = (
                _text(before)
                if isinstance(before, Record) and after.value is UNSET
                else value_to_write(after)
            )
            ttl = _served_ttl(after, written) if change.verb is Verb.CHANGE else None
            yield Expected(owner=after.owner, rrtype=after.type, value=value, ttl=ttl)
            if isinstance(before, Record) and before.value != value:
                yield Expected(owner=before.owner, rrtype=before.type, value=_text(before), is_there=False)
        case Verb.DELETE, Record(), _:
            yield Expected(owner=before.owner, rrtype=before.type, value=_text(before), is_there=False)


def value_to_write(record: Record) -> str:
    """Return the canonical datum of a record that is to be: the declared one, or the one for new records."""
    value = record.made if record.value is UNSET else record.value
    if not isinstance(value, str):
        raise AssertionError(f"{record.address} is still pending")
    return value


def _served_ttl(record: Record, written: Zone) -> int | None:
    """Return the TTL that proves a change of it; a set with several is served with one of them (BIND 9.18)."""
    ttls = {line.ttl for line in written.find(record.owner, record.type)}
    return record.ttl if record.ttl is not UNSET and ttls == {record.ttl} else None


def _text(record: Record) -> str:
    assert isinstance(record.value, str)
    return record.value


def _ttl(record: Record, *, new: bool) -> int | None:
    if record.ttl is not UNSET:
        return record.ttl
    return record.made_ttl if new and record.made_ttl is not UNSET else None
