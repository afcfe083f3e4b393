"""Data of the types that need a full parser, by dnspython: its only place in this package.

Imported late: start-up is a feature, and the zone of a mail domain does not need it.
"""

from __future__ import annotations

from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from .names import BadData, shown


def canonical(rrtype: str, text: str, origin: str) -> str:
    """Return the datum as dnspython writes it, with absolute lower-case names.  Raises BadData.

    A type that dnspython does not know is taken in the generic form only (RFC 3597 §5).
    """
    return _parsed(rrtype, text, origin).to_text()


def wire(rrtype: str, text: str) -> bytes:
    """Return the octets of a canonical datum: the same in every version of dnspython.  Raises BadData."""
    octets = _parsed(rrtype, text, ".").to_wire()
    assert octets is not None, "to_wire() returns octets when it is given no file"
    return octets


def _parsed(rrtype: str, text: str, origin: str) -> dns.rdata.Rdata:
    try:
        kind = dns.rdatatype.from_text(rrtype)
        root = dns.name.from_text(origin)
        datum = dns.rdata.from_text(dns.rdataclass.IN, kind, text, origin=root, relativize=False)
        lower: dict[str, Any] = {}
        for slot in (slot for part in type(datum).__mro__ for slot in getattr(part, "__slots__", ())):
            field = getattr(datum, slot, None)
            if isinstance(field, dns.name.Name):
                lower[slot] = field.canonicalize()
        return datum.replace(**lower) if lower else datum
    except (dns.exception.DNSException, ValueError, TypeError) as error:
        raise BadData(f"{shown(text)} is not data of the type {rrtype}: {error}.") from error
