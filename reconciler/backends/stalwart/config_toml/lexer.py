"""Reads the smallest parts of a config.toml: blanks, keys, strings and bare words.

Lines, columns and what to do are in each Problem; a value is in none, it may be a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from reconciler.errors import InputError, Problem

from .tree import Form, Scalar, where

SPACE: Final = re.compile(rb"[ \t\r]*+")
BLANK: Final = re.compile(rb"(?:[ \t\r\n]|#[^\n]*+)*+")

# Every backslash in a quoted key is dropped; a quotation mark behind one does not end the key.
_QUOTED_KEY: Final = re.compile(rb'"((?:[^"\n]|(?<=\\)")*+)(?<!\\)"')
_STRINGS: Final = {
    b'"': (Form.BASIC, Form.RAW_BASIC, re.compile(rb'"((?:[^"]|(?<=\\)")*+)(?<!\\)"')),
    b"'": (Form.LITERAL, Form.RAW, re.compile(rb"'((?:[^']|(?<=\\)')*+)(?<!\\)'")),
}
_ESCAPED: Final = re.compile(rb"(\\+)([^\\])")
_CONTROLS: Final = {b"t": b"\t", b"n": b"\n", b"r": b"\r"}
_WORD: Final = re.compile(rb"[0-9A-Za-z.+\-\x80-\xff]++")
_KEY_RUN: Final = re.compile(rb'[^=" \t\r\n]++')
_KEY_RUN_IN_TABLE: Final = re.compile(rb'[^=" \t\r\n,}]++')
_PLAIN_KEY_RUN: Final = re.compile(rb"[0-9A-Za-z._-]++")


class Key(NamedTuple):
    """A key as written between start and end; stop is the character behind it, which has been read too."""

    text: str
    start: int
    end: int
    stop: bytes


@dataclass(slots=True)
class Cursor:
    """A place in the file.  odd_keys: see `reader.read`."""

    data: bytes = field(repr=False)
    file: str
    odd_keys: bool
    at: int = 0

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        """Move over what the pattern matches, which may be nothing."""
        if match := pattern.match(self.data, self.at):
            self.at = match.end()

    def peek(self) -> bytes:
        """Return the next byte, none at the end of the file."""
        return self.data[self.at : self.at + 1]

    def char(self) -> str:
        """Return the next character for a message; the file is valid UTF-8 and has not ended."""
        return self.data[self.at : self.at + 4].decode("utf-8", "ignore")[0]

    def fault(self, rule: str, summary: str, detail: str, at: int | None = None) -> InputError:
        """Return the error about this place, or another one."""
        place = where(self.data, self.at if at is None else at, self.file)
        return InputError(Problem(where=place, rule=rule, summary=summary, detail=detail))

    def ended(self, what: str) -> InputError:
        return self.fault(
            "config-end", f"file ends inside {what}", "Stalwart does not start with such a file."
        )


def quoted_part(cursor: Cursor) -> str:
    """Return the part of a key or table name in double quotes that begins here; a dot in it is a plain dot."""
    match = _QUOTED_KEY.match(cursor.data, cursor.at)
    if match is None:
        raise cursor.fault(
            "config-key",
            "quoted name is not closed on its line",
            'A name in double quotes ends on its line, and \\" does not end it.',
        )
    cursor.at = match.end()
    return match[1].replace(b"\\", b"").decode()


def key(cursor: Cursor, *, in_table: bool) -> Key:
    """Return the key that begins here, up to "=" or, in an inline table, up to "," or "}" too.

    Blanks vanish, also those in the middle of it: `a b.c` is `ab.c`.
    """
    run = _PLAIN_KEY_RUN
    if cursor.odd_keys:
        run = _KEY_RUN_IN_TABLE if in_table else _KEY_RUN
    stops = (b"=", b",", b"}") if in_table else (b"=",)
    parts: list[str] = []
    start = end = cursor.at
    while (char := cursor.peek()) not in stops:
        if not parts:
            start = cursor.at
        if not char:
            raise cursor.ended("a key")
        if char in (b" ", b"\t", b"\r") or (char == b"\n" and in_table and not parts):
            cursor.at += 1
            continue
        parts.append(_key_part(cursor, run))
        end = cursor.at
    text = "".join(parts)
    if not text:
        raise _nameless(cursor, char)
    cursor.at += 1
    return Key(text, start, end, char)


def _key_part(cursor: Cursor, run: re.Pattern[bytes]) -> str:
    if cursor.peek() == b'"':
        return quoted_part(cursor)
    if match := run.match(cursor.data, cursor.at):
        cursor.at = match.end()
        return match[0].decode()
    if cursor.peek() == b"\n":
        raise cursor.fault("config-key", 'key without "="', 'Write `key = "value"` on one line.')
    raise cursor.fault(
        "config-odd-key",
        f"character {cursor.char()!r} in a key without quotes",
        "Stalwart up to 0.13.0 does not start with such a file.  Write this part of the key in double\n"
        'quotes, as in `server.allowed-ip."2001:db8::1"`.',
    )


def _nameless(cursor: Cursor, stop: bytes) -> InputError:
    if stop == b"=":
        return cursor.fault("config-key", "key without a name", 'A name stands before "=".')
    return cursor.fault(
        "config-key",
        "inline table with nothing in it, or with a comma too many",
        "Stalwart refuses `{}`, `{ a = 1, }` and `{ a = 1,, b = 2 }`.",
    )


def scalar(cursor: Cursor) -> Scalar | None:
    """Return the string or bare word that begins here; None where neither does."""
    quote = cursor.peek()
    if quote in _STRINGS:
        return _string(cursor, quote)
    match = _WORD.match(cursor.data, cursor.at)
    if match is None:
        return None
    start, text = cursor.at, match[0].decode()
    # Rust's is_alphanumeric knows some marks and signs beside letters and numbers; they are refused here.
    for index, char in enumerate(text):
        if not char.isalnum() and char not in ".+-":
            if not index:
                return None
            cursor.at += len(text[:index].encode())
            raise cursor.fault(
                "config-value",
                f"character {char!r} in a value without quotes",
                "Only letters, digits, full stops, plus and minus signs need no quotes.",
            )
    cursor.at = match.end()
    return Scalar(form=Form.BARE, start=start, end=cursor.at, text=text)


def _string(cursor: Cursor, quote: bytes) -> Scalar:
    """Read a string in either kind of quotes; only three of them make it raw."""
    plain, raw, pattern = _STRINGS[quote]
    start = cursor.at
    if cursor.data.startswith(quote * 3, start):
        end = cursor.data.find(quote * 3, start + 3)
        if end < 0:
            raise cursor.ended("a string in three quotes")
        content = cursor.data[start + 3 : end]
        # Only a line feed is trimmed: behind "\r\n" the text begins with an empty line.
        content = content.removeprefix(b"\n").replace(b"\r", b"")
        cursor.at = end + 3
        return Scalar(form=raw, start=start, end=cursor.at, text=content.decode())
    if cursor.data.startswith(quote * 2, start):
        cursor.at += 2
        return Scalar(form=plain, start=start, end=cursor.at, text="")
    match = pattern.match(cursor.data, start)
    if match is None:
        raise cursor.ended("a string")
    cursor.at = match.end()
    return Scalar(form=plain, start=start, end=cursor.at, text=_unescaped(match[1]).decode())


def _unescaped(content: bytes) -> bytes:
    r"""Return what the server makes of a string in single or double quotes.

    Of a run of backslashes the first one vanishes, and the character behind the run counts as
    escaped, however long the run is: `\\n` is a backslash and a line feed.
    """
    content = content.replace(b"\r", b"")
    return _ESCAPED.sub(lambda match: match[1][1:] + _CONTROLS.get(match[2], match[2]), content)
