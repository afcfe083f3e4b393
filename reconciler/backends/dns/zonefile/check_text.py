"""Rules about TXT records, found by their text: only the records that hold it are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from operator import sub
from typing import Final

from reconciler.dnsdata import strings
from reconciler.dnsdata.names import BadData
from reconciler.errors import Problem

from .zone import Zone

# These two are looked for in the text in lower case: quicker than a search without case.
_POLICY: Final = re.compile(rb"v=(?:spf1|dmarc1)\b")
_TAGGED: Final = re.compile(rb"v=(?:dmarc1|dkim1|stsv1|tlsrptv1)[ \t]*;")


def one_policy_a_name(zone: Zone) -> Iterator[Problem]:
    """A name has one SPF text (RFC 7208 §4.5) and one DMARC text (RFC 9989): with two there is none."""
    seen: dict[tuple[str, str], str] = {}
    found = _texts(zone, _POLICY)
    counts = Counter(zone.scan.owners[index] for index in found)
    for index in found:
        owner = zone.scan.owners[index]
        if counts[owner] == 1:
            continue
        text = _text(zone, index)
        policy = ""
        if re.match(rb"v=spf1(?: |\Z)", text, re.IGNORECASE):
            policy = "SPF"
        elif owner.startswith("_dmarc.") and re.match(rb"v=DMARC1\s*(?:;|\Z)", text, re.IGNORECASE):
            policy = "DMARC"
        if not policy:
            continue
        where = zone.at(index)
        first = seen.setdefault((owner, policy), str(where))
        if first != str(where):
            yield Problem(
                where=where,
                rule=f"{policy}-01",
                summary=f"two {policy} texts on one name",
                detail=f"{owner} has another one at {first}. Receivers then act as if there were none. "
                "Make one record of them.",
            )


def cut_by_semicolon(zone: Zone) -> Iterator[Problem]:
    """A tag list in a TXT record stands in quotes: outside of them a semicolon begins a comment."""
    for index in _texts(zone, _TAGGED):
        fields = zone.scan.fields(index)
        first = fields.rdata[0] if fields.rdata else None
        if first is None or first.quoted or len(fields.rdata) > 1:
            continue
        if _TAGGED.match(zone.scan.data[first.start : fields.line.end].lower()):
            yield Problem(
                where=zone.where(first.start),
                rule="ZONE-06",
                summary="TXT cut by a semicolon",
                detail="Without quotes the semicolon begins a comment, so the record ends after its version. "
                "Put the whole text in quotes.",
            )


def string_too_long(zone: Zone) -> Iterator[Problem]:
    """One string of a TXT record has at most 255 octets (RFC 1035 §3.3.14); BIND refuses the zone otherwise."""
    starts = zone.scan.starts
    lengths = map(sub, starts[1:], starts)
    long_lines = [line for line, length in enumerate(lengths) if length > strings.MAX_STRING]
    for index in _texts_at(zone, (starts[line] for line in long_lines)):
        for token in zone.scan.fields(index).rdata:
            try:
                octets = strings.octets_of(strings.ascii_of(zone.scan.data[token.start : token.end]))
            except BadData:
                continue
            if len(octets) > strings.MAX_STRING:
                yield Problem(
                    where=zone.where(token.start),
                    rule="ZONE-05",
                    summary="TXT string too long",
                    detail=f"The string has {len(octets)} octets, and {strings.MAX_STRING} is the most. "
                    "Write it as several strings, each in quotes; they are joined without a blank.",
                )


def _text(zone: Zone, index: int) -> bytes:
    tokens = zone.scan.fields(index).rdata
    try:
        return b"".join(
            strings.octets_of(strings.ascii_of(zone.scan.data[token.start : token.end])) for token in tokens
        )
    except BadData:
        return b""


def _texts(zone: Zone, pattern: re.Pattern[bytes]) -> list[int]:
    """Return the TXT records whose lines hold the pattern, in the order of the file."""
    return _texts_at(zone, (match.start() for match in pattern.finditer(zone.scan.data.lower())))


def _texts_at(zone: Zone, offsets: Iterable[int]) -> list[int]:
    """Return the TXT records whose lines hold one of the offsets, in the order of the file."""
    scan = zone.scan
    found: dict[int, None] = {}
    for offset in offsets:
        index = scan.index_at(scan.line_of(offset) + 1) - 1
        if index < 0 or scan.types[index] != "TXT" or index in found:
            continue
        is_first_line = offset < scan.starts[scan.lines[index] + 1]
        if is_first_line or offset < scan.logical(index).end:
            found[index] = None
    return list(found)
