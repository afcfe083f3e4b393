"""Changes in the words of a person who runs a mail server.  Pure; every renderer takes its words from here.

Only what changes is said, and nothing twice.  Texts from outside are shown without control
characters, so that a name cannot repaint the terminal.
"""

from __future__ import annotations

from reconciler.diff import UNWRITTEN, Change, FieldChange, Verb
from reconciler.dnsdata.readable import readable
from reconciler.guard import Held
from reconciler.kinds.record import parts_of
from reconciler.render import record_words
from reconciler.render.characters import printable, shortened
from reconciler.resource import UNSET, Pending
from reconciler.state import Activate

SIGNS = {
    Verb.ADD: "+",
    Verb.CHANGE: "~",
    Verb.DELETE: "-",
    Verb.ADOPT: ">",
    Verb.FORGET: "<",
    Verb.ACTIVATE: "*",
}

_NOUNS = {
    "allowed_ip": "allowed ip",
    "catch_all": "catch-all",
    "dkim_key": "dkim key",
    "activation": "activate",
}

CONSEQUENCES = {
    "account": "with all mail in it, at once and for ever",
    "group": "with all mail in it, at once and for ever",
    "list": "mail to it bounces",
    "alias": "mail to it bounces",
    "catch_all": "mail to unknown addresses bounces",
    "domain": "the server no longer takes mail for it",
    "dkim_key": "mail is no longer signed with it",
    "tls": "certificates are no longer renewed",
}

_UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def noun(kind: str) -> str:
    """Return the word for a kind of resource."""
    return _NOUNS.get(kind, kind)


def label(change: Change) -> str:
    """Return the word for what changes: the type of a record, the kind of everything else."""
    if (record := parts_of(change.address)) is not None:
        return printable(record.type)
    return printable(noun(change.address.kind))


def name(change: Change) -> str:
    """Return the name of what changes, as a person would write it."""
    if change.verb is Verb.ACTIVATE:
        how, _, system = change.address.name.partition("/")
        return "Stalwart" if how == "restart" or system == "stalwart" else printable(system)
    if (record := parts_of(change.address)) is not None:
        return printable(record.name)
    return printable(readable(change.address.name))


def details(change: Change) -> str:
    """Return what happens to it, in a few words; long values by token."""
    if change.address.kind == "record":
        return record_words.details(change)
    match change.verb:
        case Verb.ADOPT:
            return "as declared; gets our mark and nothing else"
        case Verb.FORGET:
            return "loses our mark and nothing else"
        case Verb.ACTIVATE:
            how = change.address.name.partition("/")[0]
            if how == "signing":
                return "signing with the new keys begins"
            return " · ".join(filter(None, (f"{printable(how)} (left over)", printable(change.reason))))
        case Verb.DELETE:
            return _deletion(change)
        case Verb.ADD | Verb.CHANGE:
            told = [_field(change, field) for field in change.fields]
            if change.address.kind == "domain" and "xn--" in change.address.name:
                told.append(f"{printable(change.address.name)} for computers")
            return " · ".join(filter(None, told))


def _deletion(change: Change) -> str:
    if change.reason.startswith("becomes "):
        return f"{printable(change.reason)}: its mail goes there"
    words = [_instead(change) or CONSEQUENCES.get(change.address.kind, ""), change.reason]
    return " · ".join(printable(word) for word in words if word)


def _instead(change: Change) -> str:
    """Return what counts when what mailstack wrote goes: the value found before, or the server's own."""
    if change.address.kind == "allowed_ip":
        return "the server may ban it"
    if change.address.kind not in ("setting", "hostname") or change.reason != UNWRITTEN:
        return ""
    for field in change.fields:
        if field.after is UNSET:
            continue
        if field.secret:
            return "gets back the value from before"
        if field.before == field.after:
            return f"stays {text(field.after)}, as it was before"
        return f"{text(field.before)} -> {text(field.after)}, as it was before"
    return "the server's own default counts again"


