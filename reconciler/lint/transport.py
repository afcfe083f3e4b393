"""Rules about encryption on the way: MTA-STS, TLS-RPT and DANE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kinds.record import absolute
from reconciler.lint.lines import Line, bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import mtasts, tlsa, tlsrpt
from reconciler.mail.errors import SyntaxProblem

_DAY: Final = 86_400


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


def policy_hosts(scene: Scene) -> Iterator[Found]:
    """STS-02: The MTA-STS policy names the hosts at which mail arrives.

    Severity: warning
    Looks at: records, stack

    Each MX of a domain with `mta_sts:` is in the policy that the stack describes; a wildcard there stands for
    one label. What the policy says that is served is not looked at offline.

    Why: Senders that keep to an enforced policy do not deliver to another host. Where it names none of them,
    they do not deliver at all.

    Fix: `mta_sts: {mx: [mail.example.org, backup.example.net]}`, or remove the MX.

    Source: RFC 8461 §4.1 and §5
    """
    for domain in scene.stack.domains.values() if scene.stack else ():
        wanted = domain.dns.mail.mta_sts
        # MX-03 tells of those that the stack does not declare.
        lines = [line for line in scene.at(absolute(domain.name), "MX") if line.is_declared]
        if wanted is None or wanted.mode == "none" or domain.parked:
            continue
        declared = tuple(target for _, target in (domain.dns.mail.mx.targets if domain.dns.mail.mx else ()))
        named = wanted.mx or declared or ((scene.hostname,) if scene.hostname else ())
        missing = [n for n in lines if not any(mtasts.matches(p, bare(n.target)) for p in named)]
        for line in missing:
            yield Found(
                text=f"the MTA-STS policy of {domain.name} does not name the MX {bare(line.target)}: senders keep away from it",
                fix=f"mta_sts: {{mx: [{', '.join((*named, bare(line.target)))}]}}, or remove the MX",
                name=domain.name,
                where=line.where,
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


RULES: Final[tuple[Check, ...]] = (policy_host, policy_age, policy_hosts, reports, pins)
