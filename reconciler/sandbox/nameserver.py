"""A small name server for one zone file, on a loopback port: for the demo and for trying things.

It answers from its zone with authority, over UDP and TCP, and reads the file again when it is told
to.  A file that cannot be loaded leaves the old zone in service, as with BIND.  It does not sign,
transfer, recurse or update; how real servers behave is for real ones to show.
"""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

_HOST = "127.0.0.1"
_LONGEST_CHAIN = 8
_ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)


class NameServer:
    """Serves one zone.  port 0 takes a free one; tell is given a line for each load."""

    def __init__(
        self, zone: str, file: str, port: int = 0, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._origin = dns.name.from_text(zone)
        self._file = file
        self._tell = tell
        self._loaded: _Loaded | None = None
        self._servers = _bound(port, self.answer)
        self.port: int = self._servers[0].server_address[1]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            for server in self._servers
        ]

    def start(self) -> None:
        """Load the zone and answer."""
        self.load()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def load(self) -> bool:
        """Read the file again; say whether it is what is served now."""
        try:
            zone = dns.zone.from_file(self._file, self._origin, relativize=False)
        except (OSError, dns.exception.DNSException) as error:
            self._tell(f"zone {self._origin} not loaded, what was served before still is: {error}")
            return False
        self._loaded = _Loaded.of(zone, self._origin)
        self._tell(f"zone {self._origin} loaded")
        return True

    def answer(self, wire: bytes, *, is_datagram: bool) -> bytes | None:
        """Return the answer to one message; None to what is no question."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        if query.flags & dns.flags.QR or len(query.question) != 1:
            return None
        reply = dns.message.make_response(query)
        name = query.question[0].name
        if query.opcode() == dns.opcode.NOTIFY:
            if not self.load():
                reply.set_rcode(dns.rcode.SERVFAIL)
        elif query.opcode() != dns.opcode.QUERY:
            reply.set_rcode(dns.rcode.NOTIMP)
        elif not name.is_subdomain(self._origin):
            reply.set_rcode(dns.rcode.REFUSED)
        elif self._loaded is None:
            reply.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._loaded.look_up(reply, name, query.question[0].rdtype)
        # EDNS says how much more than 512 octets fit (RFC 6891 §6.2.3).
        return _fitted(reply, max(512, query.payload) if is_datagram else 65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A zone in service.  names are all that exist in it, those between two labels as well."""

    zone: dns.zone.Zone
    origin: dns.name.Name
    names: frozenset[dns.name.Name]

    @classmethod
    def of(cls, zone: dns.zone.Zone, origin: dns.name.Name) -> _Loaded:
        names = {origin}
        for owner in zone.nodes:
            while owner not in names and owner.is_subdomain(origin):
                names.add(owner)
                owner = owner.parent()
        return cls(zone=zone, origin=origin, names=frozenset(names))

    def look_up(self, reply: dns.message.Message, name: dns.name.Name, rdtype: int) -> None:
        """Fill the answer to one question (RFC 1034 §4.3.2)."""
        cut = self.delegation(name)
        if cut is not None and not (cut.name == name and rdtype == dns.rdatatype.DS):
            reply.authority.append(cut)
            targets = [rdata.target for rdata in cut]
            reply.additional += [
                glue for target in targets for kind in _ADDRESSES if (glue := self.rrset(target, kind))
            ]
            return
        reply.flags |= dns.flags.AA
        for _ in range(_LONGEST_CHAIN):
            source = self.source(name)
            found = self.rrset(source, rdtype) or self.rrset(source, dns.rdatatype.CNAME)
            if found is None:
                if source is None and not reply.answer:
                    reply.set_rcode(dns.rcode.NXDOMAIN)
                if (soa := self.rrset(self.origin, dns.rdatatype.SOA)) is not None:
                    reply.authority.append(soa)
                return
            reply.answer.append(dns.rrset.from_rdata_list(name, found.ttl, list(found)))
            if found.rdtype == rdtype or not found[0].target.is_subdomain(self.origin):
                return
            name = found[0].target

    def rrset(self, name: dns.name.Name | None, rdtype: int) -> dns.rrset.RRset | None:
        return None if name is None else self.zone.get_rrset(name, dns.rdatatype.RdataType(rdtype))

    def delegation(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """Return the NS records of the zone cut at or above the name."""
        for labels in range(len(self.origin) + 1, len(name) + 1):
            if (found := self.rrset(name.split(labels)[1], dns.rdatatype.NS)) is not None:
                return found
        return None

    def source(self, name: dns.name.Name) -> dns.name.Name | None:
        """Return the owner that answers for a name: itself, or the wildcard beside it (RFC 4592 §3.3.1)."""
        if name in self.names:
            return name
        while name not in self.names:
            name = name.parent()
        wildcard = dns.name.Name((b"*", *name.labels))
        return wildcard if wildcard in self.names else None


def load_again(zone: str, port: int, timeout: float = 5.0) -> bool:
    """Tell a NameServer to read its file again (a NOTIFY, RFC 1996); say whether it serves that now."""
    notify = dns.message.make_query(dns.name.from_text(zone), dns.rdatatype.SOA)
    notify.set_opcode(dns.opcode.NOTIFY)
    try:
        answer = dns.query.udp(notify, _HOST, port=port, timeout=timeout)
    except (OSError, dns.exception.DNSException):
        return False
    return answer.rcode() == dns.rcode.NOERROR


def _fitted(reply: dns.message.Message, limit: int) -> bytes:
    """Return the message in at most limit octets; one that does not fit says so and is asked for over TCP."""
    try:
        return reply.to_wire(max_size=limit)
    except dns.exception.TooBig:
        reply.answer, reply.authority, reply.additional = [], [], []
        reply.flags |= dns.flags.TC
        return reply.to_wire(max_size=limit)


class _Datagrams(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False


class _Streams(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def _bound(port: int, answer: Callable[..., bytes | None]) -> tuple[_Streams, _Datagrams]:
    """Return a listener for each transport, both on one port."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, back = self.request
            if (reply := answer(wire, is_datagram=True)) is not None:
                back.sendto(reply, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        timeout = 10

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while len(head := self.rfile.read(2)) == 2:
                    wire = self.rfile.read(struct.unpack("!H", head)[0])
                    if (reply := answer(wire, is_datagram=False)) is None:
                        return
                    self.wfile.write(struct.pack("!H", len(reply)) + reply)

    while True:
        streams = _Streams((_HOST, port), Stream)
        try:
            return streams, _Datagrams((_HOST, streams.server_address[1]), Datagram)
        except OSError:
            streams.server_close()
            if port:
                raise
