"""Macros in the names of SPF terms: `%{d}` is the domain, `%{ir}` the reversed address (RFC 7208 §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from reconciler.mail.errors import SyntaxProblem

# The letters c, r and t belong to explanations (RFC 7208 §7.2), which are not read here.
_TOKEN = re.compile(
    r"(?P<literal>[\x21-\x24\x26-\x7e]+)"
    r"|%\{(?P<letter>[slodiphv])(?P<parts>[0-9]*)(?P<reverse>r?)(?P<delimiters>[.\-+,/_=]*)\}"
    r"|%(?P<escape>[%_-])",
    re.IGNORECASE,
)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
# RFC 7208 §7.1: a name ends with a label that is not all digits, or with a macro.
_END = re.compile(
    r".*\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """letter keeps its case: an upper-case one is written for a URL.  parts 0 means all of them."""

    letter: str
    parts: int
    reverse: bool
    delimiters: str


def tokens(text: str, position: int) -> list[str | Macro]:
    """Return the literals and macros of a macro-string; position is for the error."""
    found: list[str | Macro] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (token["parts"] and not int(token["parts"])):
            words = (
                'A percent sign begins a macro such as "%{d}"; this is none.'
                if text[at] == "%"
                else "A term holds printable ASCII only."
            )
            raise SyntaxProblem(words, standard="SPF", position=position + at, rfc="RFC 7208 §7.1")
        if token["letter"]:
            macro = Macro(
                letter=token["letter"],
                parts=int(token["parts"] or 0),
                reverse=bool(token["reverse"]),
                delimiters=token["delimiters"] or ".",
            )
            found.append(macro)
        else:
            found.append(_ESCAPES[token["escape"]] if token["escape"] else token["literal"])
        at = token.end()
    return found


def check_name(text: str, position: int) -> None:
    """Raise SyntaxProblem unless the text is a domain-spec (RFC 7208 §7.1)."""
    tokens(text, position)
    last = list(_TOKEN.finditer(text))[-1:]
    if last and (last[0]["literal"] is None or _END.fullmatch(last[0]["literal"])):
        return
    words = f'"{text}" is not a whole domain name.' if text else "A domain name is missing here."
    raise SyntaxProblem(words, standard="SPF", position=position, rfc="RFC 7208 §7.1")


def has_macro(text: str) -> bool:
    """Say whether a name depends on who sends; the text has been checked."""
    return any(isinstance(token, Macro) for token in tokens(text, 0))


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return the name with every macro replaced; values holds one text for each lower-case letter.

    Lower-case, without a trailing dot, and without leading labels where it would be longer than 253
    characters (RFC 7208 §7.3).
    """
    name = "".join(token if isinstance(token, str) else _expanded(token, values) for token in tokens(text, 0))
    name = name.removesuffix(".").lower()
    while len(name) > 253 and "." in name:
        name = name.partition(".")[2]
    return name


def _expanded(macro: Macro, values: Mapping[str, str]) -> str:
    """Split, reverse, keep the right-hand parts, join with dots (RFC 7208 §7.3)."""
    value = values[macro.letter.lower()]
    parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
    if macro.reverse:
        parts.reverse()
    joined = ".".join(parts[-macro.parts :] if macro.parts else parts)
    return quote(joined, safe="") if macro.letter.isupper() else joined
