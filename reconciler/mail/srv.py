"""SRV: where mail programs find their servers (RFC 2782, RFC 6186, RFC 8314).

Somebody types `alice@example.org` into a phone, and the phone asks for `_imaps._tcp.example.org`
and `_submissions._tcp.example.org`: the answer names a host and a port.  The record's four parts
are priority (lower first), weight (how to share among equals), port and target, a host name that
is no alias.  The target "." says that a service is decidedly not offered (RFC 2782), which keeps
programs from guessing.  Calendars and contacts (RFC 6764), JMAP (RFC 8620 §2.2) and filters
(RFC 5804 §1.8) use the same.  RFC 8314 §3 wants TLS from the first octet: imaps, pop3s and
submissions; their older siblings begin in clear text and ask for TLS afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.mail import rdata


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Srv:
    """priority: lower is tried first.  target "." with port 0 denies the service."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that mail programs look for.

    port is the usual one.  tls says that TLS begins with the first octet; secure names the
    service that does the same so, for those that do not.
    """

    name: str
    port: int
    tls: bool
    rfc: str
    secure: str = ""


SERVICES = (
    Service(name="submissions", port=465, tls=True, rfc="RFC 8314 §5.1"),
    Service(name="submission", port=587, tls=False, rfc="RFC 6186 §3.1", secure="submissions"),
    Service(name="imaps", port=993, tls=True, rfc="RFC 6186 §3.2"),
    Service(name="imap", port=143, tls=False, rfc="RFC 6186 §3.2", secure="imaps"),
    Service(name="pop3s", port=995, tls=True, rfc="RFC 6186 §3.3"),
    Service(name="pop3", port=110, tls=False, rfc="RFC 6186 §3.3", secure="pop3s"),
    Service(name="jmap", port=443, tls=True, rfc="RFC 8620 §2.2"),
    Service(name="caldavs", port=443, tls=True, rfc="RFC 6764 §3"),
    Service(name="caldav", port=80, tls=False, rfc="RFC 6764 §3", secure="caldavs"),
    Service(name="carddavs", port=443, tls=True, rfc="RFC 6764 §3"),
    Service(name="carddav", port=80, tls=False, rfc="RFC 6764 §3", secure="carddavs"),
    # ManageSieve has one port, and TLS is asked for on it; there is no sibling.
    Service(name="sieve", port=4190, tls=False, rfc="RFC 5804 §1.8"),
)

# "Not offered" (RFC 2782, RFC 6186 §3.4).
DENIED = Srv(priority=0, weight=0, port=0, target=".")


def owner(service: str, domain: str) -> str:
    """Return the name of a service's records.  All of them run over TCP."""
    return f"_{service}._tcp.{domain}"


def parse(data: str) -> Srv:
    """Return the record of zone file data such as `0 1 993 mail.example.org.`"""
    priority, weight, port, target = rdata.fields(
        data, "priority", "weight", "port", "target", standard="SRV"
    )
    return Srv(
        priority=rdata.number(priority, 0xFFFF),
        weight=rdata.number(weight, 0xFFFF),
        port=rdata.number(port, 0xFFFF),
        target=rdata.host(target),
    )


def text(record: Srv) -> str:
    """Return the data as a zone file holds it."""
    return f"{record.priority} {record.weight} {record.port} {rdata.dotted(record.target)}"
