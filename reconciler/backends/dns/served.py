"""What name servers answer: the proof that a change is served.  Reads only.

Recursion is off, so a resolver in between cannot answer from its memory; UDP first, then TCP where
the answer was cut or did not come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from reconciler.backends.dns.expected import Expected
from reconciler.config.dns import NameServer
from reconciler.dnsdata import data, names
from reconciler.dnsdata.rrtypes import NUMBERS

# A lost question is asked again over TCP, so the first wait is a short one.
_UDP_SECONDS = 1.0
_TCP_SECONDS = 2.0
_PAUSE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One server's answer about one set: its canonical values and its TTL, or why there are none."""

    values: frozenset[str] = frozenset()
    ttl: int | None = None
    error: str = ""
    is_silence: bool = False
    only_over_tcp: bool = False


def ask(server: NameServer, owner: str, rrtype: str, *, tcp_only: bool = False) -> Answer:
    """Return what one server says about one set of records."""
    wanted = dns.rdatatype.RdataType.make(NUMBERS.get(rrtype, rrtype))
    name = dns.name.from_text(owner)
    query = dns.message.make_query(name, wanted, flags=0)
    try:
        address = _address_of(server.host)
        answer, tcp_only = _exchanged(query, address, server.port, tcp_only=tcp_only)
    except (OSError, dns.exception.DNSException) as error:
        said = str(error) or type(error).__name__
        return Answer(error=f"no answer ({said})", is_silence=True)
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(error=dns.rcode.to_text(answer.rcode()), only_over_tcp=tcp_only)
    rrsets = answer.answer
    if not answer.flags & dns.flags.AA:
        if not any(r.rdtype == dns.rdatatype.NS and name.is_subdomain(r.name) for r in answer.authority):
            return Answer(error="not authoritative for this zone", only_over_tcp=tcp_only)
        # The name is delegated: its NS and its glue stand in the referral (RFC 1034 §4.3.2).
        rrsets = [*answer.authority, *answer.additional]
    found = [rrset for rrset in rrsets if rrset.rdtype == wanted and rrset.name == name]
    return Answer(
        values=frozenset(_canonical(rrtype, item.to_text()) for rrset in found for item in rrset),
        ttl=found[0].ttl if found else None,
        only_over_tcp=tcp_only,
    )


def serials(servers: Iterable[NameServer], zone: str) -> dict[NameServer, int | str]:
    """Return the serial that each server has, or in words why it has none."""
    found: dict[NameServer, int | str] = {}
    for server in servers:
        answer = ask(server, zone, "SOA")
        found[server] = answer.error or "it has no SOA for it"
        for value in answer.values:
            found[server] = int(value.split()[2])
    return found


def missing(
    servers: Sequence[NameServer],
    expected: Sequence[Expected],
    *,
    timeout: float,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Ask until every server says what is expected, or the time is over.

    Returns what is not so, in words; nothing when all is.
    """
    open_questions = {server: list(expected) for server in servers}
    deadline = now() + timeout
    while True:
        wrong = {server: _wrong(server, questions) for server, questions in open_questions.items()}
        open_questions = {server: [e for e, _ in entries] for server, entries in wrong.items() if entries}
        if not open_questions or now() >= deadline:
            return [_told(server, *entry) for server, entries in wrong.items() for entry in entries]
        sleep(_PAUSE)


def _wrong(server: NameServer, expected: Sequence[Expected]) -> list[tuple[Expected, Answer]]:
    """Return what one server does not say, with what it says.

    What is silent is waited for once: the server, or its UDP.
    """
    answers: dict[tuple[str, str], Answer] = {}
    silence: Answer | None = None
    tcp_only = False
    wrong = []
    for wanted in expected:
        key = (wanted.owner, wanted.rrtype)
        if key not in answers:
            answers[key] = silence or ask(server, *key, tcp_only=tcp_only)
            silence = answers[key] if answers[key].is_silence else None
            tcp_only = answers[key].only_over_tcp
        answer = answers[key]
        is_there = wanted.value in answer.values and wanted.ttl in (None, answer.ttl)
        if answer.error or is_there is not wanted.is_there:
            wrong.append((wanted, answer))
    return wrong


def _exchanged(
    query: dns.message.Message, address: str, port: int, *, tcp_only: bool
) -> tuple[dns.message.Message, bool]:
    """Return the answer, and whether it is to be had over TCP only."""
    if not tcp_only:
        try:
            answer = dns.query.udp(query, address, port=port, timeout=_UDP_SECONDS, ignore_unexpected=True)
            if not answer.flags & dns.flags.TC:
                return answer, False
        except (OSError, dns.exception.Timeout):
            tcp_only = True
    return dns.query.tcp(query, address, port=port, timeout=_TCP_SECONDS), tcp_only


def _address_of(host: str) -> str:
    import socket

    return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])


def _canonical(rrtype: str, text: str) -> str:
    if rrtype == "SOA":
        return text
    try:
        return data.canonical(rrtype, text, ".")
    except names.BadData:
        return text


def _told(server: NameServer, wanted: Expected, answer: Answer) -> str:
    said = answer.error or ("it answers " + (", ".join(sorted(answer.values)) or "nothing"))
    if not answer.error and wanted.ttl is not None and wanted.value in answer.values:
        said = f"it answers with the TTL {answer.ttl}"
    not_ = "" if wanted.is_there else "no longer "
    name = server.host if server.port == 53 else f"{server.host} port {server.port}"
    return f"{name} should {not_}serve {wanted}: {said}"
