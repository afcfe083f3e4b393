"""/api/dns/records: the records that the server would like to see for a domain.

The hostname is the one in force; listeners and DKIM keys are read as they are stored.  Domain
and hostname are taken as they come: nothing is lower-cased, nothing is checked to exist
(crates/http/src/management/dns.rs, v0.15.5).  TLSA records are left out: they come from loaded
certificates, of which the sandbox has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.sandbox.dkim_api import key_algorithm
from reconciler.sandbox.dkim_keys import UnreadableKeyError, public_key
from reconciler.sandbox.macros import expanded
from reconciler.sandbox.reload import Active
from reconciler.sandbox.settings import Settings

_FIRST_SUBMISSION_PORT = 26  # a lower one is the MX's own


@dataclass(frozen=True, slots=True, order=True)
class _Listener:
    """The order is that of the records: by protocol, with TLS first, by port."""

    protocol: str
    lacks_tls: bool
    port: int


def records(settings: Settings, active: Active, domain: str) -> list[dict[str, str]]:
    """Return the records of a domain, in the server's order."""
    return [
        {"type": kind, "name": f"{name}.", "content": content}
        for kind, name, content in _records(settings, active, domain)
    ]


def _records(settings: Settings, active: Active, domain: str) -> Iterator[tuple[str, str, str]]:
    host = active.hostname
    yield "MX", domain, f"10 {host}."
    if host != f"mail.{domain}":
        yield "CNAME", f"mail.{domain}", f"{host}."
    yield from _dkim(settings, domain)
    if host == domain or host.endswith(f".{domain}"):
        yield "TXT", host, "v=spf1 a ra=postmaster -all"
    # When the hostname is the domain itself this makes two SPF records of one name.
    yield "TXT", domain, "v=spf1 mx ra=postmaster -all"
    listeners = _listeners(settings)
    for listener in listeners:
        for service in _services(listener, settings.version.https_services):
            yield "SRV", f"_{service}._tcp.{domain}", f"0 1 {listener.port} {host}."
    if any(listener.protocol == "http" and not listener.lacks_tls for listener in listeners):
        yield from _web(active, domain)
    reports = f"mailto:postmaster@{domain}"
    yield "TXT", f"_dmarc.{domain}", f"v=DMARC1; p=reject; rua={reports}; ruf={reports}"
    yield "TXT", f"_smtp._tls.{domain}", f"v=TLSRPTv1; rua={reports}"


def _dkim(settings: Settings, domain: str) -> Iterator[tuple[str, str, str]]:
    # Macros are expanded for this display alone; a key that cannot be read is left out.
    keys, _ = expanded(settings.listed("signature.", strip=True))
    for key, value in keys.items():
        name = key.removesuffix(".domain")
        if name == key or value != domain:
            continue
        algorithm = key_algorithm(keys.get(f"{name}.algorithm"))
        pem, selector = keys.get(f"{name}.private-key"), keys.get(f"{name}.selector")
        if algorithm is None or pem is None or selector is None:
            continue
        try:
            public = public_key(algorithm, pem)
        except UnreadableKeyError:
            continue
        yield "TXT", f"{selector}._domainkey.{domain}", f"v=DKIM1; k={algorithm}; h=sha256; p={public}"


def _listeners(settings: Settings) -> list[_Listener]:
    keys = settings.listed("server.listener.", strip=True)
    found = []
    for key, protocol in keys.items():
        name = key.removesuffix(".protocol")
        if name == key:
            continue
        binds = [v for k, v in keys.items() if k == f"{name}.bind" or k.startswith(f"{name}.bind.")]
        port = binds[0].rpartition(":")[2] if binds else ""
        if port.isascii() and port.isdigit() and int(port):
            lacks_tls = keys.get(f"{name}.tls.implicit") != "true"
            found.append(_Listener(protocol=protocol, lacks_tls=lacks_tls, port=int(port)))
    return sorted(found)


def _services(listener: _Listener, https_services: tuple[str, ...]) -> tuple[str, ...]:
    """Return the service names under which a listener is announced."""
    secure = "" if listener.lacks_tls else "s"
    match listener.protocol:
        case "smtp" if listener.port >= _FIRST_SUBMISSION_PORT:
            return (f"submission{secure}",)
        case "imap" | "pop3":
            return (f"{listener.protocol}{secure}",)
        case "http" if secure:
            return https_services
        case _:
            return ()


def _web(active: Active, domain: str) -> Iterator[tuple[str, str, str]]:
    yield "CNAME", f"autoconfig.{domain}", f"{active.hostname}."
    yield "CNAME", f"autodiscover.{domain}", f"{active.hostname}."
    if active.sts_policy:
        digest = hashlib.sha256("\n".join(active.sts_policy).encode()).digest()
        yield "CNAME", f"mta-sts.{domain}", f"{active.hostname}."
        yield "TXT", f"_mta-sts.{domain}", f"v=STSv1; id={int.from_bytes(digest[:8], 'big')}"
