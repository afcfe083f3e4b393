"""Texts as YAML that every reader takes for just these texts, and that shows no control character.

Our loader reads every scalar as text, so quotes would be needed for little.  But editors, schemas
and other programs type plain scalars; a word that YAML 1.1 or 1.2 takes for something else gets
quotes, and so does what begins or ends like syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words with blanks between them; what has a meaning at the begin, the end or after a blank is not among it.
_PLAIN = re.compile(r"[\w/.][\w/.@+-]*(?:[:=][\w/.@+-]+)*(?: [\w/.@(][\w/.@+()'-]*)*")
# What is no text for a YAML parser: numbers in all their forms (60 based ones as well), times, words.
_TYPED = re.compile(
    r"[-+]?[0-9.][0-9a-fA-F_.,:xXoO+TtZz eE-]*|[-+]?\.(?:inf|nan)|true|false|yes|no|on|off|y|n|null|none",
    re.IGNORECASE,
)
_QUAD = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str) -> str:
    """Return the text as it stands in YAML, in block and in flow style, as a key and as a value."""
    is_word = _PLAIN.fullmatch(text) and text.isprintable() and not _TYPED.fullmatch(text)
    if is_word or _QUAD.fullmatch(text):
        return text
    return '"' + "".join(map(_shown, text)) + '"'


def value(text: str) -> str:
    """Return the text of a value whose type the file may say: a whole number or a switch needs no quotes."""
    return text if _NUMBER.fullmatch(text) or text in ("true", "false") else scalar(text)


def flow(items: Iterable[str]) -> str:
    """Return a list on one line; the items are YAML already."""
    return "[" + ", ".join(items) + "]"


def flow_mapping(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a mapping on one line; keys and values are YAML already."""
    return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"


def _shown(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    number = ord(sign)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
