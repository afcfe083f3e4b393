"""DKIM: the public key with which receivers check a domain's signatures (RFC 6376, RFC 8301, RFC 8463).

The server signs every mail and names a domain and a *selector*; the receiver fetches the key from
`<selector>._domainkey.<domain>` and checks.  Selectors let several keys live side by side, so that
a key can change without a gap.  In the record `k` is the algorithm (rsa, ed25519), `p` the key in
base64, and an empty `p` says that the key is revoked.  `h` limits the hashes, `s` what the key is
for, `t=y` says "only testing" (receivers treat a bad signature as none), `t=s` forbids sub-domains.
An RSA key under 1024 bits counts for nothing, 2048 is usual (RFC 8301 §3.2).  Not every receiver
knows ed25519 yet, so it stands beside an RSA key, not instead of one.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from reconciler.mail import der, tags
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.tags import Tag

EVERYTHING = frozenset({"*"})  # the default of `s`: the key serves all services

_WORD = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?|\*")
_TAGS = frozenset("vkhstnp")  # RFC 6376 §3.6.1
_ED25519_OCTETS = 32  # RFC 8463 §4.2: the bare key, nothing around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """hashes h (empty: any) · key_type k · public_key p (empty: revoked) · services s · flags t.

    notes n is for people.  others are unknown tags, in order, which receivers ignore.
    """

    key_type: str = "rsa"
    hashes: frozenset[str] = frozenset()
    services: frozenset[str] = EVERYTHING
    flags: frozenset[str] = frozenset()
    notes: str = ""
    public_key: bytes
    others: tuple[tuple[str, str], ...] = ()


def owner(selector: str, domain: str) -> str:
    """Return the name of a key's record."""
    return f"{selector}._domainkey.{domain}"


def published(key_type: str, public_key: str) -> Record:
    """Return the record for a key that signs; public_key is base64, as Stalwart gives it.

    That is the SubjectPublicKeyInfo for rsa and the bare 32 octets for ed25519.
    """
    return parse(f"v=DKIM1; k={key_type}; h=sha256; p={public_key}")


def parse(text: str) -> Record:
    """Return the record.  A receiver that cannot read it has no key, so any fault raises."""
    found = {tag.name: tag for tag in tags.parsed(text, standard="DKIM")}
    version = found.get("v")
    if version is not None and (next(iter(found)) != "v" or version.value != "DKIM1"):
        raise _problem('"v=DKIM1" comes first, in exactly these letters, or not at all.', version)
    key = found.get("p")
    if key is None:
        raise SyntaxProblem(
            'There is no "p=" with the public key.',
            standard="DKIM",
            position=len(text),
            rfc="RFC 6376 §3.6.1",
        )
    key_type = _words(found["k"]) if "k" in found else ["rsa"]
    if len(key_type) != 1:
        raise _problem("A record holds one key, of one type.", found["k"])
    record = Record(
        key_type=key_type[0],
        hashes=frozenset(_words(found["h"])) if "h" in found else frozenset(),
        services=frozenset(_words(found["s"])) if "s" in found else EVERYTHING,
        flags=frozenset(_words(found["t"])) if "t" in found and found["t"].value else frozenset(),
        notes=found["n"].value if "n" in found else "",
        public_key=_octets(key),
        others=tuple((name, tag.value) for name, tag in found.items() if name not in _TAGS),
    )
    try:
        _bits(record)
    except der.DerError as error:
        raise _problem(f"This is no {record.key_type} key: {error}.", key) from error
    return record


def text(record: Record) -> str:
    """Return the record's text, in the order in which Stalwart shows it."""
    pairs = [("v", "DKIM1"), ("k", record.key_type)]
    pairs += [("h", ":".join(sorted(record.hashes)))] if record.hashes else []
    pairs += [("s", ":".join(sorted(record.services)))] if record.services != EVERYTHING else []
    pairs += [("t", ":".join(sorted(record.flags)))] if record.flags else []
    pairs += [("n", record.notes)] if record.notes else []
    pairs += [*record.others, ("p", base64.b64encode(record.public_key).decode())]
    return "; ".join(f"{name}={value}" for name, value in pairs)


def same(one: Record, other: Record) -> bool:
    """Say whether receivers treat two records alike.

    Notes and unknown tags mean nothing to them; no `h` means the same as `h=sha256` since sha1
    counts no more (RFC 8301 §3.1).
    """
    return _meaning(one) == _meaning(other)


def key_bits(record: Record) -> int:
    """Return the size of the key; 0 when it is revoked or of a type that this module does not know."""
    try:
        return _bits(record)
    except der.DerError as error:
        raise SyntaxProblem(f"This is no {record.key_type} key: {error}.", standard="DKIM") from error


def _meaning(record: Record) -> tuple[object, ...]:
    hashes = record.hashes - {"sha1"} if record.hashes else frozenset({"sha256"})
    return record.key_type, record.public_key, hashes, record.services, record.flags


def _bits(record: Record) -> int:
    if not record.public_key:
        return 0
    if record.key_type == "ed25519":
        if len(record.public_key) != _ED25519_OCTETS:
            raise der.DerError(f"it has {len(record.public_key)} octets and not {_ED25519_OCTETS}")
        return 256
    # RFC 6376 §3.6.1 speaks of an RSAPublicKey; its erratum 3017 and all software mean the whole
    # SubjectPublicKeyInfo, and OpenDKIM refuses the other.
    return der.rsa_bits(record.public_key) if record.key_type == "rsa" else 0


def _octets(key: Tag) -> bytes:
    """Return the key.  The grammar allows blanks in base64; whether they are wise is for lint to say."""
    try:
        return base64.b64decode(re.sub(r"[ \t]", "", key.value), validate=True)
    except binascii.Error as error:
        raise _problem("The key is not base64; perhaps a part of it was lost in copying.", key) from error


def _words(tag: Tag) -> list[str]:
    words = [word.strip(" \t") for word in tag.value.split(":")]
    for word in words:
        if not _WORD.fullmatch(word):
            raise _problem(f'"{word}" is no word for {tag.name}.', tag)
    return words


def _problem(words: str, tag: Tag) -> SyntaxProblem:
    return SyntaxProblem(words, standard="DKIM", position=tag.position, rfc="RFC 6376 §3.6.1")
