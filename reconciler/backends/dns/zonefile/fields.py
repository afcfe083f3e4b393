"""What the tokens of one logical line are: owner, TTL, class, type, data; or a directive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reconciler.dnsdata.names import BadData
from reconciler.dnsdata.tokens import Fault, Logical, Token
from reconciler.dnsdata.ttl import seconds

_MNEMONIC: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CLASS: Final = re.compile(r"(in|class0*1)|ch|chaos|hs|hesiod|none|any|class[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The tokens of one record.  owner is None where the line begins with a blank and inherits it."""

    line: Logical
    owner: Token | None
    ttl: Token | None
    rrclass: Token | None
    rrtype: Token
    rdata: tuple[Token, ...]


def text_of(data: bytes, token: Token) -> str:
    """Return the token, one character for each octet, without the quotes around it."""
    start, end = (token.start + 1, token.end - 1) if token.quoted else (token.start, token.end)
    return data[start:end].decode("latin-1")


def is_directive(data: bytes, line: Logical) -> bool:
    """Say whether the line is one of the $ kind.  They begin in the first column (BIND 9.18)."""
    first = line.tokens[0]
    return not first.quoted and data[first.start] == ord("$") and data[line.start] not in b" \t"


def fields_of(data: bytes, line: Logical) -> Fields | Fault:
    """Return the parts of a record's line, which has at least one token.

    TTL and class may stand in either order and each once (RFC 1035 §5.1); the order in which a
    token is tried as class, TTL and type is that of BIND 9.18.
    """
    if line.fault:
        return line.fault
    rest = list(line.tokens)
    owner = None if data[line.start] in b" \t" else rest.pop(0)
    rrclass = _take_class(data, rest)
    ttl = _take_ttl(data, rest)
    rrclass = rrclass or _take_class(data, rest)
    if not rest:
        return Fault(
            line.stop, "record without a type", "Write owner, TTL, class, type and data on one line."
        )
    rrtype = rest.pop(0)
    fault = _not_a_type(data, rrtype) or (rrclass and _not_the_internet(data, rrclass))
    if fault:
        return fault
    return Fields(line=line, owner=owner, ttl=ttl, rrclass=rrclass, rrtype=rrtype, rdata=tuple(rest))


def _take_class(data: bytes, rest: list[Token]) -> Token | None:
    if rest and not rest[0].quoted and _CLASS.fullmatch(text_of(data, rest[0])):
        return rest.pop(0)
    return None


def _take_ttl(data: bytes, rest: list[Token]) -> Token | None:
    if not rest or rest[0].quoted:
        return None
    try:
        seconds(text_of(data, rest[0]))
    except BadData:
        return None
    return rest.pop(0)


def _not_a_type(data: bytes, token: Token) -> Fault | None:
    text = text_of(data, token)
    if not token.quoted and text[:1].isdigit():
        try:
            seconds(text)
        except BadData as error:
            return Fault(token.start, "bad TTL", str(error))
        return Fault(token.start, "two TTLs on one record", "Keep one of them.")
    if token.quoted or not _MNEMONIC.fullmatch(text):
        return Fault(
            token.start,
            "no record type where one must stand",
            "A line that begins with a blank has no owner: it begins with TTL, class or type.",
        )
    if _CLASS.fullmatch(text):
        return Fault(token.start, "two classes on one record", "Keep one of them.")
    return None


def _not_the_internet(data: bytes, token: Token) -> Fault | None:
    match = _CLASS.fullmatch(text_of(data, token))
    if match and match[1]:
        return None
    return Fault(
        token.start, "class is not IN", "Only records of the class IN are managed; remove the record."
    )
