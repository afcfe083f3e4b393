"""TXT data: one text in DNS, many character-strings in a zone file (RFC 1035 §3.3.14 and §5.1).

A TXT record holds one or more character-strings of at most 255 octets each.  The mail standards
join them with nothing in between (RFC 7208 §3.3, RFC 6376 §3.6.2.2), so a long text is cut anywhere
and "v=spf1 mx" "-all" is not what its writer meant.  A zone file quotes them; `;` outside quotes
begins a comment and silently cuts off the rest.  Two records that are split differently say the
same: they are compared joined.

A text here is the joined one.  Its octets are its UTF-8; octets that are no UTF-8 come as lone
surrogates (PEP 383), so that no record of anybody changes by being read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.mail.errors import SyntaxProblem

LIMIT = 255  # octets in one character-string: its length is one octet (RFC 1035 §3.3)

_ESCAPE = re.compile(rb"\\(?:([0-9]{3})|([^0-9]))", re.DOTALL)
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\;()]|\\.)+)', re.DOTALL)
_BLANK = re.compile(rb"[ \t]*")


def join(strings: Iterable[bytes]) -> str:
    """Return the text of a record's character-strings: joined, nothing in between."""
    return b"".join(strings).decode("utf-8", "surrogateescape")


def octets(text: str) -> bytes:
    """Return the octets of a text; the other way round than join."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise SyntaxProblem(
            "Half of a surrogate pair stands here, which is no character.",
            standard="TXT",
            position=error.start,
        ) from error


def split(text: str) -> tuple[bytes, ...]:
    """Return the text as character-strings of at most 255 octets; always at least one."""
    whole = octets(text)
    return tuple(whole[start : start + LIMIT] for start in range(0, len(whole), LIMIT)) or (b"",)


def text(value: str) -> str:
    """Return the data as a zone file holds it: quoted character-strings, in ASCII."""
    return " ".join(quoted(string) for string in split(value))


def parse(data: str) -> str:
    """Return the joined text of TXT data as a zone file holds it, without comments and parentheses."""
    strings = []
    for string, position in character_strings(data, standard="TXT"):
        if len(string) > LIMIT:
            raise SyntaxProblem(
                f"This string has {len(string)} octets, and {LIMIT} is the most that one can hold. "
                'Split it: "first part" "second part".',
                standard="TXT",
                position=position,
                rfc="RFC 1035 §3.3",
            )
        strings.append(string)
    if not strings:
        raise SyntaxProblem(
            "There is no string at all; an empty one is written as two quotes.",
            standard="TXT",
            rfc="RFC 1035 §3.3.14",
        )
    return join(strings)


def quoted(string: bytes) -> str:
    """Return one character-string in quotes.  All but printable ASCII is written as `\\DDD`."""
    return '"' + "".join(_escaped(octet) for octet in string) + '"'


def character_strings(data: str, *, standard: str, start: int = 0) -> list[tuple[bytes, int]]:
    """Return each character-string of zone file text with its position; of any length.

    start is the position of the text in the whole data.
    """
    raw = octets(data)
    found, at = [], _past_blanks(raw, 0)
    while at < len(raw):
        token = _TOKEN.match(raw, at)
        position = start + len(join([raw[:at]]))
        if token is None:
            raise SyntaxProblem(_unreadable(raw[at:]), standard=standard, position=position)
        string = token[1] if token[1] is not None else token[2]
        found.append((_unescaped(string, standard, position), position))
        at = _past_blanks(raw, token.end())
    return found


def _past_blanks(raw: bytes, at: int) -> int:
    blank = _BLANK.match(raw, at)
    return blank.end() if blank else at


def _escaped(octet: int) -> str:
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"


def _unescaped(raw: bytes, standard: str, position: int) -> bytes:
    """Undo `\\DDD` and `\\x` (RFC 1035 §5.1)."""

    def octet(escape: re.Match[bytes]) -> bytes:
        if escape[2] is not None:
            return escape[2]
        number = int(escape[1])
        if number > 0xFF:
            raise SyntaxProblem(
                f"\\{number} is not an octet; \\000 to \\255 are.",
                standard=standard,
                position=position,
                rfc="RFC 1035 §5.1",
            )
        return bytes((number,))

    if re.search(rb"(?<!\\)(?:\\\\)*\\(?=[0-9])(?![0-9]{3})", raw):
        raise SyntaxProblem(
            "A backslash before a digit needs three digits, as in \\034.",
            standard=standard,
            position=position,
            rfc="RFC 1035 §5.1",
        )
    return _ESCAPE.sub(octet, raw)


def _unreadable(rest: bytes) -> str:
    if rest[:1] == b'"':
        return "The quote that opens here is never closed."
    if rest[:1] in b";()":
        sign = rest[:1].decode()
        return f'A "{sign}" outside quotes is not part of the text in a zone file. Quote the string.'
    return "A character-string cannot hold this sign without quotes or a backslash."
