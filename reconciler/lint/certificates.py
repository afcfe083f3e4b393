"""Rules about the server's certificate: who may issue it, by which proof, and what pins its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.dnsdata import names
from reconciler.kinds.record import absolute
from reconciler.kinds.tls import Tls
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import caa, tlsa
from reconciler.mail.errors import SyntaxProblem
from reconciler.resource import UNSET

# The authority's name in CAA, by the beginning of its ACME directory.
_AUTHORITIES: Final = {
    "https://acme-v02.api.letsencrypt.org/": "letsencrypt.org",
    "https://acme-staging-v02.api.letsencrypt.org/": "letsencrypt.org",
    "https://acme.zerossl.com/": "sectigo.com",
    "https://api.buypass.com/": "buypass.com",
    "https://dv.acme-v02.api.pki.goog/": "pki.goog",
}
_NAMES_MOST: Final = 100
_OWN_KEY: Final = 3  # DANE-EE, RFC 7671 §5.1


def authority(scene: Scene) -> Iterator[Found]:
    """CAA-01: CAA lets the authority issue that the server asks.

    Severity: error
    Looks at: records, stack

    The nearest CAA records at the name or above it name the authority of `tls:`, and hold nothing critical
    that it may not know.

    Why: The authority refuses. The certificate runs out weeks later, and mail stops then.

    Fix: Add the authority: `0 issue "letsencrypt.org"`.

    Source: RFC 8659 §3 and §4
    """
    for name, issuer, lines in _asked(scene):
        records = [record for line in lines if (record := _caa(line))]
        if records and not caa.permits(records, issuer, wildcard=name.startswith("*.")):
            yield Found(
                text=f"CAA at {bare(lines[0].owner)} does not let {issuer} issue for {name}: the certificate is not renewed",
                fix=f'{lines[0].owner} IN CAA 0 issue "{issuer}"',
                name=name,
                where=lines[0].where,
            )


def ways_of_proof(scene: Scene) -> Iterator[Found]:
    """CAA-02: CAA allows the proof that the server gives.

    Severity: warning
    Looks at: records, stack

    Where the CAA record of the authority names `validationmethods`, the `challenge` of `tls:` is among them.
    Whether `accounturi` is that of the server's account is not known to anything that a plan reads.

    Why: The authority issues only to who proves the name in a way that the record allows: the next renewal
    fails, and mail stops when the certificate runs out.

    Fix: Add the challenge: `0 issue "letsencrypt.org; validationmethods=tls-alpn-01"`, or leave the parameter out.

    Source: RFC 8657 §4
    """
    challenges = {
        name: tls.challenge
        for tls in scene.of_kind(Tls.KIND)
        if isinstance(tls, Tls) and isinstance(tls.challenge, str)
        for name in (tls.domains if isinstance(tls.domains, frozenset) else ())
    }
    for name, issuer, lines in _asked(scene):
        if name not in challenges:
            continue
        allowed = [ways for line in lines if (ways := _ways(line, issuer)) is not None]
        if allowed and not any(challenges[name] in ways for ways in allowed):
            some = ", ".join(sorted(set().union(*allowed)))
            challenge = challenges[name]
            yield Found(
                text=f"CAA at {bare(lines[0].owner)} lets {issuer} take {some} only; the server proves {name} by {challenge}",
                fix=f'{lines[0].owner} IN CAA 0 issue "{issuer}; validationmethods={challenge}"',
                name=name,
                where=lines[0].where,
            )


def renewed_key(scene: Scene) -> Iterator[Found]:
    """DANE-04: A TLSA record does not pin a key that each renewal replaces.

    Severity: warning
    Looks at: records, stack

    Stalwart makes a new key for each certificate that it gets by ACME. Where `tls:` gets the certificate of
    the hostname, its TLSA record at port 25 has the usage 2, the authority's key, and not 3 alone.

    Why: On the day of the next renewal the server shows another key than the record says, and every sender
    that honours DANE refuses to deliver, until somebody publishes the new one and a TTL has passed.

    Fix: Publish the key of the authority's intermediate certificate: `2 1 1`.

    Source: RFC 7671 §8.1; Stalwart 0.11 to 0.15, crates/common/src/listener/acme/order.rs
    """
    if scene.hostname is None or not any(scene.hostname in _domains(tls) for tls in scene.of_kind(Tls.KIND)):
        return
    lines = scene.at(absolute(f"_25._tcp.{scene.hostname}"), "TLSA")
    usages = [usage for line in lines if (usage := _usage(line)) is not None]
    if usages and all(usage == _OWN_KEY for usage in usages):
        owner = bare(lines[0].owner)
        yield Found(
            text=f"{owner} pins a key that Stalwart replaces with each certificate: DANE fails after the next renewal",
            fix=f"{owner}. IN TLSA 2 1 1, with the digest of the intermediate key",
            name=owner,
            where=lines[0].where,
        )


def many_names(scene: Scene) -> Iterator[Found]:
    """TLS-04: One certificate does not hold more names than authorities allow.

    Severity: warning
    Looks at: resources

    Under `tls.domains` there are a hundred names at most.

    Why: The authority refuses the order, and none of the names gets a certificate.

    Fix: Leave out names that clients do not use; they use the hostname.

    Source: Let's Encrypt, "Rate Limits": 100 names a certificate
    """
    for tls in scene.of_kind(Tls.KIND):
        number = len(_domains(tls))
        if number > _NAMES_MOST:
            yield Found(
                text=f"the certificate shall hold {number} names, and {_NAMES_MOST} are the most",
                fix="leave out names that clients do not use",
                name=tls.address.name,
                where=scene.place(tls.address),
            )


def _asked(scene: Scene) -> Iterator[tuple[str, str, list[Line]]]:
    """Yield (name, authority, the CAA records that count) for each name of the certificate."""
    for tls in scene.of_kind(Tls.KIND):
        if not isinstance(tls, Tls):
            continue
        issuer = next((name for url, name in _AUTHORITIES.items() if tls.directory.startswith(url)), None)
        for name in sorted(_domains(tls)) if issuer else ():
            yield name, str(issuer), _nearest(scene, absolute(name.removeprefix("*.")))


def _domains(tls: object) -> frozenset[str]:
    """Return the names of a certificate, as far as they are said."""
    return tls.domains if isinstance(tls, Tls) and tls.domains is not UNSET else frozenset()


def _nearest(scene: Scene, name: str) -> list[Line]:
    """Return the CAA records that count: climbing, the first set that is there (RFC 8659 §3)."""
    while name != ".":
        if lines := scene.at(name, "CAA"):
            return lines
        name = names.parent(name)
    return []


def _caa(line: Line) -> caa.Caa | None:
    try:
        return caa.parse(line.value)
    except SyntaxProblem:
        return None


def _ways(line: Line, issuer: str) -> frozenset[str] | None:
    """Return the ways of proof that a record leaves to an authority; None where it is about another one.

    A record of this authority without the parameter allows all of them: the set then holds everything
    that `tls.challenge` can say.
    """
    record = _caa(line)
    if record is None or record.tag != "issue":
        return None
    try:
        found = caa.issuer(record.value)
    except SyntaxProblem:
        return None
    if found.domain != issuer:
        return None
    ways = found.parameters.get("validationmethods")
    if ways is None:
        return frozenset({"tls-alpn-01", "http-01", "dns-01"})
    return frozenset(ways.lower().split(","))


def _usage(line: Line) -> int | None:
    try:
        return tlsa.parse(line.value).usage
    except SyntaxProblem:
        return None


RULES: Final[tuple[Check, ...]] = (authority, ways_of_proof, renewed_key, many_names)
