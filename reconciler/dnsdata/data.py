"""What a datum means: one canonical text for each, and the words for what is wrong with one.

The canonical text is zone-file text with absolute names.  It does not depend on how the datum was
written: names in lower case, TXT strings joined (and in one pair of quotes, however long),
addresses in their one form, numbers without leading zeros.  It is the value in addresses and the
base of the marks.  The types of a mail domain are read here; the others by dnspython (`rdata`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from . import names, rrtypes, strings
from .names import BadData, shown

# What a stack may declare in its own words.  Everything else takes the generic form of RFC 3597.
DECLARABLE: Final = (
    "A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
)  # fmt: skip

_REFUSED: Final = {
    "SOA": "mailstack changes nothing in it but the serial",
    "RRSIG": "signatures are the name server's",
    "NSEC": "signatures are the name server's",
    "NSEC3": "signatures are the name server's",
}
# For the types whose parser says little of what it wants.
_FORMS: Final = {
    "HTTPS": 'priority, name and parameters, such as 1 . alpn="h2,h3"',
    "NAPTR": 'order, preference, flags, service, expression and name, such as 10 50 "s" "SIP+D2U" "" _sip._udp',
    "SSHFP": "algorithm, fingerprint type and its hex digits, as `ssh-keygen -r` writes them",
    "SVCB": "priority, name and parameters, such as 1 svc port=8443",
}
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_TAG: Final = re.compile(r"[A-Za-z0-9]+")
_QUAD: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def canonical(rrtype: str, text: str, origin: str) -> str:
    """Return the canonical text of rdata that stands in a zone file under that $ORIGIN.

    Canonical text comes back as it is.  Raises BadData.
    """
    reader = _READERS.get(rrtype)
    tokens = strings.split(text)
    if reader is None or tokens[:1] == ["\\#"]:
        from . import rdata

        return rdata.canonical(rrtype, text, origin)
    return reader(tokens, origin)


def declared(rrtype: str, value: str, zone: str) -> str:
    """Return the canonical text of a value as people write it in a stack.  Raises BadData.

    A TXT value that does not begin with a quote is the text itself, blanks and semicolons
    included.  Names are relative to the zone only when they are one label: a name with dots and
    none at its end would silently get the zone appended, and nobody wants that.
    """
    if rrtype in _REFUSED:
        raise BadData(f"A record of the type {rrtype} cannot be declared: {_REFUSED[rrtype]}.")
    if not rrtypes.is_known(rrtype):
        raise BadData(f"{shown(rrtype)} is not a record type; a new one is written TYPE and its number.")
    value = value.strip()
    if rrtype == "TXT" and not value.startswith(('"', "\\#")):
        return strings.quoted(value.encode("utf-8"))
    if not value.isascii():
        raise BadData(f"{shown(value)} is not ASCII; write a name in its xn-- form.")
    if rrtype not in DECLARABLE and not value.startswith("\\#"):
        raise BadData(
            f"Data of the type {rrtype} are declared in the generic form: \\# length hex (RFC 3597)."
        )
    _refuse_half_absolute(rrtype, value, zone)
    try:
        return canonical(rrtype, value, zone)
    except BadData as error:
        if rrtype not in _FORMS:
            raise
        raise BadData(f"{error} Its form is {_FORMS[rrtype]}") from error


def _refuse_half_absolute(rrtype: str, value: str, zone: str) -> None:
    position = NAME_AT.get(rrtype)
    tokens = strings.split(value)
    if position is None or len(tokens) <= position or tokens[0] == "\\#":
        return
    name = tokens[position]
    if rrtype in ("CNAME", "NS", "MX", "SRV") and (_QUAD.fullmatch(name) or ":" in name):
        raise BadData(f"{shown(name)} is an address; {rrtype} needs a name, which has an A or AAAA record.")
    if "." in name and not name.endswith("."):
        raise BadData(
            f"{shown(name)} has no dot at its end, so it would mean {name}.{zone} "
            f"Did you mean {shown(name + '.')}?"
        )


def _fields(tokens: list[str], count: int, shape: str) -> list[str]:
    if len(tokens) != count:
        raise BadData(f"{shown(' '.join(tokens))} does not have the form: {shape}")
    return tokens


def _number(token: str, limit: int, what: str) -> str:
    if not (token.isascii() and token.isdigit()) or int(token) > limit:
        raise BadData(f"{shown(token)} is not a {what}, a number up to {limit}.")
    return str(int(token))


def _a(tokens: list[str], _origin: str) -> str:
    (text,) = _fields(tokens, 1, "one IPv4 address, such as 192.0.2.1")
    octets = text.split(".")
    if _QUAD.fullmatch(text) and all(int(octet) < 256 and octet == str(int(octet)) for octet in octets):
        return text
    hint = " It looks like IPv6, whose type is AAAA." if ":" in text else ""
    raise BadData(f"{shown(text)} is not an IPv4 address.{hint}")


def _aaaa(tokens: list[str], _origin: str) -> str:
    (text,) = _fields(tokens, 1, "one IPv6 address, such as 2001:db8::1")
    import ipaddress

    try:
        if "%" not in text:
            return str(ipaddress.IPv6Address(text))
    except ValueError:
        pass
    hint = " It looks like IPv4, whose type is A." if _QUAD.fullmatch(text) else ""
    raise BadData(f"{shown(text)} is not an IPv6 address.{hint}")


def _name(tokens: list[str], origin: str) -> str:
    (text,) = _fields(tokens, 1, "one name, such as www.example.org.")
    return names.absolute(text, origin)


def _mx(tokens: list[str], origin: str) -> str:
    preference, host = _fields(tokens, 2, "preference and name, such as 10 mail.example.org.")
    return f"{_number(preference, 65535, 'preference')} {names.absolute(host, origin)}"


def _srv(tokens: list[str], origin: str) -> str:
    *numbers, target = _fields(
        tokens, 4, "priority, weight, port and name, such as 0 1 993 mail.example.org."
    )
    kinds = ("priority", "weight", "port")
    head = " ".join(_number(text, 65535, kind) for text, kind in zip(numbers, kinds, strict=True))
    return f"{head} {names.absolute(target, origin)}"


def _txt(tokens: list[str], _origin: str) -> str:
    if not tokens:
        raise BadData("A TXT record needs at least one string.")
    octets = [strings.octets_of(token) for token in tokens]
    # Longer strings are read, not refused: the writer splits them, and `check` finds them in a file.
    return strings.quoted(b"".join(octets))


def _caa(tokens: list[str], _origin: str) -> str:
    flags, tag, value = _fields(tokens, 3, 'flags, tag and value, such as 0 issue "letsencrypt.org"')
    if not _TAG.fullmatch(tag):
        raise BadData(f"{shown(tag)} is not a CAA tag; issue, issuewild and iodef are the usual ones.")
    # RFC 8659 §4.1: tags are compared without case.
    return f"{_number(flags, 255, 'flag octet')} {tag.lower()} {strings.quoted(strings.octets_of(value))}"


def _tlsa(tokens: list[str], _origin: str) -> str:
    if len(tokens) < 4:
        _fields(tokens, 4, "usage, selector, matching type and hex digits, such as 3 1 1 0123abcd...")
    kinds = ("usage", "selector", "matching type")
    head = " ".join(_number(text, 255, kind) for text, kind in zip(tokens[:3], kinds, strict=True))
    digits = "".join(tokens[3:])
    if not _HEX.fullmatch(digits):
        raise BadData(f"{shown(digits)} is not an even number of hex digits.")
    return f"{head} {digits.lower()}"


_READERS: Final[dict[str, Callable[[list[str], str], str]]] = {
    "A": _a, "AAAA": _aaaa, "CAA": _caa, "CNAME": _name, "MX": _mx, "NS": _name, "PTR": _name,
    "SRV": _srv, "TLSA": _tlsa, "TXT": _txt,
}  # fmt: skip

# Where the name stands among the tokens, for the types whose names may be written relative.
NAME_AT: Final = {"CNAME": 0, "HTTPS": 1, "MX": 1, "NAPTR": 5, "NS": 0, "PTR": 0, "SRV": 3, "SVCB": 1}


def fingerprint(owner: str, rrtype: str, value: str) -> str:
    """Return what a mark's check digits are made from: owner, type and canonical datum.

    The text of the types that dnspython reads may change with its version; their octets do not.
    A datum that nobody can read (a live one of an unknown type) stands for itself.
    """
    if rrtype not in _READERS:
        from . import rdata

        try:
            value = rdata.wire(rrtype, value).hex()
        except BadData:
            pass
    return f"{owner} {rrtype} {value}"
