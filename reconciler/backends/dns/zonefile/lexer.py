"""Finds the records of a zone file: owner, TTL and type of each, without reading its data.

A file of 100,000 records must not cost more than its name server needs to load it, so there are
two ways.  One regular expression over the lower-case text takes a whole chunk of lines at C
speed: plain records, blank lines and comments.  Every other line (parentheses, escapes,
directives, faults) goes through `tokens`, one at a time.  What is kept are columns, one entry a
record, and no object for any record; the bytes of a line are looked at again when somebody asks.
"""

from __future__ import annotations

import re
from array import array
from itertools import accumulate, count
from operator import add
from typing import Final

from reconciler.dnsdata import names, rrtypes, ttl
from reconciler.dnsdata.tokens import Fault, Logical, tokenize

from .directives import include_of, keyword, origin_of, ttl_of
from .fields import Fields, fields_of, is_directive, text_of
from .generate import generate_of
from .scan import Inherited, Scan

_TTL: Final = r"([0-9]{1,3}(?:[0-9]{0,6}|[dhmsw](?:[0-9]{1,3}[dhmsw]){0,2}))[ \t]++"

# One match for each physical line.  Groups: owner, TTL before and after the class, type; the
# fifth is the first character of a line that the pattern does not understand.
_LINE: Final = re.compile(
    rf"""(@|[a-z0-9_.*/-]*+)[ \t]++ (?:{_TTL})?+ (?:in[ \t]++(?:{_TTL})?+)?+
        ([a-z][a-z0-9-]*+)(?=[ \t])
        [^"();\\\r\n]*+ (?:\n | (?:"[^"\\\r\n]*+"[^"();\\\r\n]*+)*+ (?:;[^\r\n]*+)?+ \r?+\n)
      | [ \t]*+(?:;[^\r\n]*+)?+\r?+\n
      | ([^\n])[^\n]*+\n
    """,
    re.VERBOSE,
)
_CHUNK: Final = 1 << 16

# The types that need no thought, by their text in lower case.  An SOA may set the default TTL.
_PLAIN_TYPES: Final = {name.lower(): name for name in rrtypes.NUMBERS if name != "SOA"}

_Row = tuple[str, str, str, str, str]


def scan(data: bytes, origin: str) -> Scan:
    """Return the records and directives of a file that is read under that origin.  Never raises."""
    ends = accumulate(map(len, data.split(b"\n")), initial=0)
    starts = array("Q", map(add, ends, count()))  # each line is one longer, by its newline
    reader = _Reader(Scan(data=data, starts=starts), origin)
    # Lower-case in ASCII only, one character for each octet: offsets stay those of the file.
    text = data.lower().decode("latin-1") + "\n"
    position = 0
    while position < len(text):
        end = text.find("\n", position + _CHUNK) + 1 or len(text)
        reader.take(_LINE.findall(text, position, end))
        position = end
    return reader.found


def _suffix(origin: str) -> str:
    return "." + origin if origin != "." else "."


