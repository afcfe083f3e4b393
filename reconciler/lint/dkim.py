"""Rules about DKIM: the keys with which receivers check signatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import absolute
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import dkim
from reconciler.mail.errors import SyntaxProblem

_BITS_LEAST: Final = 1024
_BITS_USUAL: Final = 2048
_BITS_MOST: Final = 4096
_KEY_TYPES: Final = frozenset({"rsa", "ed25519"})


def same_key(scene: Scene) -> Iterator[Found]:
    """DKIM-01: DNS holds the key with which the server signs.

    Severity: error
    Looks at: records, server

    For each key of the server the record at its selector holds the public half of that key.

    Why: Every signature fails. With DMARC, receivers then refuse the mail.

    Fix: Publish the server's public key; `mailstack apply` does.

    Source: RFC 6376 §3.6.1
    """
    for key in scene.of_kind(DkimKey.KIND):
        if not isinstance(key, DkimKey) or not isinstance(key.public_key, str):
            continue
        name, _, algorithm = key.address.name.partition("/")
        owner = dkim.owner(str(key.selector), name)
        signed = dkim.published(algorithm, key.public_key)
        for line in scene.at(absolute(owner), "TXT"):
            try:
                is_same = dkim.parse(line.text).public_key == signed.public_key
            except SyntaxProblem:
                continue  # DKIM-03 tells it
            if not is_same:
                yield Found(
                    text=f"{owner} holds another key than the one that the server signs with: every signature fails",
                    fix=f'{owner}. IN TXT "{dkim.text(signed)}"',
                    name=owner,
                    where=line.where,
                )


def size(scene: Scene) -> Iterator[Found]:
    """DKIM-02: An RSA key is long enough.

    Severity: error
    Looks at: records

    Under 1024 bits a key counts for nothing. Under 2048 it is a warning, and so it is over 4096, where
    receivers may refuse to calculate.

    Why: The signature is as good as none.

    Fix: Make a new key of 2048 bits under a new selector.

    Source: RFC 8301 §3.2
    """
    for line, key in _readable(scene):
        bits = dkim.key_bits(key) if key.key_type == "rsa" else 0
        owner = bare(line.owner)
        if 0 < bits < _BITS_LEAST:
            text, severity = f"{owner} has an RSA key of {bits} bits, which counts for nothing", ""
        elif 0 < bits < _BITS_USUAL:
            text, severity = f"{owner} has an RSA key of {bits} bits; 2048 are usual", "warning"
        elif bits > _BITS_MOST:
            text, severity = (
                f"{owner} has an RSA key of {bits} bits, and some receivers take {_BITS_MOST} at most",
                "warning",
            )
        else:
            continue
        fix = "make a new key of 2048 bits under a new selector"
        yield Found(text=text, fix=fix, name=owner, where=line.where, severity=severity)


def readable(scene: Scene) -> Iterator[Found]:
    """DKIM-03: The record of a key can be read.

    Severity: error
    Looks at: records

    `p=` holds the key in base64, as SubjectPublicKeyInfo for rsa and as 32 octets for ed25519, and `k=`
    is one of these two.

    Why: Receivers have no key and take every signature for wrong.

    Fix: Copy the record from the server again, whole.

    Source: RFC 6376 §3.6.1, RFC 8463 §4
    """
    for line in scene.texts("dkim"):
        owner = bare(line.owner)
        if owner.startswith(("_domainkey.", "_adsp.")):
            continue  # policies of long ago, no keys
        try:
            key = dkim.parse(line.text)
        except SyntaxProblem as problem:
            text = f"{owner}: {problem.words}"
        else:
            if key.key_type in _KEY_TYPES:
                continue
            text = f"{owner} has a key of the type {key.key_type}, which no receiver knows"
        fix = "copy the record from the server again, whole"
        yield Found(text=text, fix=fix, name=owner, where=line.where)


def only_ed25519(scene: Scene) -> Iterator[Found]:
    """DKIM-04: Mail is signed with RSA as well.

    Severity: warning
    Looks at: resources

    Beside an ed25519 key there is an RSA key.

    Why: Many receivers do not know ed25519 and take the mail for unsigned.

    Fix: `dkim: [rsa, ed25519]`

    Source: RFC 8463 §5
    """
    keys: dict[str, list[DkimKey]] = {}
    for key in scene.of_kind(DkimKey.KIND):
        if isinstance(key, DkimKey):
            keys.setdefault(key.address.name.partition("/")[0], []).append(key)
    for name, all_of in keys.items():
        if {key.address.name.partition("/")[2] for key in all_of} == {"ed25519"}:
            yield Found(
                text=f"the mail of {name} is signed with ed25519 only: many receivers take it for unsigned",
                fix="dkim: [rsa, ed25519]",
                name=name,
                where=scene.place(all_of[0].address),
            )


def flags(scene: Scene) -> Iterator[Found]:
    """DKIM-05: A key is meant for mail, in earnest, with a hash that counts.

    Severity: warning
    Looks at: records

    The record has no `t=y` (testing), its `s=` holds `*` or `email`, and its `h=` is not sha1 alone.

    Why: With `t=y` receivers may treat a forged mail like an unsigned one; without `email`, and with
    sha1, the signature does not count.

    Fix: Take the tag out.

    Source: RFC 6376 §3.6.1, RFC 8301 §3.1
    """
    for line, key in _readable(scene):
        owner = bare(line.owner)
        if not key.public_key:
            continue
        if "y" in key.flags:
            tag, why = "t=y", "receivers may treat it as a test"
        elif not key.services & {"*", "email"}:
            tag, why = f"s={':'.join(sorted(key.services))}", "it is not for mail"
        elif key.hashes == {"sha1"}:
            tag, why = "h=sha1", "signatures with sha1 do not count"
        else:
            continue
        yield Found(text=f"{owner} has {tag}: {why}", fix=f"take {tag} out", name=owner, where=line.where)


def _readable(scene: Scene) -> Iterator[tuple[Line, dkim.Record]]:
    """Yield the keys that can be read; DKIM-03 tells of the others."""
    for line in scene.texts("dkim"):
        try:
            yield line, dkim.parse(line.text)
        except SyntaxProblem:
            continue


RULES: Final[tuple[Check, ...]] = (same_key, size, readable, only_ed25519, flags)
