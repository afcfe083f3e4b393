"""Rules about the texts in zone files: what is cut, glued, doubled or read by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.lint.lines import Line, bare
from reconciler.lint.refused import by_zone
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_MISSPELT_SPF: Final = re.compile(r"v ?= ?spf ?1|spf1\b|v ?= ?spf\b", re.IGNORECASE)


def string_too_long(scene: Scene) -> Iterator[Found]:
    """ZONE-05: One string of a TXT record has at most 255 octets.

    Severity: error
    Looks at: zone file

    A long text, such as a DKIM key of 2048 bits, is written as several strings in quotes, which are joined
    with nothing in between.

    Why: The name server refuses the whole zone.

    Fix: Split it: `"first part" "second part"`.

    Source: RFC 1035 §3.3 and §3.3.14
    """
    yield from by_zone(scene, "ZONE-05")


def cut_by_semicolon(scene: Scene) -> Iterator[Found]:
    """ZONE-06: A text with semicolons stands in quotes.

    Severity: error
    Looks at: zone file

    Outside of quotes a semicolon begins a comment. So `v=DMARC1; p=none` without quotes is the record
    `v=DMARC1` and nothing else.

    Why: The policy or the key is not published, and no tool that loads the zone complains.

    Fix: Put the whole text in quotes.

    Source: RFC 1035 §5.1
    """
    yield from by_zone(scene, "ZONE-06")


def joined_wrongly(scene: Scene) -> Iterator[Found]:
    """ZONE-07: The strings of a TXT record join to what was meant.

    Severity: error
    Looks at: zone file

    The strings of one TXT record are joined with nothing in between. Terms of SPF need a blank at the
    joint, inside the quotes; the base64 of a key had better not have one, which is a warning.

    Why: "v=spf1 mx" "-all" is read as `v=spf1 mx-all`, which is a permanent error: SPF is as good as absent.

    Fix: Move the blank inside the quotes, or write one string.

    Source: RFC 7208 §3.3, RFC 6376 §3.6.2.2
    """
    for line in (line for zone in scene.zones for line in zone.lines if line.type == "TXT"):
        if line.glued:
            yield Found(
                text=f'{bare(line.owner)}: the strings join to "{line.glued}", without the blank that SPF needs there',
                fix='"' + " ".join(part.strip() for part in line.strings) + '"',
                name=bare(line.owner),
                where=line.where,
            )
        elif line.meaning == "dkim" and re.search(r"p=[A-Za-z0-9+/=]*[ \t]+[A-Za-z0-9+/=]", line.text):
            yield Found(
                text=f"{bare(line.owner)}: there are blanks inside the key, and some receivers cannot read it then",
                fix="let the strings follow one another without blanks inside the quotes",
                name=bare(line.owner),
                where=line.where,
                severity="warning",
            )


def included(scene: Scene) -> Iterator[Found]:
    """ZONE-15: Records that come from elsewhere are not looked at.

    Severity: hint
    Looks at: zone file

    `$INCLUDE` brings records of another file, and `$GENERATE` makes a series of them.

    Why: What an included file holds is not checked here, and mailstack changes neither of the two.

    Fix: Keep the records of mail in the zone file itself.

    Source: RFC 1035 §5.1; BIND 9.18 Administrator Reference Manual, "$GENERATE"
    """
    for zone in scene.zones:
        included = ("$INCLUDE: its records are neither checked nor changed", zone.includes)
        generated = ("$GENERATE: its records are not changed", zone.generates)
        for text, places in (included, generated):
            for where in places:
                yield Found(
                    text=text,
                    fix="keep the records of mail in the zone file itself",
                    name=bare(zone.name),
                    where=where,
                )


def same_twice(scene: Scene) -> Iterator[Found]:
    """ZONE-17: No record is there twice.

    Severity: warning
    Looks at: zone file

    Two lines with the same name, type and data, apart from letters' case, quotes and dots, are one record.

    Why: Whoever changes one of the two later wonders why nothing changes.

    Fix: Delete one of the lines.

    Source: RFC 2181 §5
    """
    for zone in scene.zones:
        first: dict[tuple[str, str, str], Line] = {}
        for line in zone.lines:
            before = first.setdefault((line.owner, line.type, line.value), line)
            if before is not line:
                place = f"line {before.where.line}" if before.where else "above"
                yield Found(
                    text=f"{bare(line.owner)} {line.type} is there twice, first in {place}",
                    fix="delete one of the two lines",
                    name=bare(line.owner),
                    where=line.where,
                )


def obsolete(scene: Scene) -> Iterator[Found]:
    """ZONE-18: Nothing is published that nobody reads.

    Severity: warning
    Looks at: records

    Records of the type SPF, Sender ID (`v=spf2.0`, `spf2.0/pra`), ADSP (`_adsp._domainkey`) and misspelt
    beginnings such as `v=spf 1` or `spf1` mean nothing to any receiver.

    Why: They look like protection and are none.

    Fix: Delete the record; the SPF text belongs into a TXT record that begins with `v=spf1` and a blank.

    Source: RFC 7208 §3.1, RFC 5617 (historic), RFC 6686
    """
    for line in scene.lines:
        why = _unread(line)
        if why:
            yield Found(
                text=f"{bare(line.owner)} {line.type}: {why}",
                fix="delete it; SPF is a TXT record that begins with v=spf1 and a blank",
                name=bare(line.owner),
                where=line.where,
            )


def _unread(line: Line) -> str:
    if line.type == "SPF":
        return "the type SPF is not looked at any more"
    if line.type != "TXT":
        return ""
    text = line.text
    if line.owner.startswith("_adsp._domainkey."):
        return "ADSP was given up, and nobody reads it"
    if text.lower().startswith(("v=spf2.0", "spf2.0/")):
        return "Sender ID was given up, and nobody reads it"
    if line.meaning != "spf" and text.lower() != "v=spf1" and _MISSPELT_SPF.match(text):
        return f'"{text.split(" ")[0][:20]}" is not how SPF begins, and receivers take it for nothing'
    return ""


def byte_order_mark(scene: Scene) -> Iterator[Found]:
    """ZONE-19: The file is plain text.

    Severity: error
    Looks at: zone file

    Some editors and control panels put a byte order mark at the start of a file.

    Why: Name servers take it for a part of the first word and refuse the zone.

    Fix: Save the file as plain UTF-8 or ASCII, without the mark.

    Source: RFC 1035 §5.1
    """
    yield from by_zone(scene, "ZONE-19")


RULES: Final[tuple[Check, ...]] = (
    string_too_long,
    cut_by_semicolon,
    joined_wrongly,
    included,
    same_twice,
    obsolete,
    byte_order_mark,
)
