"""Just enough DER (X.690) to find a public key: in a DKIM record, in a certificate.

DER writes every value as a tag octet, a length and the content; a SEQUENCE's content is values
again.  Nothing is interpreted that is only passed by.
"""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, BIT_STRING, SEQUENCE, VERSION = 0x02, 0x03, 0x30, 0xA0

_RSA = bytes.fromhex("06092a864886f70d010101")  # OID 1.2.840.113549.1.1.1, RFC 8017 appendix A.1


class DerError(ValueError):
    """The octets are not the DER that was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One value: whole is its encoding with tag and length, content what the length covers."""

    tag: int
    whole: bytes
    content: bytes


def elements(data: bytes) -> tuple[Element, ...]:
    """Return the values that follow one another in the octets."""
    found, at = [], 0
    while at < len(data):
        start, at = at, at + 2
        length = data[start + 1] if at <= len(data) else 0
        if length & 0x80:  # the long form: that many octets hold the length
            size = length & 0x7F
            if not 1 <= size <= 4 or at + size > len(data):
                raise DerError("a length that is none")
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise DerError("it ends too early")
        found.append(
            Element(tag=data[start], whole=data[start : at + length], content=data[at : at + length])
        )
        at += length
    return tuple(found)


def sequence(data: bytes) -> tuple[Element, ...]:
    """Return what is in the one SEQUENCE that the octets are."""
    outer = elements(data)
    if len(outer) != 1 or outer[0].tag != SEQUENCE:
        raise DerError("it is not one SEQUENCE")
    return elements(outer[0].content)


def rsa_bits(key: bytes) -> int:
    """Return the modulus size of an RSA key in a SubjectPublicKeyInfo (RFC 3279 §2.3.1)."""
    parts = sequence(key)
    if [part.tag for part in parts] == [INTEGER, INTEGER]:
        raise DerError("it is a bare RSAPublicKey, without the SubjectPublicKeyInfo around it")
    if [part.tag for part in parts] != [SEQUENCE, BIT_STRING] or not parts[0].content.startswith(_RSA):
        raise DerError("it is not the SubjectPublicKeyInfo of an RSA key")
    numbers = sequence(parts[1].content[1:])  # the first octet counts the unused bits: none
    if [part.tag for part in numbers] != [INTEGER, INTEGER]:
        raise DerError("the RSA key in it is not two numbers")
    return int.from_bytes(numbers[0].content, "big").bit_length()


def public_key_of(certificate: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of a certificate, as it stands there (RFC 5280 §4.1)."""
    parts = sequence(certificate)
    if not parts:
        raise DerError("it is not a certificate")
    fields = sequence(parts[0].whole)
    # The version is left out of version 1 certificates; then: serial, algorithm, issuer, validity, subject.
    first = 1 if fields and fields[0].tag == VERSION else 0
    if len(fields) <= first + 5 or fields[first + 5].tag != SEQUENCE:
        raise DerError("it is not a certificate")
    return fields[first + 5].whole
