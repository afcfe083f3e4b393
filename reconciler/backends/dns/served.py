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
import dns.query
import dns.rcode
import dns.rdatatype

from reconciler.config.dns import NameServer
from reconciler.dnsdata import data, names

_ANSWER_SECONDS = 2.0
_PAUSE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One server's answer: canonical values, or why there are none."""

    values: frozenset[str]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must be served, or no longer.  Names and values are in their one form."""

    owner: str
    rrtype: str
    value: str
    is_there: bool = True

    def __str__(self) -> str:
        return f"{self.owner} {self.rrtype} {self.value}"


def ask(server: NameServer, owner: str, rrtype: str, *, timeout: float = _ANSWER_SECONDS) -> Answer:
    """Return what one server says about one set of records."""
    query = dns.message.make_query(owner, rrtype, flags=0)
    try:
        address = _address_of(server.host)
        answer = _exchanged(query, address, server.port, timeout)
    except (OSError, dns.exception.DNSException) as error:
        return Answer(values=frozenset(), error=f"no answer ({error or type(error).__name__})")
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(values=frozenset(), error=dns.rcode.to_text(answer.rcode()))
    if not answer.flags & dns.flags.AA:
        return Answer(values=frozenset(), error="not authoritative for this zone")
    wanted = dns.rdatatype.from_text(rrtype)
    values = {
        _canonical(rrtype, item.to_text())
        for rrset in answer.answer
        if rrset.rdtype == wanted and rrset.name.to_text().lower() == owner
        for item in rrset
    }
    return Answer(values=frozenset(values))


def serials(servers: Iterable[NameServer], zone: str) -> dict[NameServer, int]:
    """Return the serial that each server has; one that does not answer is left out."""
    found = {}
    for server in servers:
        for value in ask(server, zone, "SOA").values:
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
    open_questions = [(server, wanted) for server in servers for wanted in expected]
    deadline = now() + timeout
    while open_questions:
        answers: dict[tuple[NameServer, str, str], Answer] = {}
        wrong = []
        for server, wanted in open_questions:
            key = (server, wanted.owner, wanted.rrtype)
            if key not in answers:
                answers[key] = ask(server, wanted.owner, wanted.rrtype)
            if answers[key].error or (wanted.value in answers[key].values) is not wanted.is_there:
                wrong.append((server, wanted, answers[key]))
        if not wrong:
            return []
        if now() >= deadline:
            return [_told(*entry) for entry in wrong]
        open_questions = [(server, wanted) for server, wanted, _ in wrong]
        sleep(_PAUSE)
    return []


def _exchanged(query: dns.message.Message, address: str, port: int, timeout: float) -> dns.message.Message:
    try:
        answer = dns.query.udp(query, address, port=port, timeout=timeout, ignore_unexpected=True)
        if not answer.flags & dns.flags.TC:
            return answer
    except dns.exception.Timeout:
        pass  # some servers are reachable over TCP only
    return dns.query.tcp(query, address, port=port, timeout=timeout)


def _address_of(host: str) -> str:
    import socket

    return socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0]  # type: ignore[return-value]


def _canonical(rrtype: str, text: str) -> str:
    if rrtype == "SOA":
        return text
    try:
        return data.canonical(rrtype, text, ".")
    except names.BadData:
        return text


def _told(server: NameServer, wanted: Expected, answer: Answer) -> str:
    said = answer.error or ("it answers " + (", ".join(sorted(answer.values)) or "nothing"))
    where = server.host if server.port == 53 else f"{server.host} port {server.port}"
    not_ = "" if wanted.is_there else "no longer "
    return f"{where} should {not_}serve {wanted}: {said}"