class _Reader:
    """What is in force at the line that is read: origin, owner, TTL."""

    def __init__(self, found: Scan, origin: str) -> None:
        self.found = found
        self.origin = origin
        self.owner = ""
        self.inherited: int | None = None  # the TTL of a record that writes none
        self.default: int | Inherited = Inherited.CHAIN
        self.line = 0  # the next physical line
        self.skip = 0  # lines before this one belong to a logical line that was read
        found.origins.append((0, origin))
        found.defaults.append((0, self.default))

    def take(self, rows: list[_Row]) -> None:
        """Read a chunk of lines.  This loop is the hot one: only plain records stay in it."""
        found = self.found
        add_owner, add_type = found.owners.append, found.types.append
        add_ttl, add_line = found.ttls.append, found.lines.append
        known = _PLAIN_TYPES.get
        current, inherited = self.owner, self.inherited
        suffix = _suffix(self.origin)
        for number, (owner, early, late, rrtype, odd) in enumerate(rows, self.line):
            if number < self.skip:
                continue
            if rrtype:
                name = known(rrtype)
                if name is None or not (owner or current) or (early and late):
                    odd = rrtype
                else:
                    if owner:
                        current = (
                            owner if owner[-1] == "." else owner + suffix if owner != "@" else self.origin
                        )
                    seconds = inherited
                    if early or late:
                        seconds = ttl.seconds(early or late)
                        if self.default is Inherited.CHAIN:
                            inherited = seconds
                    add_owner(current)
                    add_type(name)
                    add_ttl(seconds)
                    add_line(number)
            if odd:
                self.owner, self.inherited = current, inherited
                self.read(number)
                current, inherited = self.owner, self.inherited
                suffix = _suffix(self.origin)
        self.owner, self.inherited = current, inherited
        self.line += len(rows)

    def read(self, number: int) -> None:
        """Read the logical line that begins at a physical line, the slow way."""
        data = self.found.data
        line = tokenize(data, self.found.starts[number])
        self.skip = number + line.lines
        fault = line.fault
        if fault is None and line.tokens:
            if is_directive(data, line):
                fault = self.obey(number, line)
            else:
                fields = fields_of(data, line)
                fault = fields if isinstance(fields, Fault) else self.add(number, fields)
        if fault is not None:
            self.found.faults.append(fault)

    def add(self, number: int, fields: Fields) -> Fault | None:
        """Add one record to the columns."""
        data, found = self.found.data, self.found
        if fields.owner is not None:
            try:
                self.owner = names.absolute(text_of(data, fields.owner), self.origin)
            except names.BadData as error:
                return Fault(fields.owner.start, "bad name", str(error))
        elif not self.owner:
            return Fault(fields.line.start, "no owner to inherit", "The first record must write its owner.")
        rrtype = rrtypes.normal(text_of(data, fields.rrtype))
        seconds = self.inherited
        if fields.ttl is not None:
            seconds = ttl.effective(ttl.seconds(text_of(data, fields.ttl)))
            if self.default is Inherited.CHAIN:
                self.inherited = seconds
        elif rrtype == "SOA" and self.inherited is None and self.default is Inherited.CHAIN:
            seconds = self.take_minimum(number, fields)
        found.owners.append(self.owner)
        found.types.append(rrtype)
        found.ttls.append(seconds)
        found.lines.append(number)
        return None

    def take_minimum(self, number: int, fields: Fields) -> int | None:
        """Set the default TTL to the SOA's last number, as BIND 9.18 does where there is no TTL at all."""
        try:
            seconds = ttl.effective(ttl.seconds(text_of(self.found.data, fields.rdata[-1])))
        except (names.BadData, IndexError):
            return None
        self.set_default(number, seconds)
        return seconds

    def set_default(self, number: int, default: int | Inherited) -> None:
        self.default = default
        self.inherited = default if isinstance(default, int) else None
        self.found.defaults.append((number, default))

    def obey(self, number: int, line: Logical) -> Fault | None:
        """Do what a directive says.  BIND does nothing for $DATE."""
        data, word = self.found.data, keyword(self.found.data, line)
        if line.stop == line.end and word != "$INCLUDE":
            # BIND 9.18 calls this "extra input text" and does not load the file.
            return Fault(line.start, "no newline behind a directive", "End the last line with a newline.")
        if word == "$ORIGIN":
            origin = origin_of(data, line, self.origin)
            if isinstance(origin, Fault):
                return origin
            self.origin = origin
            self.found.origins.append((number, origin))
        elif word == "$TTL":
            seconds = ttl_of(data, line)
            if isinstance(seconds, Fault):
                return seconds
            self.set_default(number, seconds)
        elif word == "$INCLUDE":
            include = include_of(data, line, number + 1, self.origin)
            if isinstance(include, Fault):
                return include
            self.found.includes.append(include)
            chained = self.default in (Inherited.CHAIN, Inherited.UNSURE)
            self.set_default(number, Inherited.UNSURE if chained else Inherited.OPAQUE)
        elif word == "$GENERATE":
            generate = generate_of(data, line, number + 1, self.origin)
            if isinstance(generate, Fault):
                return generate
            self.found.generates.append(generate)
            if generate.ttl is not None and self.default is Inherited.CHAIN:
                self.inherited = generate.ttl
        elif word != "$DATE":
            return Fault(line.start, "unknown directive", "$ORIGIN, $TTL, $INCLUDE and $GENERATE are known.")
        return None