def _field(change: Change, field: FieldChange) -> str:
    if field.secret:
        fresh = change.verb is Verb.ADD or field.before is UNSET
        path = "" if field.path == "secret" else f"{printable(field.path)} "
        return f"{path}({'new' if fresh else 'changed'})"
    match field.path:
        case "holder":
            return readable(_arrow(change, field, "-> "))
        case "value" | "directory":
            return _arrow(change, field, "")
        case "quota":
            return f"quota {_sides(change, field, size)}"
        case "enabled":
            return "login enabled" if field.after is True else "login disabled, mail still comes in"
        case "admin":
            return (
                "administrator"
                if field.after is True
                else "no longer an administrator" * (change.verb is Verb.CHANGE)
            )
        case "members" | "contact" | "domains":
            return _set(change, field)
        case "address":
            return f"renamed from {printable(str(field.before))}, which stays as an alias"
        case path:
            return f"{printable(path.replace('_', ' '))} {_sides(change, field, text)}"


def _arrow(change: Change, field: FieldChange, prefix: str) -> str:
    if change.verb is Verb.ADD or field.before is UNSET:
        return f"{prefix}{text(field.after)}"
    return f"{text(field.before)} -> {text(field.after)}"


def _sides(change: Change, field: FieldChange, shown: object) -> str:
    assert callable(shown)
    after = shown(field.after)
    return (
        str(after)
        if change.verb is Verb.ADD or field.before is UNSET
        else f"{shown(field.before)} -> {after}"
    )


def _set(change: Change, field: FieldChange) -> str:
    after = field.after if isinstance(field.after, frozenset) else frozenset()
    before = field.before if isinstance(field.before, frozenset) else frozenset()
    if change.verb is Verb.ADD:
        return f"{field.path} {_some(sorted(after))}" if after else f"no {field.path}"
    came = [f"+{item}" for item in sorted(after - before)]
    went = [f"-{item}" for item in sorted(before - after)]
    return f"{field.path} {_some([*came, *went])}"


def _some(items: list[str]) -> str:
    shown = ", ".join(printable(item) for item in items[:8])
    return shown if len(items) <= 8 else f"{shown} and {len(items) - 8} more"


def way_out(item: Held) -> tuple[str, ...]:
    """Return what lets a held change go; what is to be copied stands alone on its line."""
    if item.rule == "depends":
        return ()
    if item.how:
        return (f"To do it, {printable(item.how)}:", f"    {printable(item.release)}")
    return (f"To do it: {printable(item.release)}",)


def size(value: object) -> str:
    """Return a number of bytes as people say it; 0 is no limit."""
    if not isinstance(value, int) or not value:
        return "none"
    for unit, word in _UNITS:
        if value % unit == 0:
            return f"{value // unit} {word}"
    return f"{value} bytes"


def text(value: object) -> str:
    """Return a value for a line of text; long ones are cut in the middle."""
    if isinstance(value, Pending):
        return str(value)
    if value is UNSET or value == "":
        return '""'
    return shortened(printable(str(value)))


def counted(number: int, word: str) -> str:
    """Return `1 alias`, `2 aliases`, `2 keys`."""
    return f"{number:,} {word if number == 1 else word + 'es' if word.endswith(('s', 'x')) else word + 's'}"


def times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def is_zone(title: str) -> bool:
    """Is a system of this title a zone?"""
    return title.startswith("DNS ")


def activation(activate: Activate, title: str, number: int) -> str:
    """Return `reload Stalwart twice`; a name server takes a new zone only with a greater serial."""
    if is_zone(title):
        zone = printable(title.removeprefix("DNS "))
        return f"raise the serial of {zone} and {activate.value} it {times(number)}"
    if activate is Activate.RESTART:
        title = "Stalwart"  # the file is not what is restarted
    return f"{activate.value} {printable(title)} {times(number)}"
