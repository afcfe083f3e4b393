"""Rules about encryption on the way: MTA-STS, TLS-RPT, DANE, CAA and the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.dnsdata import names
from reconciler.kinds.record import absolute
from reconciler.kinds.tls import Tls
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import caa, mtasts, tlsa, tlsrpt
from reconciler.mail.errors import SyntaxProblem

_DAY: Final = 86_400
_NAMES_MOST: Final = 100

# The authority's name in CAA, by the beginning of its ACME directory.
_AUTHORITIES: Final = {
    "https://acme-v02.api.letsencrypt.org/": "letsencrypt.org",
    "https://acme-staging-v02.api.letsencrypt.org/": "letsencrypt.org",
    "https://acme.zerossl.com/": "sectigo.com",
    "https://api.buypass.com/": "buypass.com",
    "https://dv.acme-v02.api.pki.goog/": "pki.goog",
}


def policy_host(scene: Scene) -> Iterator[Found]:
    """STS-01: A domain that announces MTA-STS has its policy where senders look.

    Severity: error
    Looks at: records

    The text at `_mta-sts` can be read, and the name mta-sts has an address. Whether the policy is served
    there is not looked at offline.

    Why: Senders that remember an older policy refuse to deliver, and others have no protection.

    Fix: Point mta-sts at the mail server, and let its certificate hold the name.

    Source: RFC 8461 §3.1 to §3.3
    """
    for line in scene.texts("mtasts"):
        owner = bare(line.owner)
        domain = owner.removeprefix("_mta-sts.")
        try:
            mtasts.parse(line.text)
        except SyntaxProblem as problem:
            yield Found(
                text=f"{owner}: {problem.words}", fix="v=STSv1; id=20260101;", name=owner, where=line.where
            )
            continue
        host = mtasts.policy_host(domain)
        if scene.has_address(absolute(host)) is False:
            yield Found(
                text=f"{domain} announces MTA-STS, and {host} has no address to fetch the policy from",
                fix=f"{host}. IN CNAME {scene.hostname or 'mail.' + domain}.",
                name=owner,
                where=line.where,
            )


def policy_age(scene: Scene) -> Iterator[Found]:
    """STS-04: Senders may remember the MTA-STS policy for a day at least.

    Severity: warning
    Looks at: stack file

    `max_age` is between a day and a year; weeks are usual.

    Why: A sender that has forgotten the policy is open to whoever stands in between.

    Fix: `mta_sts: {mode: testing, max_age: 1w}`

    Source: RFC 8461 §3.2 and §10.2
    """
    for domain in scene.stack.domains.values() if scene.stack else ():
        policy = domain.dns.mail.mta_sts
        if policy is None or policy.mode == "none":
            continue
        if not _DAY <= policy.max_age <= mtasts.MAX_AGE:
            limit = "less than a day" if policy.max_age < _DAY else "more than a year"
            yield Found(
                text=f"the MTA-STS policy of {domain.name} may be remembered for {policy.max_age} seconds, {limit}",
                fix="mta_sts: {max_age: 1w}",
                name=domain.name,
                where=scene.find((*domain.dns.mail.at, "mta_sts")),
            )


def reports(scene: Scene) -> Iterator[Found]:
    """RPT-01: Whoever asks for TLS wants to hear when it fails.

    Severity: warning
    Looks at: records

    There is one record at `_smtp._tls` that can be read, wherever there is MTA-STS or DANE.

    Why: Senders that cannot get TLS keep the mail back, and nobody on this side sees anything.

    Fix: `_smtp._tls IN TXT "v=TLSRPTv1; rua=mailto:postmaster@example.org"`

    Source: RFC 8460 §3
    """
    found: dict[str, list[Line]] = {}
    for line in scene.texts("tlsrpt"):
        found.setdefault(line.owner, []).append(line)
    for owner, lines in found.items():
        fix = f'{owner} IN TXT "v=TLSRPTv1; rua=mailto:postmaster@{bare(owner).removeprefix("_smtp._tls.")}"'
        if len(lines) > 1:
            text = f"{bare(owner)} has {len(lines)} texts: senders take none of them"
            yield Found(text=text, fix=fix, name=bare(owner), where=lines[-1].where)
        for line in lines:
            try:
                tlsrpt.parse(line.text)
            except SyntaxProblem as problem:
                text = f"{bare(owner)}: {problem.words}"
                yield Found(text=text, fix=fix, name=bare(owner), where=line.where)
    for line in scene.texts("mtasts"):
        domain = bare(line.owner).removeprefix("_mta-sts.")
        owner = absolute(tlsrpt.owner(domain))
        if owner not in found and scene.knows(owner):
            yield Found(
                text=f"{domain} has MTA-STS and no TLS-RPT: nobody hears when senders cannot deliver",
                fix=f'{owner} IN TXT "v=TLSRPTv1; rua=mailto:postmaster@{domain}"',
                name=domain,
                where=line.where,
            )


def pins(scene: Scene) -> Iterator[Found]:
    """DANE-03: A TLSA record of a mail host outlives the certificate.

    Severity: warning
    Looks at: records

    At port 25, usage is 3 or 2, and the selector is 1, the key. Usages 0 and 1 are not for SMTP, and a
    whole certificate (selector 0) changes with each renewal.

    Why: Senders that honour DANE refuse to deliver from the day on which the certificate is renewed.

    Fix: `3 1 1`, and keep the key when the certificate is renewed.

    Source: RFC 7672 §3.1, RFC 7671 §8.1
    """
    for line in scene.lines:
        if line.type != "TLSA" or not line.owner.startswith("_25._tcp."):
            continue
        owner = bare(line.owner)
        try:
            record = tlsa.parse(line.value)
        except SyntaxProblem as problem:
            text = f"{owner}: {problem.words}"
        else:
            kind = f"{record.usage} {record.selector} {record.matching}"
            if record.usage not in (2, 3):
                text = f"{owner} has the form {kind}: the usage {record.usage} is not for mail, and senders ignore it"
            elif record.selector == 0 and record.usage == 3:
                text = f"{owner} has the form {kind}, a whole certificate: it is wrong after the next renewal"
            else:
                continue
        yield Found(text=text, fix="publish 3 1 1, the digest of the key", name=owner, where=line.where)


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
    for tls in scene.of_kind(Tls.KIND):
        if not isinstance(tls, Tls):
            continue
        issuer = next((name for url, name in _AUTHORITIES.items() if tls.directory.startswith(url)), None)
        wanted = tls.domains if isinstance(tls.domains, frozenset) else frozenset()
        for name in sorted(wanted) if issuer else ():
            lines = _nearest(scene, absolute(name.removeprefix("*.")))
            records = [record for line in lines if (record := _caa(line))]
            if records and not caa.permits(records, str(issuer), wildcard=name.startswith("*.")):
                yield Found(
                    text=f"CAA at {bare(lines[0].owner)} does not let {issuer} issue for {name}: the certificate is not renewed",
                    fix=f'{lines[0].owner} IN CAA 0 issue "{issuer}"',
                    name=name,
                    where=lines[0].where,
                )


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
        if isinstance(tls, Tls) and isinstance(tls.domains, frozenset) and len(tls.domains) > _NAMES_MOST:
            yield Found(
                text=f"the certificate shall hold {len(tls.domains)} names, and {_NAMES_MOST} are the most",
                fix="leave out names that clients do not use",
                name=tls.address.name,
                where=scene.place(tls.address),
            )


RULES: Final[tuple[Check, ...]] = (policy_host, policy_age, reports, pins, authority, many_names)
