"""CAA: which authorities may issue certificates for a name (RFC 8659, RFC 8657).

Before it signs, an authority asks for CAA at the name and, where there is none, at each parent:
the first set found counts, and no set at all means "anybody" (RFC 8659 §3).  `issue` names an
authority by its domain, `issuewild` does so for wildcard names alone and replaces `issue` there,
`iodef` says where to complain.  The value ";" names nobody.  A bit in the flags makes a property
critical: an authority that does not know it must refuse.  RFC 8657 adds parameters that narrow
`issue` to one account (`accounturi`) or to some ways of proof (`validationmethods`); a certificate
stops renewing on the day when the server gets a new account and the record does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reconciler.mail import rdata, txt
from reconciler.mail.errors import SyntaxProblem

CRITICAL = 128  # RFC 8659 §4.1: the highest bit

# RFC 8659 §4; issuevmc and issuemail (RFC 9495) say nothing of servers' certificates.
KNOWN_TAGS = frozenset(
    {"issue", "issuewild", "iodef", "contactemail", "contactphone", "issuevmc", "issuemail"}
)

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ISSUER = re.compile(rf"[ \t]*((?:{_LABEL}\.)*{_LABEL})?[ \t]*")
_PARAMETER = re.compile(rf"[ \t]*({_LABEL})[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)[ \t]*")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Caa:
    """tag is lower-case; value is the octets' text, without quotes."""

    flags: int = 0
    tag: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """What the value of `issue` or `issuewild` says; an empty domain is nobody."""

    domain: str
    parameters: Mapping[str, str]


def parse(data: str) -> Caa:
    """Return the record of zone file data such as `0 issue "letsencrypt.org"`."""
    flags, tag, value = rdata.fields(data, "flags", "tag", "value", standard="CAA")
    if not re.fullmatch(r"[A-Za-z0-9]{1,255}", tag.word):
        raise tag.wrong(f'"{tag.word}" is not a tag: letters and digits only.', "RFC 8659 §4.1")
    strings = txt.character_strings(value.word, standard="CAA", start=value.position)
    if len(strings) != 1:
        raise value.wrong(
            "The value is one string; put all of it between one pair of quotes.", "RFC 8659 §4.1.1"
        )
    return Caa(flags=rdata.number(flags, 0xFF), tag=tag.word.lower(), value=txt.join(s for s, _ in strings))


def text(record: Caa) -> str:
    """Return the data as a zone file holds it."""
    return f"{record.flags} {record.tag} {txt.quoted(txt.octets(record.value))}"


def issuer(value: str) -> Issuer:
    """Return what the value of `issue` or `issuewild` says (RFC 8659 §4.2)."""
    head = _ISSUER.match(value)
    at = head.end() if head else 0
    if head is None or value[at : at + 1] not in ("", ";"):
        raise SyntaxProblem(
            "Here the name of the authority must end; parameters follow after a semicolon.",
            standard="CAA",
            position=at,
            rfc="RFC 8659 §4.2",
        )
    parameters: dict[str, str] = {}
    at += 1
    while value[at:].strip(" \t"):
        found = _PARAMETER.match(value, at)
        if found is None or value[found.end() : found.end() + 1] not in ("", ";"):
            raise SyntaxProblem(
                "A parameter is written name=value, and a semicolon stands between two.",
                standard="CAA",
                position=at,
                rfc="RFC 8659 §4.2",
            )
        parameters[found[1].lower()] = found[2]
        at = found.end() + 1
    return Issuer(domain=(head[1] or "").lower(), parameters=parameters)


def permits(records: Collection[Caa], authority: str, *, wildcard: bool = False) -> bool:
    """Say whether an authority, such as `letsencrypt.org`, may issue under this record set.

    The caller has climbed to the set that counts.  Parameters are not judged: whether they fit is
    known to the authority and the server only.
    """
    if any(record.flags & CRITICAL and record.tag not in KNOWN_TAGS for record in records):
        return False  # RFC 8659 §4.1
    wild = [record for record in records if record.tag == "issuewild"]
    plain = [record for record in records if record.tag == "issue"]
    deciding = wild if wildcard and wild else plain  # RFC 8659 §4.3
    if not deciding:
        return True
    return any(_domain_of(record) == authority for record in deciding)


def _domain_of(record: Caa) -> str:
    """Return the authority's domain; a value that nobody can read names nobody (RFC 8659 §4.2)."""
    try:
        return issuer(record.value).domain
    except SyntaxProblem:
        return ""
