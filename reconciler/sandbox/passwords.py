"""Does a password match a stored secret?  The forms that Stalwart stores (directory/src/core/secret.rs).

Hashes that neither Python nor argon2-cffi can compute (bcrypt, crypt) are known by their
prefixes and never match; prefixes that the server itself does not know are UnusableHashError.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
from typing import Final

_NEVER_MATCHED: Final = ("$pbkdf2", "$scrypt", "$2", "$6$", "$5$", "$sha1", "$1", "_")
_DIGESTS: Final = {"SHA": "sha1", "SHA256": "sha256", "SHA512": "sha512"}


class UnusableHashError(ValueError):
    """The server cannot read this secret and answers 401 with realms."""


@functools.lru_cache(maxsize=256)
def matches(stored: str, password: str) -> bool:
    """True when the stored secret, in any of the forms, is that of the password.  Empty never matches."""
    if stored.startswith("$argon2"):
        return _matches_argon2(stored, password)
    if stored.startswith(_NEVER_MATCHED):
        return False
    if stored.startswith("$"):
        raise UnusableHashError
    if not stored.startswith("{"):
        return bool(stored) and stored == password
    scheme, closing, rest = stored[1:].partition("}")
    if not closing:
        raise UnusableHashError
    return _matches_scheme(scheme, rest, password)


def _matches_scheme(scheme: str, rest: str, password: str) -> bool:
    match scheme:
        case "PLAIN" | "plain" | "CLEAR" | "clear":
            return rest == password
        case "ARGON2" | "ARGON2I" | "ARGON2ID" | "PBKDF2":
            return matches(rest, password)
        case "CRYPT" | "crypt":
            return rest.startswith("$") and matches(rest, password)
        case "MD5":
            return _encoded("md5", password.encode()) == rest
        case _ if scheme in _DIGESTS:
            return _encoded(_DIGESTS[scheme], password.encode()) == rest
        case _ if scheme.startswith("S") and scheme[1:] in _DIGESTS:
            return _matches_salted(_DIGESTS[scheme[1:]], rest, password)
    raise UnusableHashError


def _encoded(algorithm: str, text: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, text, usedforsecurity=False).digest()).decode()


def _matches_salted(algorithm: str, rest: str, password: str) -> bool:
    try:
        stored = base64.b64decode(rest, validate=True)
    except binascii.Error:
        return False
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    salted = hashlib.new(algorithm, password.encode() + stored[size:], usedforsecurity=False)
    return salted.digest() == stored[:size]


def _matches_argon2(stored: str, password: str) -> bool:
    # Imported here: most runs of the sandbox never see a hash.
    import argon2

    try:
        return argon2.PasswordHasher().verify(stored, password)
    except (argon2.exceptions.InvalidHashError, argon2.exceptions.VerificationError):
        return False
