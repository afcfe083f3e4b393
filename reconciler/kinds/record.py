"""One DNS record.  Each value of a set is a resource of its own; what there can be one of only is known by its meaning.

    record/example.org/@/MX/10 mail.example.org.       one of several
    record/example.org/@/TXT/spf                       one at a name (RFC 7208 §4.5)
    record/example.org/www/CNAME                       one at a name (RFC 1034 §3.6.2)

So a changed SPF text is a change of one record, and a changed MX is one that comes and one that goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from reconciler.config.dns import Record as Written
from reconciler.config.normal import names as written_names
from reconciler.config.stack import Domain, Stack
from reconciler.dnsdata import data, names, strings
from reconciler.kinds.declared import Declared, Inexpressible, Unfit, as_it_is, is_line
from reconciler.resource import UNSET, Address, Pending, Role, Unset, role

APEX = "@"

# Where a TXT record has a meaning, by the first words of its text and its place in the zone.
_MEANINGS = (
    ("spf", "v=spf1", ""),
    ("dmarc", "v=dmarc1", "_dmarc."),
    ("dkim", "", "._domainkey."),
    ("tlsrpt", "v=tlsrptv1", "_smtp._tls."),
    ("mtasts", "v=stsv1", "_mta-sts."),
)

# Types of which a name may well have several that have nothing to do with one another.
ADDITIVE = frozenset({"TXT", "NS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """zone and owner are absolute with a dot at the end; value is canonical (dnsdata.data).

    made and made_ttl count when the record is made only: texts that never overrule people.  ttl is
    in seconds, UNSET where the stack does not say.
    """

    KIND: ClassVar[str] = "record"

    address: Address
    zone: str = role(Role.IDENTITY)
    owner: str = role(Role.IDENTITY)
    type: str = role(Role.IDENTITY)
    value: str | Pending | Unset = UNSET
    made: str | Unset = role(Role.FIXED, default=UNSET)
    ttl: int | Unset = UNSET
    made_ttl: int | Unset = role(Role.FIXED, default=UNSET)


def address_of(zone: str, owner: str, rrtype: str, value: str) -> Address:
    """Return the address of a record; names are absolute with a dot, value is canonical."""
    relative = APEX if owner == zone else names.relative(owner, zone)
    head = f"{zone.rstrip('.')}/{relative}/{rrtype}"
    if rrtype == "CNAME":
        return Address(Record.KIND, head)
    return Address(Record.KIND, f"{head}/{meaning(owner, rrtype, value) or value}")


class RecordSet(NamedTuple):
    """All records of one name and type; names are absolute with a dot."""

    zone: str
    owner: str
    type: str


class Parts(NamedTuple):
    """The parts of a record's address, as they stand in it: the name is relative; a CNAME has no value."""

    zone: str
    name: str
    type: str
    value: str


def parts_of(address: Address) -> Parts | None:
    """Return the parts of an address; None where it is not that of a record.

    Names are in lower case and types in capitals, so the type is found behind names with a slash in
    them too (RFC 2317: `0/25.2.0.192.in-addr.arpa` is a zone, `0/25` a name in the one above it).  Where
    the zone ends nothing says; it ends with the first word that has a dot, as all zones but a few have.
    """
    if address.kind != Record.KIND:
        return None
    zone, name, rrtype, value = [*address.name.split("/", 3), "", "", ""][:4]
    if rrtype.isupper() and "." in zone:
        return Parts(zone, name, rrtype, value)  # nearly all are so
    words = address.name.split("/")
    at = next((i for i, word in enumerate(words) if i > 1 and word.isupper()), 0)
    if not at:
        return None
    dotted = next((i for i, word in enumerate(words[: at - 1]) if "." in word), 0)
    before, after = words[dotted + 1 : at], words[at + 1 :]
    return Parts("/".join(words[: dotted + 1]), "/".join(before), words[at], "/".join(after))


def set_of(address: Address) -> RecordSet | None:
    """Return the set that an address is about; None where it is not that of a record."""
    parts = parts_of(address)
    if parts is None:
        return None
    apex = absolute(parts.zone)
    return RecordSet(apex, apex if parts.name == APEX else names.absolute(parts.name, apex), parts.type)


