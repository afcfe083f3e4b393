"""Records of zones that are kept elsewhere: notes to paste, and never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.backends.dns import served
from reconciler.backends.dns.zonefile.writing import rdata_tokens
from reconciler.config.dns import NameServer
from reconciler.kinds.record import Record, address_of
from reconciler.resource import UNSET


def notes(records: Sequence[Record], servers: Mapping[str, tuple[NameServer, ...]]) -> tuple[str, ...]:
    """Return a line of zone-file text, with absolute names, for each record that is not served as wanted.

    Where no server is named nobody is asked, and every record is told.  A default text is told only
    where there is no record of its kind.
    """
    found: dict[str, None] = {}
    for record in records:
        value = record.made if record.value is UNSET else record.value
        if not isinstance(value, str):
            found[f"DNS is kept elsewhere: {record.owner} {record.type} follows when the key is made"] = None
            continue
        asked = servers.get(record.zone, ())
        if not asked:
            found[f"DNS is kept elsewhere, add if missing: {_line(record, value)}"] = None
        for server in asked:
            if note := _note(record, value, served.ask(server, record.owner, record.type), server):
                found[note] = None
    return tuple(found)


def _note(record: Record, value: str, answer: served.Answer, server: NameServer) -> str:
    """Return what is to be done where a server does not serve the record; nothing where it does."""
    if answer.error:
        said = f"DNS is kept elsewhere, and {server.host} does not tell what it serves ({answer.error})"
        return f"{said}; wanted: {_line(record, value)}"
    alike = sorted(
        present
        for present in answer.values
        if address_of(record.zone, record.owner, record.type, present) == record.address
    )
    if value in answer.values or (alike and record.value is UNSET):
        return ""
    if alike:  # there can be one such record only
        return f"DNS is kept elsewhere, please change {alike[0]} to: {_line(record, value)}"
    return f"DNS is kept elsewhere, please add: {_line(record, value)}"


def _line(record: Record, value: str) -> str:
    ttl = record.made_ttl if record.ttl is UNSET else record.ttl
    data = " ".join(rdata_tokens(record.type, value, ".", relative=False))
    return f"{record.owner} {'' if ttl is UNSET else f'{ttl} '}IN {record.type} {data}"
