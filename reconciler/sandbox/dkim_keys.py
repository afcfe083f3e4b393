"""DKIM key pairs in the forms that Stalwart stores and shows, without a cryptography library.

Public halves are computed from stored private keys for real, so a key that a user brings along
reads as on a server.  What the sandbox makes itself looks right and signs nothing: the modulus
of its RSA keys is a number with no known factors.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

_RSA_BITS: Final = 2048
_EXPONENT: Final = 65537
_LINE: Final = 65  # characters, not the usual 64 (crates/http/src/management/dkim.rs:194, v0.15.5)

# DER: AlgorithmIdentifier of RFC 3279 §2.3.1 (RSA), with its NULL parameters; of RFC 8410 §3 (Ed25519).
_RSA_ALGORITHM: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_ED25519_PRIVATE: Final = bytes.fromhex("3051020101300506032b657004220420")
_ED25519_PUBLIC: Final = bytes.fromhex("812100")

# RFC 8032 §5.1: the field, the constant of the curve, and the base point.
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_BASE: Final = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


class UnreadableKeyError(ValueError):
    """The stored private key is not one of these."""


def made_key(algorithm: str, seed: str) -> str:
    """Return a private key in PEM, the same for the same seed.  algorithm: Rsa or Ed25519."""
    digest = hashlib.sha256(seed.encode()).digest()
    if algorithm == "Ed25519":
        return _pem("PRIVATE KEY", _ED25519_PRIVATE + digest + _ED25519_PUBLIC + _ed25519_public(digest))
    stream = b"".join(hashlib.sha256(digest + bytes([part])).digest() for part in range(24))
    modulus = int.from_bytes(stream[:256], "big") | 1 << (_RSA_BITS - 1) | 1
    # Where d, p, q and their kin stand in a real key there is only something to fill the place.
    rest = [int.from_bytes(stream[256 + 64 * part : 384 + 64 * part], "big") | 1 for part in range(6)]
    return _pem("RSA PRIVATE KEY", _sequence(*(_integer(n) for n in (0, modulus, _EXPONENT, *rest))))


def public_key(algorithm: str, pem: str) -> str:
    """Return what `p=` says of a private key (RFC 6376 §3.6.1, RFC 8463 §4).  algorithm: rsa or ed25519."""
    lines = [line for line in pem.split("\n") if line and not line.startswith("-")]
    try:
        der = base64.b64decode("".join(lines), validate=True)
        public = _rsa_public(der) if algorithm == "rsa" else _ed25519_public(_ed25519_seed(der))
    except (binascii.Error, IndexError) as error:
        raise UnreadableKeyError from error
    return base64.b64encode(public).decode()


def _pem(label: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([128 | len(octets)]) + octets


def _sequence(*parts: bytes) -> bytes:
    content = b"".join(parts)
    return b"\x30" + _length(len(content)) + content


def _integer(number: int) -> bytes:
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + _length(len(octets)) + octets


def _element(der: bytes, at: int) -> tuple[int, bytes, int]:
    """Return tag and content of the DER element at that place, and where the next one is."""
    tag, size, start = der[at], der[at + 1], at + 2
    if size & 128:
        start += size & 127
        size = int.from_bytes(der[at + 2 : start], "big")
    if start + size > len(der):
        raise UnreadableKeyError
    return tag, der[start : start + size], start + size


def _elements(der: bytes) -> list[tuple[int, bytes]]:
    tag, content, _ = _element(der, 0)
    if tag != 0x30:
        raise UnreadableKeyError
    found, at = [], 0
    while at < len(content):
        tag, value, at = _element(content, at)
        found.append((tag, value))
    return found


def _rsa_public(der: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of a PKCS #1 key, or of one wrapped in PKCS #8."""
    parts = _elements(der)
    if parts[1][0] == 0x30:
        parts = _elements(parts[2][1])
    modulus, exponent = (_integer(int.from_bytes(value, "big")) for _, value in parts[1:3])
    bits = b"\x00" + _sequence(modulus, exponent)
    return _sequence(_RSA_ALGORITHM, b"\x03" + _length(len(bits)) + bits)


def _ed25519_seed(der: bytes) -> bytes:
    """Return the 32 bytes in a PKCS #8 key (RFC 8410 §7: an OCTET STRING in an OCTET STRING)."""
    tag, seed, _ = _element(_elements(der)[2][1], 0)
    if tag != 0x04 or len(seed) != 32:
        raise UnreadableKeyError
    return seed


def _ed25519_public(seed: bytes) -> bytes:
    """Return the public key of a seed (RFC 8032 §5.1.5)."""
    scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    scalar = scalar & ~7 & (1 << 254) - 1 | 1 << 254
    total, point = (0, 1, 1, 0), (*_BASE, 1, _BASE[0] * _BASE[1] % _P)
    while scalar:
        if scalar & 1:
            total = _added(total, point)
        point, scalar = _added(point, point), scalar >> 1
    inverse = pow(total[2], -1, _P)
    x, y = total[0] * inverse % _P, total[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _added(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return the sum of two points in extended coordinates (RFC 8032 §5.1.4)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g = 2 * a[3] * b[3] * _D % _P
    h = 2 * a[2] * b[2] % _P
    return (f - e) * (h - g) % _P, (h + g) * (f + e) % _P, (h - g) * (h + g) % _P, (f - e) * (f + e) % _P
