"""`dns:` of a domain as lines of YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.config.dns import Caa, MailRecords, Place, Record, Srv
from reconciler.config.stack import Domain, Stack
from reconciler.config.units import duration_text
from reconciler.kinds.mail_entry import NOTHING
from reconciler.takeover.scalars import flow, flow_mapping, scalar

_ALGORITHMS = ("rsa", "ed25519")


def place(found: Place) -> str:
    """Return a file, on the machine or in a container."""
    if found.container is None:
        return scalar(found.path)
    return flow_mapping([("container", scalar(found.container)), ("path", scalar(found.path))])


def dns_lines(domain: Domain, stack: Stack) -> Iterator[str]:
    """Yield the section, not indented."""
    dns = domain.dns
    if domain is stack.domain:
        yield "# The zone file that the name server reads, and the records that it shall have."
    yield "dns:"
    if dns.zone != domain.name:
        yield f"  zone: {scalar(dns.zone)}"
    if dns.zonefile is not None:
        yield f"  zonefile: {place(dns.zonefile)}"
    if dns.via is not None:
        yield f"  via: {scalar(str(dns.via))}"
    if dns.reload:
        yield f"  reload: {flow(map(scalar, dns.reload))}"
    elif dns.zonefile is not None:
        yield '  # reload: [rndc, reload, "{zone}"]  # without it, reload the name server yourself after an apply'
    if dns.servers:
        yield f"  servers: {flow(scalar(_server(s.host, s.port)) for s in dns.servers)}"
    elif dns.zonefile is not None:
        yield "  # servers: [127.0.0.1]  # name servers to ask afterwards whether they serve the change"
    if dns.ttl is not None:
        yield f"  ttl: {duration_text(dns.ttl)}"
    if dns.timeout != 10:
        yield f"  timeout: {duration_text(dns.timeout)}"
    if dns.addresses:
        yield f"  addresses: {flow(map(scalar, dns.addresses))}  # where {stack.hostname} is, seen from the internet"
    yield from (f"  {line}" for line in _mail(dns.mail))
    if dns.records:
        yield "  records:"
        yield from (f"    - {record_text(one, domain.name)}" for one in dns.records)


def _server(host: str, port: int) -> str:
    if port == 53:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _mail(mail: MailRecords) -> Iterator[str]:
    """Yield which standards get records; what is left out has its default, on or off."""
    if mail == NOTHING:
        yield "mail: false  # none of the records that follow from a hostname and a domain is there"
        return
    said = list(_said(mail))
    if said:
        yield "mail:"
        yield from (f"  {key}: {what}" for key, what in said)


def _said(mail: MailRecords) -> Iterator[tuple[str, str]]:
    if mail.mx is None:
        yield "mx", "false"
    elif mail.mx.targets:
        yield "mx", flow(scalar(f"{preference} {target}") for preference, target in mail.mx.targets)
    yield from _text("spf", mail.spf)
    if mail.spf is not None and not mail.host_spf:
        yield "host_spf", "false"
    if mail.dkim is None:
        yield "dkim", "false"
    elif mail.dkim != _ALGORITHMS:
        yield "dkim", flow(mail.dkim)
    yield from _text("dmarc", mail.dmarc)
    yield from _text("tls_rpt", mail.tls_rpt)
    if mail.srv is None:
        yield "srv", "false"
    elif mail.srv.named:
        yield "srv", _srv(mail.srv)
    if mail.mta_sts is not None:
        yield "mta_sts", scalar(mail.mta_sts.mode)
    if mail.autoconfig is not None:
        yield "autoconfig", "true" if mail.autoconfig.target is None else scalar(mail.autoconfig.target)
    if mail.caa is not None:
        yield "caa", _caa(mail.caa)


def _text(key: str, found: object) -> Iterator[tuple[str, str]]:
    """Yield a standard whose record is given as its text; nothing where the usual one stands."""
    if found is None:
        yield key, "false"
    elif text := getattr(found, "text", None):
        yield key, scalar(text)


def _srv(found: Srv) -> str:
    if all(port == 0 for _, port in found.services):
        return flow(name for name, _ in found.services)
    shown = {0: "true", None: "false"}
    return flow_mapping((name, shown.get(port, str(port))) for name, port in found.services)


def _caa(found: Caa) -> str:
    if not found.issuewild and not found.iodef:
        return flow(map(scalar, found.issue))
    parts: Sequence[tuple[str, tuple[str, ...]]] = (
        ("issue", found.issue),
        ("issuewild", found.issuewild),
        ("iodef", found.iodef),
    )
    return flow_mapping((key, flow(map(scalar, values))) for key, values in parts if values)


def record_text(one: Record, home: str) -> str:
    """Return an entry of `records` on one line, as the entry of the domain `home` says it."""
    pairs = [
        ("name", scalar(_name(one.name, home))),
        ("type", scalar(one.type)),
        ("value", scalar(one.value)),
    ]
    if one.ttl is not None:
        pairs.append(("ttl", duration_text(one.ttl)))
    return flow_mapping(pairs)


def _name(name: str, home: str) -> str:
    """Return a record's name as an entry of the domain `home` says it."""
    if name == home:
        return "@"
    return name.removesuffix(f".{home}") if name.endswith(f".{home}") else f"{name}."
