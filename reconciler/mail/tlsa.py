"""TLSA: the key that a mail host's TLS will show, published in DNS (RFC 6698, RFC 7671, RFC 7672).

DANE lets a sender check the receiver's certificate against DNS instead of a list of authorities;
it counts only where DNSSEC protects the MX host's zone (RFC 7672 §2.2).  The record stands at
`_25._tcp.<mx host>` and has four parts.  Usage: 3 pins the host's own certificate, 2 an authority
above it; 0 and 1 are not for SMTP (RFC 7672 §3.1.3).  Selector: 1 the public key, 0 the whole
certificate, which changes with every renewal.  Matching: 1 a SHA-256 digest, 2 SHA-512, 0 the
octets themselves.  `3 1 1` is the one to have, and it stays right for as long as the key does; the
next key's record must be out before the key is used (RFC 7671 §8.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from reconciler.mail import der, rdata
from reconciler.mail.errors import SyntaxProblem

_DIGEST_OCTETS = {1: 32, 2: 64}
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tlsa:
    """data is a digest, or with matching 0 the thing itself."""

    usage: int
    selector: int
    matching: int
    data: bytes


def owner(host: str, port: int = 25) -> str:
    """Return the name of the records for a host's port."""
    return f"_{port}._tcp.{host}"


def parse(data: str) -> Tlsa:
    """Return the record of zone file data such as `3 1 1 8d02…`; blanks among the digits are allowed."""
    usage, selector, matching, digits = rdata.fields(
        data, "usage", "selector", "matching", "data", standard="TLSA"
    )
    joined = re.sub(r"[ \t]", "", digits.word)
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", joined):
        raise digits.wrong("The data is pairs of hexadecimal digits.", "RFC 6698 §2.2")
    record = Tlsa(
        usage=rdata.number(usage, 0xFF),
        selector=rdata.number(selector, 0xFF),
        matching=rdata.number(matching, 0xFF),
        data=bytes.fromhex(joined),
    )
    expected = _DIGEST_OCTETS.get(record.matching, len(record.data))
    if len(record.data) != expected:
        raise digits.wrong(
            f"The digest has {len(record.data)} octets; with matching {record.matching} it has {expected}.",
            "RFC 6698 §2.1.3",
        )
    return record


def text(record: Tlsa) -> str:
    """Return the data as a zone file holds it."""
    return f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"


def certificates(pem: str) -> tuple[bytes, ...]:
    """Return the DER of each certificate in a PEM text (RFC 7468), in its order: the host's own is first."""
    found = []
    for block in _PEM.finditer(pem.encode("ascii", "replace")):
        try:
            found.append(base64.b64decode(b"".join(block[1].split()), validate=True))
        except binascii.Error as error:
            raise _not_a_certificate("the PEM block is not base64", block.start()) from error
    if not found:
        raise _not_a_certificate('there is no "-----BEGIN CERTIFICATE-----" with its end', 0)
    return tuple(found)


def of_certificate(certificate: bytes, *, usage: int = 3) -> Tlsa:
    """Return `3 1 1`, or `2 1 1` for an authority's certificate: the digest of the public key."""
    try:
        key = der.public_key_of(certificate)
    except der.DerError as error:
        raise _not_a_certificate(str(error), 0) from error
    return Tlsa(usage=usage, selector=1, matching=1, data=hashlib.sha256(key).digest())


def _not_a_certificate(why: str, position: int) -> SyntaxProblem:
    return SyntaxProblem(
        f"This is not a certificate: {why}.", standard="TLSA", position=position, rfc="RFC 7468 §5"
    )
