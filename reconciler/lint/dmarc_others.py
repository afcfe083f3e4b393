"""Rules about what DMARC rests on: the signatures of the own mail, and the consent of who gets the reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.dnsdata import names
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.record import absolute
from reconciler.lint.dmarc import readable_records
from reconciler.lint.lines import bare
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import dmarc, spf
from reconciler.mail.errors import SyntaxProblem


def consent(scene: Scene) -> Iterator[Found]:
    """DMARC-04: Who gets reports about another domain has agreed to it.

    Severity: warning
    Looks at: records

    Where `rua` or `ruf` of one domain names a mailbox in another, that other domain publishes
    `example.net._report._dmarc.example.org` with `v=DMARC1`. It is judged where the other domain's zone was
    read; otherwise it needs the network and is not looked at.

    Why: Receivers that keep to the standard send no reports, and nobody notices that none come.

    Fix: `example.net._report._dmarc.example.org. IN TXT "v=DMARC1"`

    Source: RFC 9990 §4
    """
    for line, record in readable_records(scene):
        domain = bare(line.owner).removeprefix("_dmarc.")
        for destination in (*record.reports, *record.failure_reports):
            there = (destination.mailbox or "").rpartition("@")[2].lower()
            if not there or _organisation(there) == _organisation(domain):
                continue
            owners = [absolute(f"{name}._report._dmarc.{there}") for name in (domain, "*")]
            if any(_agrees(scene, owner) for owner in owners) or not scene.knows(owners[0]):
                continue
            yield Found(
                text=f"{bare(line.owner)} sends reports to {destination.mailbox}, and {there} does not say that it wants them",
                fix=f'{owners[0]} IN TXT "v=DMARC1"',
                name=domain,
                where=line.where,
            )


def _organisation(name: str) -> str:
    """Return what two domains of one organisation surely have in common.

    Two labels: where that is a public suffix, such as co.uk, two organisations are taken for one and
    nothing is told.
    """
    return ".".join(name.split(".")[-2:])


def _agrees(scene: Scene, owner: str) -> bool:
    return any(line.text.startswith("v=DMARC1") for line in scene.at(owner, "TXT")) or bool(
        scene.at(owner, "CNAME")
    )


def signed(scene: Scene) -> Iterator[Found]:
    """DMARC-06: Where failing mail is refused, the domain's own mail is signed.

    Severity: warning
    Looks at: records

    A domain that sends, and whose policy is `quarantine` or `reject`, has a DKIM key: a name below
    `_domainkey`, or a key of the server. The names in the signatures fit by themselves: Stalwart signs with
    the domain of the sender, so `adkim=s` passes. Names in zones that were not read are not judged.

    Why: Without a signature only SPF speaks for the mail, and SPF fails as soon as somebody forwards it or a
    mailing list passes it on: receivers refuse it.

    Fix: Let the domain have keys: `dkim: [rsa, ed25519]` under `dns.mail`.

    Source: RFC 9989 §4.4 and §5.1, RFC 7208 appendix D
    """
    signing = {domain for name in scene.names if (domain := name.partition("._domainkey.")[2])}
    signing |= {absolute(key.address.name.partition("/")[0]) for key in scene.of_kind(DkimKey.KIND)}
    for line, record in readable_records(scene):
        domain = line.owner.removeprefix("_dmarc.")
        above = f"_domainkey.{domain}"
        strict = record.policy in (dmarc.Policy.QUARANTINE, dmarc.Policy.REJECT)
        is_alone = len(scene.at(line.owner, "TXT")) == 1  # DMARC-01 tells of several
        if not (strict and is_alone) or record.testing or not scene.knows(above) or scene.types_at(above):
            continue
        # The organisation's own key fits its sub-domains as well (RFC 9989 §4.4, relaxed alignment).
        if not signing.isdisjoint(_upwards(domain)) or not _sends(scene, domain):
            continue
        assert record.policy is not None
        yield Found(
            text=f"{bare(domain)} has p={record.policy.value} and no DKIM key: its mail is refused wherever somebody forwards it",
            fix="let the server sign: dkim: [rsa, ed25519] under dns.mail",
            name=bare(line.owner),
            where=line.where,
        )


def _upwards(name: str) -> Iterator[str]:
    """Yield a name and those above it, down to the last before the root."""
    while name != ".":
        yield name
        name = names.parent(name)


def _sends(scene: Scene, domain: str) -> bool:
    """Does mail of this domain go out?  Its SPF says so, or where it has none, that it takes mail."""
    for line in scene.at(domain, "TXT"):
        if line.meaning == "spf":
            try:
                record = spf.parse(line.text)
            except SyntaxProblem:
                return False  # SPF-03 tells it
            return bool(record.redirect) or any(term.name != "all" for term in record.mechanisms)
    return any(line.target != "." for line in scene.at(domain, "MX"))


RULES: Final[tuple[Check, ...]] = (consent, signed)
