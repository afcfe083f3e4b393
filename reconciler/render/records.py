"""The records of a stack, to paste elsewhere: as a zone file, for octoDNS, dnscontrol, Terraform, or as JSON.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.dnsdata import names
from reconciler.kinds.record import APEX, Record, text_of
from reconciler.mail import txt
from reconciler.render.json_text import json_text
from reconciler.resource import UNSET

FORMAT = 1

_DEFAULT_TTL = 3600
# octoDNS calls the parts of a datum so, in the order of the zone file.
_OCTODNS_PARTS = {
    "CAA": ("flags", "tag", "value"),
    "MX": ("preference", "exchange"),
    "SRV": ("priority", "weight", "port", "target"),
    "TLSA": (
        "certificate_usage",
        "selector",
        "matching_type",
        "certificate_association_data",
    ),
}
# What both tools write in a way that is known here; other types are left to a person.
_PASTED = frozenset({"A", "AAAA", "CNAME", "NS", "PTR", "TXT", *_OCTODNS_PARTS})
# What dnscontrol names a type's function; the others are called like the type.
_JAVASCRIPT_NUMBERS = {"CAA": 0, "MX": 1, "SRV": 3, "TLSA": 3}


def bind(records: Sequence[Record], notes: Iterable[str] = ()) -> str:
    """Return zone-file text with absolute names, so that it may stand under any $ORIGIN."""
    lines = [f"; {note}" for note in notes]
    for record in records:
        lines.append(f"{record.owner} {_ttl(record)} IN {record.type} {_data(record)}")
    return "\n".join(lines) + "\n"


def as_json(records: Sequence[Record], notes: Iterable[str] = ()) -> str:
    """Return the records as JSON, `format: 1`; names are absolute, texts are joined."""
    data = {
        "format": FORMAT,
        "records": [
            {
                "zone": record.zone,
                "name": record.owner,
                "type": record.type,
                "ttl": _ttl(record),
                "value": _value(record),
            }
            for record in records
        ],
        "notes": list(notes),
    }
    return json_text(data)


def octodns(records: Sequence[Record], notes: Iterable[str] = ()) -> str:
    """Return the YAML of octoDNS's YamlProvider; each zone is a document, which belongs into a file of its own."""
    documents = []
    told = list(notes)
    for zone in dict.fromkeys(record.zone for record in records):
        inside = [record for record in records if record.zone == zone]
        by_name: dict[str, dict[str, list[Record]]] = {}
        for record in filter(_is_for_octodns, inside):
            name = "" if record.owner == zone else names.relative(record.owner, zone)
            by_name.setdefault(name, {}).setdefault(record.type, []).append(record)
        # What is told of all zones stands in the first file.
        lines = [f"# {zone}yaml", *(f"# {note}" for note in told)]
        told = []
        lines += [f"# {_by_hand(record)}" for record in inside if not _is_for_octodns(record)]
        for name in sorted(by_name):
            lines.append(f"{json.dumps(name)}:")
            for rrtype, several in sorted(by_name[name].items()):
                lines += [f"- ttl: {_ttl(several[0])}", f"  type: {rrtype}"]
                lines += _octodns_values(rrtype, several)
        documents.append("\n".join(lines) + "\n")
    return "---\n" + "---\n".join(documents)


def _is_for_octodns(record: Record) -> bool:
    """Does octoDNS publish what it says?  It refuses other texts than ASCII, and takes a backslash for an escape."""
    return record.type in _PASTED and not (
        record.type == "TXT" and ("\\" in _value(record) or not _value(record).isascii())
    )


def _octodns_values(rrtype: str, records: Sequence[Record]) -> list[str]:
    values = sorted((_octodns_value(rrtype, record) for record in records), key=json.dumps)
    if len(values) == 1:
        return [f"  value: {json.dumps(values[0])}"]
    return ["  values:", *(f"  - {json.dumps(value)}" for value in values)]


def _octodns_value(rrtype: str, record: Record) -> Any:
    value = _value(record)
    if rrtype == "TXT":
        return value.replace(";", "\\;")
    parts = _OCTODNS_PARTS.get(rrtype)
    if parts is None:
        return value
    words = value.split(" ", len(parts) - 1)
    pairs = {part: int(word) if word.isdigit() else word for part, word in zip(parts, words, strict=True)}
    if rrtype == "CAA":
        pairs["value"] = txt.parse(words[-1])
    if rrtype == "TLSA":
        pairs["certificate_association_data"] = words[-1]
    return dict(sorted(pairs.items()))


def dnscontrol(records: Sequence[Record], notes: Iterable[str] = ()) -> str:
    """Return JavaScript for dnsconfig.js, which extends the domains that are declared there."""
    lines = [f"// {note}" for note in notes]
    for zone in dict.fromkeys(record.zone for record in records):
        lines.append(f"D_EXTEND({json.dumps(zone.rstrip('.'))},")
        inside = [record for record in records if record.zone == zone]
        # The last one has no comma: dnscontrol reads ECMAScript 5.
        lines.append(",\n".join(f"  {_javascript(r)}" for r in inside if r.type in _PASTED))
        lines.append(");")
        lines += [f"// {_by_hand(record)}" for record in inside if record.type not in _PASTED]
    return "\n".join(lines) + "\n"


def _javascript(record: Record) -> str:
    name = APEX if record.owner == record.zone else names.relative(record.owner, record.zone)
    count = _JAVASCRIPT_NUMBERS.get(record.type, 0)
    value = _value(record)
    words: list[Any] = [value]
    if record.type == "CAA":
        flags, tag, text = value.split(" ", 2)
        words = [tag, txt.parse(text)]
        tail = ", CAA_CRITICAL" if int(flags) & 128 else ""
    else:
        tail = ""
        if count:
            *numbers, last = value.split(" ", count)
            words = [*map(int, numbers), last]
    said = ", ".join(json.dumps(word, ensure_ascii=False) for word in [name, *words])
    return f"{record.type}({said}{tail}, TTL({_ttl(record)}))"


def terraform(records: Sequence[Record], notes: Iterable[str] = ()) -> str:
    """Return a local value, to go through with `for_each`: each DNS provider names its resources otherwise."""
    lines = [*(f"# {note}" for note in notes), "locals {", "  mail_records = {"]
    for record in records:
        fields: dict[str, str | int] = {
            "zone": record.zone,
            "name": record.owner,
            "type": record.type,
            "ttl": _ttl(record),
            "value": _value(record),
        }
        said = ", ".join(f"{key} = {_hcl(value)}" for key, value in fields.items())
        lines.append(f"    {_hcl(record.address.name)} = {{ {said} }}")
    return "\n".join([*lines, "  }", "}"]) + "\n"


def _hcl(value: str | int) -> str:
    """Return a literal of HCL; `${` and `%{` would begin a template there."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _by_hand(record: Record) -> str:
    return f"to be written by hand: {record.owner} {record.type} {_data(record)}"


def _ttl(record: Record) -> int:
    return next((ttl for ttl in (record.ttl, record.made_ttl) if isinstance(ttl, int)), _DEFAULT_TTL)


def _canonical(record: Record) -> str:
    value = record.made if record.value is UNSET else record.value
    assert isinstance(value, str), "what follows from keys is a note"
    return value


def _value(record: Record) -> str:
    """Return the datum; of a TXT record the joined text."""
    return text_of(_canonical(record)) if record.type == "TXT" else _canonical(record)


def _data(record: Record) -> str:
    """Return the datum as a zone file holds it: no string over 255 octets."""
    return txt.text(_value(record)) if record.type == "TXT" else _canonical(record)
