"""Where reports go: the URI lists of DMARC and TLS-RPT (RFC 9989 §4.6, RFC 8460 §3).

`mailto:` (RFC 6068) takes reports by mail; TLS-RPT knows `https:` as well.  Commas part the URIs,
so that a comma, an exclamation mark or a semicolon inside one is percent-encoded.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from urllib.parse import unquote

from reconciler.mail.errors import SyntaxProblem

# RFC 3986 §2, without what must be encoded here.
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):((?:[A-Za-z0-9._~:/?#\[\]@$&'()*+=-]|%[0-9A-Fa-f]{2})+)")
_SIZED = re.compile(r"(.*?)(?:!([0-9]+[kmgt]?))?", re.DOTALL | re.IGNORECASE)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_MAILBOX = re.compile(rf"[^@\s]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}")
_HTTPS = re.compile(r"//[^/?#\s]+(?:[/?#].*)?")


# What of RFC 6068 §2 may stand in an address here: no delimiter of the list or of the record.
_UNENCODED = frozenset(string.ascii_letters + string.digits + "-._~+@=$'*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One URI.  size is DMARC's limit such as `10m`, which reporters ignore since RFC 9989."""

    uri: str
    size: str = ""

    def __str__(self) -> str:
        return f"{self.uri}!{self.size}" if self.size else self.uri

    @property
    def scheme(self) -> str:
        return self.uri.partition(":")[0].lower()

    @property
    def mailbox(self) -> str | None:
        """The address behind `mailto:`, its domain in lower case; None for other schemes."""
        if self.scheme != "mailto":
            return None
        address = unquote(self.uri.partition(":")[2].partition("?")[0])
        local, _, domain = address.rpartition("@")
        return f"{local}@{domain.lower()}"


def to_mailbox(address: str) -> Destination:
    """Return the `mailto:` of an address; what cannot stand in a URI is percent-encoded."""
    octets = (
        chr(octet) if chr(octet) in _UNENCODED else f"%{octet:02X}" for octet in address.encode("utf-8")
    )
    return Destination(uri="mailto:" + "".join(octets))


def parse(
    value: str, position: int, *, standard: str, rfc: str
) -> tuple[tuple[Destination, ...], tuple[SyntaxProblem, ...]]:
    """Return the URIs that are right, in order, and what is wrong with the others."""
    good, problems = [], []
    at = position
    for part in value.split(","):
        sized = _SIZED.fullmatch(part.strip(" \t"))
        uri, size = (sized[1], sized[2] or "") if sized else (part, "")
        words = _fault(uri)
        if words:
            start = at + len(part) - len(part.lstrip(" \t"))
            problems.append(SyntaxProblem(words, standard=standard, position=start, rfc=rfc))
        else:
            good.append(Destination(uri=uri, size=size))
        at += len(part) + 1
    return tuple(good), tuple(problems)


def _fault(uri: str) -> str:
    """Say what is wrong with a URI; an empty text when nothing is."""
    if not uri:
        return "A URI is missing here."
    found = _URI.fullmatch(uri)
    if found is None:
        if _MAILBOX.fullmatch(uri):
            return f'"{uri}" lacks its scheme. Write "mailto:{uri}".'
        return f'"{uri}" is not a URI; commas and exclamation marks in one are percent-encoded.'
    scheme, rest = found[1].lower(), found[2]
    if scheme == "mailto" and not _MAILBOX.fullmatch(unquote(rest.partition("?")[0])):
        return f'"{uri}" names no mailbox. Write it like "mailto:postmaster@example.org".'
    if scheme in ("http", "https") and not _HTTPS.fullmatch(rest):
        return f'"{uri}" names no host. Write it like "https://example.org/reports".'
    return ""
