"""How keys and values are written: in the part that TOML and all versions of Stalwart read the same.

Keys of letters, digits, "-" and "_" stand as they are, everything else in double quotes.  Strings
hold no backslash, because Stalwart's escapes are not TOML's; a text that needs one goes into three
quotes.  tomlkit does the quoting, and only here; what it made is read again, by both, before it is
used.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from reconciler.errors import InputError, Problem, Where, WriteError

from .reader import read
from .tree import Form

_BARE_PIECE: Final = re.compile(r"[0-9A-Za-z_-]+")
_TABLE_PIECE: Final = re.compile(r"[0-9a-z][0-9a-z_-]*")
# After an API write Stalwart writes all keys without quotes: blanks would vanish from this one, and
# with "=" or another beginning in it the server would not start again.
_KEY: Final = re.compile(r'[0-9A-Za-z](?:\.?[^.\s="\\])*')
_BARE_VALUE: Final = re.compile(r"true|false|0|[1-9][0-9]{0,17}")
_MACRO: Final = re.compile(r"%\{(?:env|file|cfg):")


def check_key(key: str, place: Where) -> None:
    """Raise WriteError for a key that would not survive Stalwart's own rewriting of the file."""
    if not _KEY.fullmatch(key) or not key.isprintable():
        raise refusal(
            place,
            "key cannot be written in config.toml",
            f"{key!r}: a key begins with a letter or a digit and has no empty part, blank, quote, backslash or equals sign.",
        )


def refusal(place: Where, summary: str, detail: str, rule: str = "config-not-portable") -> WriteError:
    """Return the error about an edit that is not made."""
    return WriteError(Problem(where=place, rule=rule, summary=summary, detail=detail))


def pieces(key: str) -> list[str]:
    """Return a key in parts that dots join.  An address or network at its end is one part, dots and all."""
    parts = key.split(".")
    for index in range(len(parts)):
        tail = ".".join(parts[index:])
        if _is_network(tail):
            return [*parts[:index], tail]
    return parts


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def key_text(key: str, *, is_quoted: bool = False) -> str:
    """Return a key, or what is left of one behind the name of its table, as it is written.

    is_quoted asks for quotes where they are not needed either: members of a set look like strings.
    """
    from tomlkit.items import KeyType, SingleKey

    return ".".join(
        SingleKey(part, None if _is_bare(part) and not is_quoted else KeyType.Basic).as_string()
        for part in ([key] if is_quoted else pieces(key))
    )


def _is_bare(part: str) -> bool:
    # To Stalwart no line begins with "-" or "_".
    return part[:1].isalnum() and _BARE_PIECE.fullmatch(part) is not None


def table_and_rest(key: str) -> tuple[str, str]:
    """Return the table that a key gets when there is none for it, and the rest of the key.

    Only lower-case names: Stalwart lower-cases headers, and TOML does not.  The number of an element
    stays with the name of its array.  The table is empty where the key gives no such name.
    """
    parts = pieces(key)
    names: list[str] = []
    for part in parts[: -2 if re.fullmatch("[0-9]{4}", parts[-1]) else -1]:
        if not _TABLE_PIECE.fullmatch(part):
            break
        names.append(part)
    return ".".join(names), ".".join(parts[len(names) :])


def value_text(key: str, value: str, place: Where, form: Form | None = None) -> str:
    """Return a value as it is written for that key, in the given form if it can be.

    Raises WriteError, without the value, for one that no form can hold.
    """
    if _never_ends(value):
        raise refusal(
            place,
            "value has a macro that is not closed",
            f"{key}: with `}}%` in front of an open `%{{env:` Stalwart never gets past reading its settings.",
        )
    for text in _candidates(value, form):
        if _reads_as(text, value):
            return text
    raise refusal(
        place,
        "value cannot be written in config.toml",
        f"{key}: Stalwart and TOML do not read the same text for it in any kind of quotes.  Control characters, and\n"
        "backslashes beside ''' or in front of a last ', are what makes a value so.",
    )


def _never_ends(value: str) -> bool:
    """Whether macro expansion loops: it looks for `}%` anywhere and takes the one behind the macro."""
    starts = [match.start() for match in _MACRO.finditer(value)]
    return bool(starts) and "}%" in value and "}%" not in value[starts[-1] :]


def _candidates(value: str, form: Form | None) -> Iterator[str]:
    """Yield ways to write a value, the wanted one first."""
    order = [Form.BASIC, Form.RAW, Form.RAW_BASIC]
    if form is None or form is Form.BARE:
        order.insert(0, Form.BARE)
    elif form is not Form.MEMBER:
        order.insert(0, form)
    for wanted in order:
        text = _written(value, wanted)
        if text is not None:
            yield text


def _written(value: str, form: Form) -> str | None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if form is Form.BARE:
        return value if _BARE_VALUE.fullmatch(value) else None
    is_raw = form in (Form.RAW, Form.RAW_BASIC)
    # The first newline in three quotes is trimmed: texts of several lines begin on a line of their own.
    content = value.lstrip("\n") if is_raw else value
    lead = value[: len(value) - len(content)]
    if is_raw and "\n" in value:
        lead = "\n" + lead
    is_literal = form in (Form.LITERAL, Form.RAW)
    try:
        text = tomlkit.string(content, literal=is_literal, multiline=is_raw).as_string()
    except TOMLKitError:
        return None
    # A backslash is an escape; in single quotes only to Stalwart.
    if "\\" in text and form is not Form.RAW:
        return None
    return text[:3] + lead + text[3:] if lead else text


def _reads_as(text: str, value: str) -> bool:
    """Whether both readers see that value."""
    import tomllib

    line = f"a = {text}\n"
    try:
        ours = read(line.encode(), file="").values
        theirs = tomllib.loads(line)
    except (InputError, ValueError):
        return False
    return ours == {"a": value} and (theirs == ours or _BARE_VALUE.fullmatch(text) is not None)


def is_toml(data: bytes) -> bool:
    """Whether programs that read TOML 1.0, and not only Stalwart, can read this."""
    import tomllib

    try:
        tomllib.loads(data.decode())
    except ValueError:
        return False
    return True
