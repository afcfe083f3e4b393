"""Changes of DNS records in words: the type, the name, and what its data says; long texts by token.  Pure."""

from __future__ import annotations

from reconciler.diff import Change, FieldChange, Verb
from reconciler.kinds.record import parts_of
from reconciler.render.characters import printable, shortened
from reconciler.resource import UNSET, Pending

_MEANINGS = {"spf": "SPF", "dmarc": "DMARC", "dkim": "DKIM", "tlsrpt": "TLS-RPT", "mtasts": "MTA-STS"}


def details(change: Change) -> str:
    """Return what happens to a record, in a few words."""
    record = parts_of(change.address)
    value = record.value if record else ""
    title = _MEANINGS.get(value, "") if record and record.type == "TXT" else ""
    fields = {field.path: field for field in change.fields}
    match change.verb:
        case Verb.ADD:
            shown = fields.get("value") or fields.get("made")
            parts = [title, _data(shown.after) if shown else shortened(printable(value))]
        case Verb.CHANGE:
            parts = [title, *(_changed(field) for field in change.fields if field.path in ("value", "ttl"))]
        case Verb.DELETE:
            said = [_data(field.before) for field in change.fields if title and field.path == "value"]
            parts = [title or shortened(printable(_unquoted(value))), *said, printable(change.reason)]
        case Verb.ADOPT:
            parts = [
                title or shortened(printable(_unquoted(value))),
                "as declared; gets our mark and nothing else",
            ]
        case _:
            parts = [title or shortened(printable(_unquoted(value))), "loses our mark and nothing else"]
    return "  ".join(part for part in parts if part)


def datum(change: Change) -> str:
    """Return the value that comes or goes, or what it is for; from the address where the plan was saved."""
    shown = next((field for field in change.fields if field.path in ("value", "made")), None)
    if change.verb is Verb.ADD and shown is not None:
        return _data(shown.after)
    record = parts_of(change.address)
    value = record.value if record else ""
    return _MEANINGS.get(value, shortened(printable(_unquoted(value))))


def _changed(field: FieldChange) -> str:
    if field.path == "ttl":
        return printable(f"TTL {field.before} -> {field.after}")
    before, after = field.before, field.after
    if not isinstance(before, str) or not isinstance(after, str):
        return _data(after)
    came, went = _tokens(after), _tokens(before)
    if len(came) == 1 or len(went) == 1:
        return f"{_data(before)} -> {_data(after)}"
    new, gone = [t for t in came if t not in went], [t for t in went if t not in came]
    pairs = {t: twin for t in new if (twin := next((g for g in gone if _key(g) == _key(t)), None))}
    words = [f"{twin} -> {t}" for t, twin in pairs.items()]
    words += [f"+{t}" for t in new if t not in pairs] + [f"-{t}" for t in gone if t not in pairs.values()]
    return " · ".join(words) or f"{_data(before)} -> {_data(after)}"


def _key(token: str) -> str:
    """Return what a token is about: the name of a tag, or the end of an SPF text; else the token itself."""
    name, sign, _ = token.partition("=")
    return "all" if token in ("+all", "-all", "~all", "?all", "all") else name.strip() if sign else token


def _tokens(value: str) -> list[str]:
    """Return the terms of a text: of SPF between blanks, of the others between semicolons."""
    text = printable(_unquoted(value))
    parts = text.split(";") if ";" in text else text.split(" ")
    return [part.strip() for part in parts if part.strip()]


def _data(value: object) -> str:
    if isinstance(value, Pending) or value is UNSET:
        return str(value) if isinstance(value, Pending) else ""
    return shortened(printable(_unquoted(str(value))))


def _unquoted(value: str) -> str:
    """Return a single quoted string without its quotes, as people say it."""
    if len(value) > 1 and value[0] == value[-1] == '"' and '"' not in value[1:-1]:
        return value[1:-1]
    return value
