"""One record of a file as its readers see it: made when somebody asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.dnsdata import data
from reconciler.dnsdata.names import BadData
from reconciler.dnsdata.strings import ascii_of
from reconciler.dnsdata.tokens import words

from . import marks
from .fields import Fields
from .marks import Mark
from .scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record where it stands.

    owner is absolute and lower-case, rrtype in its one form, ttl in seconds (None where only an
    included file says it).  rdata are the words as they are written, one blank between them,
    relative to origin; other bytes than printable ASCII as ``\\DDD``.  line counts from 1.
    """

    owner: str
    rrtype: str
    ttl: int | None
    rdata: str
    origin: str
    line: int
    mark: Mark | None

    @property
    def value(self) -> str:
        """The canonical datum; the rdata as they are written where those cannot be read."""
        return value_of(self.rrtype, self.rdata, self.origin)


def value_of(rrtype: str, rdata: str, origin: str) -> str:
    """Return the canonical datum of live rdata, or the rdata: a record that nobody understands is kept too."""
    try:
        return data.canonical(rrtype, rdata, origin)
    except BadData:
        return rdata


def rdata_of(scan: Scan, fields: Fields) -> str:
    """Return the rdata of a record as its Record shows them."""
    return " ".join(ascii_of(scan.data[word.start : word.end]) for word in words(fields.rdata))


def record_at(scan: Scan, index: int) -> Record:
    """Return the record with that index."""
    fields = scan.fields(index)
    owner, rrtype = scan.owners[index], scan.types[index]
    origin = scan.origin_at(scan.lines[index])
    rdata = rdata_of(scan, fields)
    mark = None
    trailing = fields.line.trailing
    found = marks.find(scan.data[slice(*trailing)]) if trailing else None
    if found:
        check = marks.check_of(owner, rrtype, value_of(rrtype, rdata, origin))
        mark = Mark(stack=found.stack, is_valid=found.check == check)
    return Record(
        owner=owner,
        rrtype=rrtype,
        ttl=scan.ttls[index],
        rdata=rdata,
        origin=origin,
        line=scan.lines[index] + 1,
        mark=mark,
    )
