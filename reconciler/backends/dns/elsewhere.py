"""Records of zones that are kept elsewhere: notes to paste, and never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.backends.dns import served
from reconciler.config.dns import NameServer
from reconciler.kinds.record import Record
from reconciler.resource import UNSET


def notes(records: Sequence[Record], servers: Mapping[str, tuple[NameServer, ...]]) -> tuple[str, ...]:
    """Return a line of zone-file text, with absolute names, for each record that is not served as wanted.

    Where no server is named nobody is asked, and every record is told.  A default text is told only
    where there is no record of its kind.
    """
    found = []
    for record in records:
        value = record.made if record.value is UNSET else record.value
        if not isinstance(value, str):
            found.append(f"DNS is kept elsewhere: {record.owner} {record.type} follows when the key is made")
        elif not _is_served(record, value, servers.get(record.zone, ())):
            found.append(
                f"DNS is kept elsewhere, please add: {record.owner} {_ttl(record)}IN {record.type} {value}"
            )
    return tuple(found)


def _is_served(record: Record, value: str, servers: Sequence[NameServer]) -> bool:
    if not servers:
        return False
    for server in servers:
        answer = served.ask(server, record.owner, record.type)
        if value in answer.values or (record.value is UNSET and answer.values):
            continue
        return False
    return True


def _ttl(record: Record) -> str:
    ttl = record.made_ttl if record.ttl is UNSET else record.ttl
    return "" if ttl is UNSET else f"{ttl} "
