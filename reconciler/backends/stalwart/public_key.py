"""The public half of a DKIM key, from the private key as the server keeps it.

The server would tell it (`GET /api/dkim/{id}`), one request a key; with 200 domains that is 400
requests for a plan.  Its own key generator writes RSA as PKCS#1 and Ed25519 as PKCS#8 version 2,
which has the public key in it (http/src/management/dkim.rs, 0.11 to 0.15).  The private key is
looked at here and kept nowhere.
"""

from __future__ import annotations

import base64
from typing import Final

from reconciler.mail.der import BIT_STRING, INTEGER, SEQUENCE, sequence

# SubjectPublicKeyInfo of RSA begins with this AlgorithmIdentifier (RFC 3279 §2.3.1): rsaEncryption, NULL.
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
_PUBLIC: Final = 0x81


def public_half(pem: str) -> str | None:
    """Return what stands in a record's `p=`: base64 of the SubjectPublicKeyInfo (RSA) or of the key (Ed25519).

    None where the text is no key that tells its public half, such as a macro or a PKCS#8 version 1 key.
    """
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or not lines[0].startswith("-----BEGIN"):
        return None
    try:
        der = base64.b64decode("".join(lines[1:-1]), validate=True)
        found = _rsa(der) if "RSA" in lines[0] else _ed25519(der)
    except ValueError:  # base64 and DER alike
        return None
    return None if found is None else base64.b64encode(found).decode()


def _rsa(der: bytes) -> bytes | None:
    """PKCS#1 RSAPrivateKey (RFC 8017 A.1.2): version, modulus, public exponent, ..."""
    parts = sequence(der)
    if len(parts) < 3 or any(part.tag != INTEGER for part in parts[:3]):
        return None
    key = _wrapped(SEQUENCE, parts[1].whole + parts[2].whole)
    return _wrapped(SEQUENCE, _RSA + _wrapped(BIT_STRING, b"\x00" + key))


def _ed25519(der: bytes) -> bytes | None:
    """OneAsymmetricKey (RFC 5958 §2): its last field, [1], is the public key as a bit string."""
    public = (part.content for part in sequence(der) if part.tag == _PUBLIC and len(part.content) == 33)
    return next((content[1:] for content in public), None)


def _wrapped(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    count = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | count)) + size.to_bytes(count, "big") + content
