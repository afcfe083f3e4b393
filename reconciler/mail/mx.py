"""MX: which host takes a domain's mail (RFC 5321 §5.1, RFC 7505).

A sender asks for the MX records of what stands after the @, tries the target with the lowest
preference first and delivers to the addresses of that name.  The target is a host name: never an
address, never an alias (RFC 2181 §10.3).  A domain without MX still gets mail, at its own A or
AAAA record; only the *null MX*, `0 .`, says that it takes none, and senders then give up at once
instead of trying for days.  A null MX stands alone (RFC 7505 §3).
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.mail import rdata


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mx:
    """preference: lower is tried first.  target "." is the null MX."""

    preference: int
    target: str


NULL = Mx(preference=0, target=".")


def parse(data: str) -> Mx:
    """Return the record of zone file data such as `10 mail.example.org.`"""
    preference, target = rdata.fields(data, "preference", "target", standard="MX")
    record = Mx(preference=rdata.number(preference, 0xFFFF), target=rdata.host(target))
    if record.target == "." and record.preference != 0:
        raise preference.wrong('The target "." says "no mail here", with preference 0.', "RFC 7505 §3")
    return record


def text(record: Mx) -> str:
    """Return the data as a zone file holds it."""
    return f"{record.preference} {rdata.dotted(record.target)}"
