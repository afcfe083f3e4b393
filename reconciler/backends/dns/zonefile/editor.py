"""Makes the new text of a zone file from the old one and a list of edits.

Every byte that no edit is about stays.  There is one exception: a line that inherited its owner or
its TTL from a line that goes, or whose TTL changes, gets it written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from reconciler.dnsdata.tokens import Logical
from reconciler.errors import Problem, Where, WriteError

from . import marks
from .addition import Place, added_line
from .draft import Draft
from .edits import Add, Adopt, Delete, Edit, Forget, Replace
from .fields import Fields
from .inherit import repairs, ttl_written_out
from .placement import anchor_for, may_stand_behind
from .records import rdata_of, value_of
from .scan import Scan
from .writing import Patch, new_rdata


def edit(scan: Scan, edits: Iterable[Edit], *, serial: int | None, file: str) -> bytes:
    """Return the file with the edits done and, when one is given, another serial in its SOA.

    Edits that are about one record at once are an error of the caller.  Raises WriteError when a
    record to be changed is not there, or one to be added is.
    """
    newline = b"\r\n" if b"\r\n" in scan.data else b"\n"
    editor = _Editor(Draft(scan=scan), newline, file)
    for one in edits:
        editor.take(one)
    if serial is not None:
        editor.set_serial(serial)
    editor.write_added()
    return _spliced(scan.data, newline, editor.patches + repairs(editor.draft, file))


def _spliced(data: bytes, newline: bytes, patches: list[Patch]) -> bytes:
    """Return the data with the patches in place of their spans; a missing last newline stays missing.

    Unless the last line is now a directive: BIND 9.18 does not load one without its newline.
    """
    is_whole = not data or data.endswith(b"\n")
    padded = data if is_whole else data + newline
    parts: list[bytes] = []
    cursor = 0
    for patch in sorted(patches, key=lambda patch: (patch.start, patch.end)):
        assert cursor <= patch.start, "two edits of the same bytes"
        parts += (padded[cursor : patch.start], patch.text)
        cursor = patch.end
    parts.append(padded[cursor:])
    text = b"".join(parts)
    if is_whole or text.removesuffix(newline).rpartition(b"\n")[2].startswith(b"$"):
        return text
    return text.removesuffix(newline)


@dataclass(slots=True)
class _Editor:
    draft: Draft
    newline: bytes
    file: str
    patches: list[Patch] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    @property
    def scan(self) -> Scan:
        return self.draft.scan

    def take(self, one: Edit) -> None:
        """Note what one edit does; added lines are written last, when everything else is known."""
        match one:
            case Add():
                self.add(one)
            case Replace():
                first, *others = self.targets(one.owner, one.rrtype, one.before)
                self.replace(first, one)
                self.delete(others)
            case Delete():
                self.delete(self.targets(one.owner, one.rrtype, one.value))
            case Adopt():
                first, *_ = self.targets(one.owner, one.rrtype, one.value)
                mark = marks.mark_text(one.stack, one.owner, one.rrtype, one.value)
                self.mark(self.scan.fields(first), mark)
            case Forget():
                for index in self.targets(one.owner, one.rrtype, one.value):
                    self.mark(self.scan.fields(index), None)

    def matching(self, owner: str, rrtype: str, value: str) -> Iterator[int]:
        """Yield the records that say this."""
        for index in self.scan.find(owner, rrtype):
            rdata = rdata_of(self.scan, self.scan.fields(index))
            if value_of(rrtype, rdata, self.scan.origin_at(self.scan.lines[index])) == value:
                yield index

    def targets(self, owner: str, rrtype: str, value: str) -> list[int]:
        """Return the records that say this, at least one, for one edit only."""
        if rrtype == "SOA":
            raise ValueError("nothing of the SOA is edited but its serial")
        found = list(self.matching(owner, rrtype, value))
        if not found:
            self.refuse("record to be changed is not in the zone file", owner, rrtype, value)
        if self.touched.intersection(found):
            raise ValueError(f"two edits of one record: {owner} {rrtype}")
        self.touched.update(found)
        return found

    def refuse(self, summary: str, owner: str, rrtype: str, value: str) -> NoReturn:
        raise WriteError(
            Problem(
                where=Where(file=self.file),
                rule="zone-stale",
                summary=summary,
                detail=f"{owner} {rrtype} {value}\nThe file is not as it was when the plan was made; plan again.",
            )
        )

    def add(self, one: Add) -> None:
        """Find the place of a new record: behind what is added under its name, else as `placement` says."""
        if any(index not in self.touched for index in self.matching(one.owner, one.rrtype, one.value)):
            self.refuse("record to be added is in the zone file already", one.owner, one.rrtype, one.value)
        seconds = self.wanted_ttl(one)
        for anchor in self.draft.places.get(one.owner, ()):
            if may_stand_behind(self.scan, anchor, one.owner, seconds):
                added = self.draft.added[anchor]
                last = max(at for at, other in enumerate(added) if other.owner == one.owner)
                added.insert(last + 1, one)
                return
        anchor = anchor_for(self.scan, one.owner, one.rrtype, seconds)
        self.draft.added.setdefault(anchor, []).append(one)
        if one.owner not in self.scan.first:
            self.draft.places.setdefault(one.owner, []).append(anchor)

    def wanted_ttl(self, one: Add) -> int | None:
        """Return the TTL that a new record must have: a set has one TTL (RFC 2181 §5.2)."""
        if one.ttl is not None:
            return one.ttl
        ttls = [self.scan.ttls[index] for index in self.scan.find(one.owner, one.rrtype)]
        return ttls[0] if ttls else None

    def delete(self, indices: list[int]) -> None:
        for index in indices:
            line = self.scan.logical(index)
            self.patches.append(Patch(line.start, self.end_of(line.end), b""))
            self.draft.gone.add(index)

    def newline_of(self, line: Logical) -> bytes:
        """Return the newline that a line has, so that a mixed file stays as mixed as it was."""
        return self.scan.data[line.stop : line.end] or self.newline

    def end_of(self, end: int) -> int:
        """Return the end of a line whose newline the splicing adds where the file has none."""
        is_last = end == len(self.scan.data) and not self.scan.data.endswith(b"\n")
        return end + len(self.newline) if is_last else end

    def replace(self, index: int, one: Replace) -> None:
        fields = self.scan.fields(index)
        if one.value != one.before:
            self.patches += new_rdata(self.scan, fields, one.rrtype, one.value, self.newline_of(fields.line))
        if one.ttl is not None and one.ttl != self.scan.ttls[index]:
            self.draft.ttls[index] = one.ttl
            if fields.ttl is None:
                self.patches.append(ttl_written_out(self.scan, fields, one.ttl))
            else:
                self.patches.append(Patch(fields.ttl.start, fields.ttl.end, b"%d" % one.ttl))
        stack = one.stack
        self.mark(fields, None if stack is None else marks.mark_text(stack, one.owner, one.rrtype, one.value))

    def mark(self, fields: Fields, mark: bytes | None) -> None:
        """Give a line that mark, or none."""
        start = fields.line.stop
        if fields.line.trailing:
            start = fields.line.trailing[0]
            start -= self.scan.data[start - 1 : start] in (b" ", b"\t")
        tail = self.scan.data[start : fields.line.stop]
        after = marks.remarked(tail, mark)
        if after != tail:
            self.patches.append(Patch(start, fields.line.stop, after))

    def set_serial(self, serial: int) -> None:
        soa = self.scan.fields(self.scan.types.index("SOA"))
        token = soa.rdata[2]
        self.patches.append(Patch(token.start, token.end, b"%d" % serial))

    def write_added(self) -> None:
        """Write the added lines in the order of the file, each knowing what stands before it."""
        for anchor in sorted(self.draft.added):
            behind = self.scan.logical(anchor)
            newline = self.newline_of(behind)
            added = self.draft.added[anchor]
            # Its own set first, then its own name; the rest in the order in which it was given.
            same = self.scan.owners[anchor], self.scan.types[anchor]
            added.sort(key=lambda one: (one.owner != same[0]) * 2 or (one.rrtype != same[1]))
            owner, seconds = self.draft.state_behind(anchor)
            text = b""
            for one in added:
                place = Place(scan=self.scan, anchor=anchor, owner=owner, ttl=seconds)
                line, seconds = added_line(one, place, self.wanted_ttl(one), newline)
                owner = one.owner
                text += line
            self.draft.added_ttls[anchor] = seconds
            end = self.end_of(behind.end)
            self.patches.append(Patch(end, end, text))
