"""The records that follow from a domain and a hostname: `dns.mail` of the stack.

Whoever declares these two has said enough for MX, SPF, DMARC, TLS-RPT and SRV to follow.  Where
the stack names no text, ours is given to a new record and never overrules a live one.  DKIM
records follow from the server's keys (pending.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.dns import Dmarc, MailRecords, Spf, Srv
from reconciler.config.stack import Domain, Stack
from reconciler.dnsdata import data
from reconciler.kinds.declared import Declared
from reconciler.kinds.record import Record, absolute, record
from reconciler.mail import autoconfig, caa, destinations, dmarc, mtasts, mx, spf, srv, tlsrpt, txt

# What mail programs look for and what a new server offers: TLS from the first octet (RFC 8314 §3).
_OFFERED = ("submissions", "imaps")

# The domain by which a CAA record names an ACME authority.
_AUTHORITIES = {"letsencrypt": "letsencrypt.org", "zerossl": "sectigo.com", "google": "pki.goog"}

_PARKED_SPF = "v=spf1 -all"
_DEFAULT_SPF = "v=spf1 mx -all"
_HOST_SPF = "v=spf1 a -all"


def declared(stack: Stack) -> Iterator[Declared]:
    for domain in stack.domains.values():
        if domain.dns.declared:
            for resource in of_domain(domain, stack):
                yield Declared(resource=resource, at=domain.dns.mail.at or domain.dns.at)


def of_domain(domain: Domain, stack: Stack) -> Iterator[Record]:
    """Yield the records that follow from what the stack says of this domain, but for DKIM (pending.py)."""
    if domain.parked:
        yield from _parked(domain)
        return
    mail = domain.dns.mail
    host = stack.hostname
    yield from _mx(domain, mail, host)
    yield from _host(domain, stack, host)
    if mail.spf is not None:
        text = mail.spf.text or _spf_text(mail.spf)
        yield _text(domain, domain.name, text, by_default=not mail.spf.named)
    if mail.dmarc is not None:
        text = mail.dmarc.text or _dmarc_text(mail.dmarc, domain)
        yield _text(domain, dmarc.owner(domain.name), text, by_default=not mail.dmarc.named)
    if mail.tls_rpt is not None:
        text = mail.tls_rpt.text or _tlsrpt_text(mail.tls_rpt.reports, domain)
        yield _text(domain, tlsrpt.owner(domain.name), text, by_default=not mail.tls_rpt.named)
    if host is not None:
        yield from _services(domain, mail, host, stack)


def _parked(domain: Domain) -> Iterator[Record]:
    """A domain that neither sends nor receives says so three times (RFC 7505, M3AAWG parked domains)."""
    yield _plain(domain, domain.name, "MX", mx.text(mx.NULL))
    yield _text(domain, domain.name, _PARKED_SPF)
    yield _text(domain, dmarc.owner(domain.name), "v=DMARC1; p=reject")


def _mx(domain: Domain, mail: MailRecords, host: str | None) -> Iterator[Record]:
    if mail.mx is None:
        return
    targets = mail.mx.targets or (((10, host),) if host else ())
    for preference, target in targets:
        yield _plain(domain, domain.name, "MX", mx.text(mx.Mx(preference=preference, target=target)))


def _host(domain: Domain, stack: Stack, host: str | None) -> Iterator[Record]:
    """The hostname's own addresses and SPF stand in the zone that contains it, and nowhere else."""
    if host is None or not _is_home_of_host(domain, stack):
        return
    for address in dict.fromkeys(a for d in stack.domains.values() for a in d.dns.addresses):
        yield _plain(domain, host, "AAAA" if ":" in address else "A", address)
    if domain.dns.mail.spf is not None and domain.dns.mail.host_spf and host not in stack.domains:
        yield _text(domain, host, _HOST_SPF, by_default=True)


def _is_home_of_host(domain: Domain, stack: Stack) -> bool:
    """Is it the domain whose part of the zone tells of the hostname?  Two domains may share the zone."""
    zone = zone_of_host(stack)
    return domain is next((d for d in stack.domains.values() if d.dns.zone == zone), None)


def zone_of_host(stack: Stack) -> str | None:
    """Return the most specific declared zone that contains the hostname."""
    host = stack.hostname or ""
    zones = {d.dns.zone for d in stack.domains.values() if d.dns.declared}
    around = [z for z in zones if host == z or host.endswith(f".{z}")]
    return max(around, key=len, default=None)


