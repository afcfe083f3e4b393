"""What the lexer found in one file: columns with one entry for each record."""

from __future__ import annotations

import enum
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count
from operator import ne

from reconciler.dnsdata.tokens import Fault, Logical, tokenize

from .directives import Include
from .fields import Fields, fields_of
from .generate import Generate


class Inherited(enum.Enum):
    """Where a record without a TTL has it from, when no $TTL of this file says it."""

    CHAIN = "chain"  # the record before it (RFC 1035 §5.1)
    OPAQUE = "opaque"  # a default that an included file may have changed
    UNSURE = "unsure"  # one of these two: an included file may have set a default


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The columns; index i is the i-th record of the file.

    owners are in the one form of `names`, types in that of `rrtypes`; a TTL that only an included
    file or nobody knows is None.  lines are physical and from 0, starts their offsets.
    origins and defaults hold (line, value in force from there), in order.
    """

    data: bytes
    starts: array[int]
    owners: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    ttls: list[int | None] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    origins: list[tuple[int, str]] = field(default_factory=list)
    defaults: list[tuple[int, int | Inherited]] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    generates: list[Generate] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def first(self) -> dict[str, int]:
        """The first record of each owner."""
        last = len(self.owners) - 1
        return dict(zip(reversed(self.owners), range(last, -1, -1), strict=True))

    @cached_property
    def _further(self) -> dict[str, list[int]]:
        """The records of each owner behind its first: most names have one record and need no list."""
        found: dict[str, list[int]] = {}
        # At C speed: in a long zone nearly every record is the first of its name.
        is_further = map(ne, map(self.first.__getitem__, self.owners), count())
        for index in compress(count(), is_further):
            found.setdefault(self.owners[index], []).append(index)
        return found

    @cached_property
    def _by_type(self) -> dict[str, list[int]]:
        return {}

    def of_type(self, rrtype: str) -> list[int]:
        """Return the records of one type, in the order of the file; collected once for each that is asked."""
        if rrtype not in self._by_type:
            # count() and index() run at C speed; most types that are asked for are few.
            found: list[int] = []
            for _ in range(self.types.count(rrtype)):
                found.append(self.types.index(rrtype, found[-1] + 1 if found else 0))
            self._by_type[rrtype] = found
        return self._by_type[rrtype]

    def of(self, owner: str) -> list[int]:
        """Return the records of one name, in the order of the file."""
        if owner not in self.first:
            return []
        return [self.first[owner], *self._further.get(owner, ())]

    def find(self, owner: str, rrtype: str) -> list[int]:
        """Return the records of one set, in the order of the file."""
        return [index for index in self.of(owner) if self.types[index] == rrtype]

    def line_of(self, offset: int) -> int:
        """Return the physical line, from 0, that holds the offset."""
        return bisect_right(self.starts, offset) - 1

    def logical(self, index: int) -> Logical:
        """Return the tokens of a record's line."""
        return tokenize(self.data, self.starts[self.lines[index]])

    def fields(self, index: int) -> Fields:
        """Return the parts of a record's line."""
        fields = fields_of(self.data, self.logical(index))
        assert not isinstance(fields, Fault), "a line with a fault is not among the records"
        return fields

    def is_blank_owner(self, index: int) -> bool:
        """Say whether a record inherits its owner."""
        return self.data[self.starts[self.lines[index]]] in b" \t"

    def origin_at(self, line: int) -> str:
        """Return the $ORIGIN in force at a physical line."""
        return self.origins[bisect_right(self.origins, line, key=lambda entry: entry[0]) - 1][1]

    def default_at(self, line: int) -> int | Inherited:
        """Return the TTL of a record at a physical line that writes none."""
        return self.defaults[bisect_right(self.defaults, line, key=lambda entry: entry[0]) - 1][1]

    def index_at(self, line: int) -> int:
        """Return the index of the first record at or after a physical line."""
        return bisect_right(self.lines, line - 1)
