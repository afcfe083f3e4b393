"""Desired records that follow from something live: the public half of a DKIM key.  Pure.

A live key of the algorithm is enough, whatever its selector, so the record's very name is known
only when the server has been read.  Where the key is yet to be made, its record is pending: the
plan shows "(known after apply)", and apply fills it in between the two waves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.dnsdata import data
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import Record, absolute
from reconciler.mail import dkim, txt
from reconciler.resource import UNSET, Address, Pending, Resource
from reconciler.state import Live


def with_dkim_records(desired: Desired, live: Live) -> Desired:
    """Return the desired state with the records of all DKIM keys, of the domains whose zone is managed."""
    found = {
        record.address: record
        for address, key in desired.resources.items()
        if isinstance(key, DkimKey)
        for record in _record(address, key, desired, live)
    }
    return replace(desired, resources={**desired.resources, **found}) if found else desired


def _record(address: Address, key: DkimKey, desired: Desired, live: Live) -> Iterator[Record]:
    domain, _, algorithm = address.name.partition("/")
    zone = desired.zones.get(domain)
    if zone is None:
        return
    present = live.resources.get(address)
    known = present if isinstance(present, DkimKey) else key
    value: str | Pending = Pending(address, "public_key")
    if isinstance(known.public_key, str):
        value = text_of(algorithm, known.public_key)
    owner = absolute(dkim.owner(str(known.selector), domain))
    relative = owner.removesuffix(f".{absolute(zone)}")
    yield Record(
        address=Address(Record.KIND, f"{zone}/{relative}/TXT/dkim"),
        zone=absolute(zone),
        owner=owner,
        type="TXT",
        value=value,
        made=value if isinstance(value, str) else UNSET,
        made_ttl=desired.ttls.get(domain, UNSET),
    )


def text_of(algorithm: str, public_key: str) -> str:
    """Return the canonical datum of the record for a key."""
    return data.canonical("TXT", txt.text(dkim.text(dkim.published(algorithm, public_key))), ".")


def resolved(change: Change, live: Mapping[Address, Resource]) -> Change:
    """Return the change with its pending value filled in, where the live state knows it by now."""
    after = change.after
    if not isinstance(after, Record) or not isinstance(after.value, Pending):
        return change
    key = live.get(after.value.of)
    if not isinstance(key, DkimKey) or not isinstance(key.public_key, str):
        return change
    value = text_of(key.address.name.rpartition("/")[2], key.public_key)
    return replace(
        change,
        after=replace(after, value=value, made=value),
        fields=tuple(replace(f, after=value) if f.path == "value" else f for f in change.fields),
    )