def _services(domain: Domain, mail: MailRecords, host: str, stack: Stack) -> Iterator[Record]:
    if mail.srv is not None:
        for service, port in _srv_entries(mail.srv):
            entry = srv.DENIED if port is None else srv.Srv(priority=0, weight=1, port=port, target=host)
            yield _plain(domain, srv.owner(service, domain.name), "SRV", srv.text(entry))
    if mail.autoconfig is not None:
        for name in autoconfig.names(domain.name):
            yield _plain(domain, name, "CNAME", absolute(mail.autoconfig.target or host))
    if mail.mta_sts is not None:
        policy = mtasts.Policy(
            mode=mtasts.Mode(mail.mta_sts.mode),
            max_age=mail.mta_sts.max_age,
            mx=mail.mta_sts.mx
            or tuple(target for _, target in (mail.mx.targets if mail.mx else ()))
            or (host,),
        )
        yield _text(domain, mtasts.owner(domain.name), mtasts.text(mtasts.record_of(policy)))
        yield _plain(domain, mtasts.policy_host(domain.name), "CNAME", absolute(host))
    if mail.caa is not None:
        yield from _caa(domain, mail, stack)
    if mail.tlsa is not None and _is_home_of_host(domain, stack):
        # A certificate file has become a text by now (cli/certificates.py).
        for text in mail.tlsa.texts:
            yield _plain(domain, f"_25._tcp.{host}", "TLSA", text)


def _srv_entries(wanted: Srv) -> Iterator[tuple[str, int | None]]:
    usual = {service.name: service.port for service in srv.SERVICES}
    for service, port in wanted.services or tuple((name, 0) for name in _OFFERED):
        yield service, usual[service] if port == 0 else port


def _caa(domain: Domain, mail: MailRecords, stack: Stack) -> Iterator[Record]:
    """Who may issue certificates: what the stack says, else the authority that the server asks for its own."""
    assert mail.caa is not None
    asked = _AUTHORITIES.get(stack.tls.acme) if stack.tls is not None else None
    values = {
        "issue": mail.caa.issue or ((asked,) if asked else ()),
        "issuewild": mail.caa.issuewild,
        # RFC 8659 §4.4: a URL, for a mailbox with its scheme.
        "iodef": tuple(v if ":" in v else f"mailto:{v}" for v in mail.caa.iodef),
    }
    for tag, found in values.items():
        for value in found:
            yield _plain(domain, domain.name, "CAA", caa.text(caa.Caa(flags=0, tag=tag, value=value)))


def _spf_text(wanted: Spf) -> str:
    if not wanted.named:
        return _DEFAULT_SPF
    terms = ["v=spf1"]
    terms += ["mx"] * wanted.mx + ["a"] * wanted.a
    terms += [f"ip6:{a}" if ":" in a else f"ip4:{a}" for a in wanted.addresses]
    terms += [f"include:{name}" for name in wanted.include]
    terms.append({"fail": "-all", "softfail": "~all", "neutral": "?all"}[wanted.all])
    return spf.text(spf.parse(" ".join(terms)))


def _dmarc_text(wanted: Dmarc, domain: Domain) -> str:
    def optional(policy: str | None) -> dmarc.Policy | None:
        return None if policy is None else dmarc.Policy(policy)

    reports = wanted.reports or (f"postmaster@{domain.name}",)
    return dmarc.text(
        dmarc.Record(
            policy=dmarc.Policy(wanted.policy),
            subdomain_policy=optional(wanted.subdomain_policy),
            nonexistent_policy=optional(wanted.nonexistent_policy),
            reports=tuple(destinations.to_mailbox(address) for address in reports),
            failure_reports=tuple(destinations.to_mailbox(address) for address in wanted.failure_reports),
            # What is the default is left out: relaxed alignment, no testing (RFC 9989 §4.7).
            dkim_alignment=dmarc.Alignment.STRICT if wanted.dkim_alignment == "strict" else None,
            spf_alignment=dmarc.Alignment.STRICT if wanted.spf_alignment == "strict" else None,
            testing=True if wanted.testing else None,
        )
    )


def _tlsrpt_text(reports: tuple[str, ...], domain: Domain) -> str:
    wanted = reports or (f"postmaster@{domain.name}",)
    found = [r if r.startswith("https:") else destinations.to_mailbox(r).uri for r in wanted]
    return tlsrpt.text(tlsrpt.parse(f"v=TLSRPTv1; rua={','.join(found)}"))


def _text(domain: Domain, owner: str, text: str, *, by_default: bool = False) -> Record:
    return _plain(domain, owner, "TXT", txt.text(text), by_default=by_default)


def _plain(domain: Domain, owner: str, rrtype: str, value: str, *, by_default: bool = False) -> Record:
    zone = absolute(domain.dns.zone)
    canonical = data.canonical(rrtype, value, zone)
    return record(zone, absolute(owner), rrtype, canonical, made_ttl=domain.dns.ttl, by_default=by_default)