def meaning(owner: str, rrtype: str, value: str) -> str:
    """Return what a TXT record is for, where there can be one of it only; else nothing."""
    if rrtype != "TXT":
        return ""
    text = text_of(value).lower()
    for word, start, place in _MEANINGS:
        if text.startswith(start) and (owner.startswith(place) if place[:1] != "." else place in owner):
            if word != "spf" or text in ("v=spf1",) or text.startswith("v=spf1 "):
                return word
    return ""


def stands_against(present: Record, wanted: Record) -> bool:
    """Can the two not be at one name together, or would the first change what the second says?"""
    if "CNAME" in (present.type, wanted.type):
        return present.type not in ("RRSIG", "NSEC")
    if present.type != wanted.type:
        return False
    if present.type not in ADDITIVE:
        return True
    mine = wanted.address.name.rpartition("/")[2]
    return isinstance(present.value, str) and meaning(present.owner, present.type, present.value) == mine


def text_of(value: str) -> str:
    """Return the text of canonical TXT data: its strings joined.  Other octets than UTF-8 become U+FFFD."""
    try:
        return b"".join(strings.octets_of(token) for token in strings.split(value)).decode("utf-8", "replace")
    except names.BadData:
        return ""


def record(
    zone: str,
    owner: str,
    rrtype: str,
    value: str,
    *,
    ttl: int | Unset = UNSET,
    made_ttl: int | None = None,
    by_default: bool = False,
) -> Record:
    """Return a desired record.  by_default: the value is given to a new record and never overrules a live one."""
    return Record(
        address=address_of(zone, owner, rrtype, value),
        zone=zone,
        owner=owner,
        type=rrtype,
        value=UNSET if by_default else value,
        made=value,
        ttl=ttl,
        made_ttl=UNSET if made_ttl is None else made_ttl,
    )


def declared(stack: Stack) -> Iterator[Declared]:
    """Yield the records that the stack writes out, of domains whose zone file is known."""
    for domain in stack.domains.values():
        for written in domain.dns.records:
            yield Declared(resource=_written(written, domain), at=written.at)


def _written(written: Written, domain: Domain) -> Record:
    zone = absolute(domain.dns.zone)
    try:
        value = data.declared(written.type, written.value, zone)
    except names.BadData as error:
        raise Unfit(
            at=(*written.at, "value"), summary=f"this is no {written.type} record", detail=str(error)
        ) from None
    ttl = UNSET if written.ttl is None else written.ttl
    return record(zone, absolute(written.name), written.type, value, ttl=ttl, made_ttl=domain.dns.ttl)


def absolute(name: str) -> str:
    """Return a name of the stack (no dot at its end) as zone files have it."""
    return names.absolute(f"{name}.", ".")


def entry(found: Record, ttl: int | None = None) -> Written:
    """Return the entry of `dns.records` that declares a live record; ttl is the one that needs no word.

    Raises Inexpressible.
    """
    name = found.owner.removesuffix(".")
    if f"{name}." != found.owner or not as_it_is(_owner, name):
        raise Inexpressible("its name has characters that a stack does not take")
    if address_of(found.zone, found.owner, found.type, str(found.value)) != found.address:
        raise Inexpressible("there can be one of its kind only, and the zone has several")
    own = found.ttl if isinstance(found.ttl, int) and found.ttl != ttl else None
    return Written(name=name, type=found.type, value=_value_text(found), ttl=own)


def _owner(name: str) -> str:
    return written_names.owner(f"{name}.", "")


def _value_text(found: Record) -> str:
    """Return the value as a person writes it, which the way forward reads as just this datum."""
    for text in _texts(found.type, str(found.value)):
        if text and text == text.strip() and is_line(text) and _declares(found, text):
            return text
    raise Inexpressible(f"a stack has no text for its data of the type {found.type}")


def _texts(rrtype: str, value: str) -> Iterator[str]:
    """Yield what may say this datum, the form that people like best first."""
    if rrtype == "TXT":
        yield text_of(value)
    yield value
    yield _generic(rrtype, value)


def _declares(found: Record, text: str) -> bool:
    try:
        return data.declared(found.type, text, found.zone) == found.value
    except names.BadData:
        return False


def _generic(rrtype: str, value: str) -> str:
    """Return the form that stands for the data of any type (RFC 3597 §5)."""
    from reconciler.dnsdata import rdata

    try:
        octets = rdata.wire(rrtype, value)
    except names.BadData:
        return ""
    return f"\\# {len(octets)} {octets.hex()}".rstrip()
