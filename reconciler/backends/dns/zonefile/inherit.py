"""Keeps what the lines behind an edit inherit: writes owner or TTL out where it would change."""

from __future__ import annotations

from reconciler.errors import Problem, Where, WriteError

from .draft import Draft
from .fields import Fields
from .scan import Inherited, Scan
from .style import pad, width
from .writing import Patch

_FROM_BEFORE = (Inherited.CHAIN, Inherited.UNSURE)


def repairs(draft: Draft, file: str) -> list[Patch]:
    """Return the patches for the records behind those that go, come or change their TTL.

    Raises WriteError where only an included file or a $GENERATE line could carry the change.
    """
    scan = draft.scan
    patches: list[Patch] = []
    done: set[int] = set()
    for changed in sorted(draft.gone | draft.ttls.keys() | draft.added.keys()):
        index = changed + 1
        while index in draft.gone:
            index += 1
        if index in done:
            continue
        done.add(index)
        seconds = _ttl_to_write(draft, changed, index, file)
        if index == len(scan.owners):
            continue
        if scan.is_blank_owner(index) and draft.state_behind(index - 1)[0] != scan.owners[index]:
            patches.append(owner_written_out(scan, index))
        if seconds is not None:
            patches.append(ttl_written_out(scan, scan.fields(index), seconds))
    return patches


def _ttl_to_write(draft: Draft, changed: int, index: int, file: str) -> int | None:
    """Return the TTL that the record at index must write from now on; None when it keeps what it has."""
    scan = draft.scan
    if scan.default_at(scan.lines[changed]) not in _FROM_BEFORE:
        return None
    if draft.state_behind(index - 1)[1] == scan.ttls[index - 1]:
        return None
    has_next = index < len(scan.owners)
    last_line = scan.lines[index] if has_next else len(scan.starts)
    for line, takes_ttl in _directives(scan, scan.lines[changed], last_line):
        if takes_ttl:
            raise _refusal(file, line)
        return None
    if not has_next or index in draft.ttls or scan.fields(index).ttl is not None:
        return None
    default = scan.default_at(scan.lines[index])
    if default is Inherited.UNSURE:
        raise _refusal(file, scan.lines[index] + 1)
    return scan.ttls[index] if default is Inherited.CHAIN else None


def _directives(scan: Scan, first: int, last: int) -> list[tuple[int, bool]]:
    """Return (line from 1, whether it inherits the TTL) of what can take or set one between two lines."""
    found = [(include.line, True) for include in scan.includes]
    found += [(generate.line, generate.ttl is None) for generate in scan.generates]
    found += [(line + 1, False) for line, default in scan.defaults if isinstance(default, int)]
    return sorted(entry for entry in found if first + 1 < entry[0] <= last)


def _refusal(file: str, line: int) -> WriteError:
    return WriteError(
        Problem(
            where=Where(file=file, line=line),
            rule="zone-inherited-ttl",
            summary="this line inherits its TTL from a line that changes",
            detail="The file has no $TTL in force here, so the TTL comes from the record before. "
            "Write a $TTL above this line, or a TTL on it, then run again.",
        )
    )


def owner_written_out(scan: Scan, index: int) -> Patch:
    """Return the patch that gives a record with a blank owner its own, in the columns that it has."""
    start = scan.starts[scan.lines[index]]
    end = start
    while scan.data[end : end + 1] in (b" ", b"\t"):
        end += 1
    blanks = scan.data[start:end]
    owner = _owner_text(scan, index)
    return Patch(start, end, owner + pad(width(owner), width(blanks), with_tabs=b"\t" in blanks))


def _owner_text(scan: Scan, index: int) -> bytes:
    """Return the owner as the line wrote it that the record inherits it from, where that still means the same."""
    source = index
    while scan.is_blank_owner(source):
        source -= 1
    if scan.origin_at(scan.lines[source]) != scan.origin_at(scan.lines[index]):
        return scan.owners[index].encode("ascii")
    token = scan.fields(source).owner
    assert token is not None, "the line does not begin with a blank"
    return scan.data[token.start : token.end]


def ttl_written_out(scan: Scan, fields: Fields, seconds: int) -> Patch:
    """Return the patch that writes a TTL into a line that has none, before class and type."""
    place = (fields.rrclass or fields.rrtype).start
    blank = b"\t" if scan.data[place - 1 : place] == b"\t" else b" "
    return Patch(place, place, b"%d" % seconds + blank)
