"""TLS-RPT: who wants to hear that mail could not be sent to him over TLS (RFC 8460).

With MTA-STS or DANE a sender refuses to deliver when TLS fails, and the receiver sees nothing: the
mail simply does not come.  The record at `_smtp._tls.<domain>` asks senders for a daily summary of
successes and failures, as JSON, to a mailbox or to a web address.  It changes no delivery, so it
is the first of the three to publish.  The mailbox had better not depend on what it reports about.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.mail import destinations, tags
from reconciler.mail.destinations import Destination
from reconciler.mail.errors import SyntaxProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """reports is never empty; others are extensions, in order."""

    reports: tuple[Destination, ...]
    others: tuple[tuple[str, str], ...] = ()


def owner(domain: str) -> str:
    """Return the name of a domain's record."""
    return f"_smtp._tls.{domain}"


def parse(text: str) -> Record:
    """Return the record.  A sender discards one that it cannot read (RFC 8460 §3), so any fault raises."""
    if not text.startswith("v=TLSRPTv1") or text[10:].lstrip(" \t")[:1] not in ("", ";"):
        raise _problem('The record must begin with "v=TLSRPTv1"; as it is, senders ignore it.', 0)
    found = tags.parsed(text, standard="TLS-RPT", blanks=False)[1:]
    reports: tuple[Destination, ...] = ()
    for tag in found:
        if tag.name != "rua":
            continue
        reports, problems = destinations.parse(tag.value, tag.position, standard="TLS-RPT", rfc="RFC 8460 §3")
        if problems:
            raise problems[0]
        for destination in reports:
            if destination.size or destination.scheme not in ("mailto", "https"):
                raise _problem(f'"{destination}" is neither "mailto:" nor "https:".', tag.position)
    if not reports:
        raise _problem('There is no "rua=", so nobody would get a report.', len(text))
    others = tuple((tag.name, tag.value) for tag in found if tag.name != "rua")
    return Record(reports=reports, others=others)


def text(record: Record) -> str:
    """Return the record's text."""
    reports = ",".join(map(str, record.reports))
    return "; ".join(("v=TLSRPTv1", f"rua={reports}", *(f"{name}={value}" for name, value in record.others)))


def _problem(words: str, position: int) -> SyntaxProblem:
    return SyntaxProblem(words, standard="TLS-RPT", position=position, rfc="RFC 8460 §3")
