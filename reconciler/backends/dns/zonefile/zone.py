"""A zone file as its users see it: the records, the serial, the edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.dnsdata import names
from reconciler.dnsdata.tokens import tokenize
from reconciler.errors import InputError, Problem, Where

from . import lexer, marks
from .directives import Include
from .fields import text_of
from .generate import Generate
from .records import Record, record_at, value_of
from .scan import Scan
from .serial import CIRCLE

if TYPE_CHECKING:
    from .edits import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A record that a $GENERATE line stands for.  value is canonical, line counts from 1."""

    owner: str
    rrtype: str
    value: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One zone file, read.  name is the zone in the form of `names`: absolute, with a dot at its end."""

    name: str
    file: str
    scan: Scan

    @classmethod
    def parse(cls, data: bytes, *, name: str | None, file: str) -> Zone:
        """Return the zone that the file holds; name is the one that the name server knows it by.

        Without a name the owner of the SOA is it, which works only where that is written absolute
        or under an $ORIGIN.  A file that no name server would load is read as far as it goes:
        `problems` and `check` say what is wrong.  Raises InputError when the name is not clear.
        """
        if name is not None:
            name = names.absolute(name.rstrip("."), ".")
        else:
            name = _soa_owner(lexer.scan(data, "."))
            if name in (None, "."):
                raise InputError(_nameless(file))
        found = lexer.scan(data, name)
        if _soa_owner(found) not in (None, name):
            raise InputError(_misnamed(found, name, file))
        return cls(name=name, file=file, scan=found)

    def __len__(self) -> int:
        """The number of records, without those that $INCLUDE and $GENERATE stand for."""
        return len(self.scan.owners)

    @property
    def records(self) -> Iterator[Record]:
        """The records in the order of the file; each is made when it is reached."""
        return (record_at(self.scan, index) for index in range(len(self)))

    def find(self, owner: str, rrtype: str | None = None) -> list[Record]:
        """Return the records of a name, or of one set of it, in the order of the file."""
        scan = self.scan
        indices = scan.of(owner) if rrtype is None else scan.find(owner, rrtype)
        return [record_at(scan, index) for index in indices]

    @property
    def serial(self) -> int | None:
        """The serial in the SOA; None when there is no SOA, or no number in its place."""
        scan = self.scan
        if "SOA" not in scan.types:
            return None
        rdata = scan.fields(scan.types.index("SOA")).rdata
        text = text_of(scan.data, rdata[2]) if len(rdata) > 2 else ""
        return int(text) if text.isascii() and text.isdigit() and int(text) < CIRCLE else None

    @property
    def includes(self) -> list[Include]:
        """What $INCLUDE brings in; nobody has read it."""
        return self.scan.includes

    @property
    def generates(self) -> list[Generate]:
        """The $GENERATE lines."""
        return self.scan.generates

    @cached_property
    def generated(self) -> dict[str, list[Generated]]:
        """What $GENERATE stands for, by owner."""
        found: dict[str, list[Generated]] = {}
        for source in self.scan.generates:
            for owner, rrtype, rdata in source.records():
                value = value_of(rrtype, rdata, source.origin)
                one = Generated(owner=owner, rrtype=rrtype, value=value, line=source.line)
                found.setdefault(owner, []).append(one)
        return found

    @cached_property
    def marked(self) -> list[Record]:
        """The records that carry a mark of any stack, valid or not, in the order of the file."""
        return [record_at(self.scan, index) for index in self._marks[0]]

    @property
    def stray_marks(self) -> list[Where]:
        """The places of marks that are on no record, such as a record that was commented out."""
        return self._marks[1]

    @cached_property
    def _marks(self) -> tuple[list[int], list[Where]]:
        scan, word = self.scan, marks.WORD
        on_records: dict[int, None] = {}
        strays: list[Where] = []
        offset = scan.data.find(word)
        while offset >= 0:
            line = scan.line_of(offset)
            index = scan.index_at(line + 1) - 1
            logical = scan.logical(index) if index >= 0 else None
            if logical is None or logical.end <= offset:
                logical = tokenize(scan.data, scan.starts[line])
                index = -1
            if any(start <= offset < end for start, end in logical.comments):
                if index >= 0 and logical.trailing and logical.trailing[0] <= offset:
                    on_records[index] = None
                else:
                    strays.append(self.where(offset))
            offset = scan.data.find(word, offset + 1)
        return list(on_records), strays

    @property
    def problems(self) -> list[Problem]:
        """What cannot be read, line by line.  Empty for every file that a name server loads."""
        return [
            Problem(
                where=self.where(fault.offset),
                summary=fault.summary,
                detail=fault.detail,
                rule="ZONE-13" if "TTL" in fault.summary else "zone-unreadable",
            )
            for fault in self.scan.faults
        ]

    def at(self, index: int) -> Where:
        """Return the line of the record with that index."""
        return self.at_line(self.scan.lines[index] + 1)

    def at_line(self, line: int) -> Where:
        """Return the place of a line, which counts from 1."""
        return Where(file=self.file, line=line)

    def where(self, offset: int) -> Where:
        """Return the place of a byte of the file."""
        line = self.scan.line_of(offset)
        return Where(file=self.file, line=line + 1, column=offset - self.scan.starts[line] + 1)

    def edit(self, edits: Iterable[Edit], *, serial: int | None = None) -> bytes:
        """Return the file with the edits done, and with that serial when one is given.

        Raises InputError when the file holds lines that cannot be read: nobody knows then what
        the lines around them inherit.  Raises WriteError when a record is not as the edit says.
        """
        # Imported here: a plan without changes does not need it, and start-up is a feature.
        from . import editor

        if self.scan.faults:
            raise InputError(*self.problems)
        if "SOA" not in self.scan.types:
            raise InputError(_without_soa(self))
        return editor.edit(self.scan, edits, serial=serial, file=self.file)


def _soa_owner(scan: Scan) -> str | None:
    return scan.owners[scan.types.index("SOA")] if "SOA" in scan.types else None


def _without_soa(zone: Zone) -> Problem:
    return Problem(
        where=Where(file=zone.file),
        rule="zone-no-soa",
        summary="zone without SOA",
        detail=f"No name server loads a zone without one. Write an SOA record for {zone.name}",
    )


def _nameless(file: str) -> Problem:
    return Problem(
        where=Where(file=file),
        rule="zone-nameless",
        summary="zone name not in the file",
        detail="The SOA is missing or its owner is relative (@), so the file does not say which zone it is.\n"
        "Give the name with `zone:` in the stack.",
    )


def _misnamed(scan: Scan, name: str, file: str) -> Problem:
    index = scan.types.index("SOA")
    return Problem(
        where=Where(file=file, line=scan.lines[index] + 1),
        rule="zone-misnamed",
        summary="zone file of another zone",
        detail=f"The SOA here is that of {scan.owners[index]}, and {name} is expected.\n"
        "Correct `zone:` or `zonefile:` in the stack, or the $ORIGIN above the SOA.",
    )
