"""Records that no line of the file says by itself: what $INCLUDE brings in and $GENERATE stands for.

One that is as declared is as good as any.  But mailstack edits neither another file nor a template
for many records, so one that is not as declared is refused, with the line that a person must change.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.backends.dns.zonefile import lexer
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.errors import Problem, ReadError, Where
from reconciler.state import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One such record.  value is canonical; by is the directive, where the line that says it."""

    owner: str
    rrtype: str
    value: str
    ttl: int | None
    by: str
    where: Where

    def __str__(self) -> str:
        return f"{self.owner} {self.rrtype} {self.value}"


def included(zone: Zone, read: Callable[[str], bytes]) -> tuple[tuple[Zone, ...], tuple[Finding, ...]]:
    """Return the files that the zone includes, and those that they include; and which cannot be read.

    A relative name is looked for beside the zone file.  (named looks in its `directory`, which for
    most people is the same.)
    """
    found: list[Zone] = []
    findings: list[Finding] = []
    queue = [zone]
    seen: set[tuple[str, str]] = set()
    while queue:
        outer = queue.pop(0)
        for include in outer.includes:
            path = os.path.join(os.path.dirname(zone.file), include.file)
            if (path, include.origin) in seen:
                continue
            seen.add((path, include.origin))
            try:
                inner = Zone(name=zone.name, file=path, scan=lexer.scan(read(path), include.origin))
            except ReadError as error:
                findings.append(_unreadable(outer, include.line, path, error.problems[0].detail))
                continue
            findings += [
                _unreadable(outer, include.line, path, str(problem)) for problem in inner.problems[:1]
            ]
            found.append(inner)
            queue.append(inner)
    return tuple(found), tuple(findings)


def brought(zone: Zone, others: Sequence[Zone], owner: str, rrtype: str | None) -> Iterator[Brought]:
    """Yield the records of a name, or of one set of it, that stand elsewhere."""
    for source in (zone, *others):
        if source.generates:
            for one in source.generated.get(owner, ()):
                if rrtype in (None, one.rrtype):
                    yield Brought(
                        owner=one.owner,
                        rrtype=one.rrtype,
                        value=one.value,
                        ttl=None,
                        by="$GENERATE",
                        where=source.at_line(one.line),
                    )
    for source in others:
        for line in source.find(owner, rrtype):
            yield Brought(
                owner=line.owner,
                rrtype=line.rrtype,
                value=line.value,
                ttl=line.ttl,
                by="$INCLUDE",
                where=source.at_line(line.line),
            )


def refusal(present: Brought) -> Problem:
    """Return why a record that should be otherwise is left as it is."""
    what = (
        "it stands in an included file"
        if present.by == "$INCLUDE"
        else "it is one of many of a $GENERATE line"
    )
    return Problem(
        where=present.where,
        summary=f"the zone says {present}",
        detail=f"mailstack does not change that: {what}.",
        rule="ZONE-15",
    )


def _unreadable(zone: Zone, line: int, path: str, why: str) -> Finding:
    return Finding(
        rule="ZONE-15",
        severity="warning",
        file=zone.file,
        line=line,
        text=f"the included {path} cannot be read: {' '.join(why.split())}",
        fix="what it says is not known here, so a record of it may be declared a second time",
    )
