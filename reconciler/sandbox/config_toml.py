"""config.toml as the server reads and writes it: text to flat keys and back.

The server's parser is its own (crates/utils/src/config/parser.rs, v0.15.5) and reads more
than this one, which knows comments, table headers, keys, strings, bare words and arrays: what
the server writes, and what people write by hand.  The rest is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r"}


class ConfigError(ValueError):
    """The text cannot be read: the server would end at once with "Invalid configuration file"."""


def parse(text: str, *, odd_keys: bool = True) -> dict[str, str]:
    """Return every key with its value; all values are strings, arrays have keys .0000, .0001, …

    odd_keys says whether unquoted keys may hold more than letters, digits, ".", "-" and "_"
    (0.13.1 and later).  Before that a file which the server itself wrote with
    `server.allowed-ip.10.0.0.0/8` does not start it again.
    """
    return _Reader(text, odd_keys).read()


@dataclass(slots=True)
class _Reader:
    text: str
    odd_keys: bool
    at: int = 0
    keys: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, str]:
        table = ""
        while self._skip(" \t\r\n"):
            if self._peek() == "[":
                table = self._header()
            else:
                self._value(table + self._key())
                self._end_of_line()
        return self.keys

    def _fail(self, what: str) -> ConfigError:
        return ConfigError(f"{what} at line {self.text.count(chr(10), 0, self.at) + 1}")

    def _peek(self) -> str:
        if self.at >= len(self.text):
            raise self._fail("Unexpected EOF")
        return self.text[self.at]

    def _next(self) -> str:
        char = self._peek()
        self.at += 1
        return char

    def _skip(self, blanks: str) -> bool:
        """Move to what is neither blank nor comment; False at the end of the text."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#" and "\n" in blanks:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in blanks:
                self.at += 1
            else:
                return True
        return False

    def _header(self) -> str:
        # Unquoted characters are lower-cased, but for the first; the rest of the line is ignored.
        self.at += 1
        name = self._next()
        if name in '[]"':
            raise self._fail(f"Unexpected character {name!r}")
        while (char := self._next()) != "]":
            if char == '"':
                name += self._quoted_key()
            elif char in _BARE:
                name += char.lower()
            elif char not in " \t":
                raise self._fail(f"Unexpected character {char!r}")
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end
        return f"{name}."

    def _quoted_key(self) -> str:
        end = self.text.find('"', self.at)
        if end < 0 or "\n" in self.text[self.at : end]:
            raise self._fail("Unexpected end of line while parsing quoted key")
        key, self.at = self.text[self.at : end], end + 1
        return key

    def _key(self) -> str:
        first = self._peek()
        if not (first.isascii() and first.isalnum()) and first != '"':
            raise self._fail(f"Unexpected character {first!r}")
        key = ""
        while (char := self._next()) != "=":
            if char == '"':
                key += self._quoted_key()
            elif char == "\n":
                raise self._fail("Unexpected end of line while parsing key")
            elif char in " \t\r":
                continue
            elif self.odd_keys or char in _BARE:
                key += char
            else:
                raise self._fail(f"Unexpected character {char!r} found in key")
        return key

    def _value(self, key: str) -> None:
        self._skip(" \t\r")
        char = self._peek()
        if char == "[":
            self._array(key)
        elif char in "\"'":
            self._store(key, self._string())
        elif char.isalnum() or char in ".+-":
            start = self.at
            while self._peek().isalnum() or self._peek() in ".+-":
                self.at += 1
            self._store(key, self.text[start : self.at])
        else:
            raise self._fail(f"Unexpected character {char!r} in value")

    def _store(self, key: str, value: str) -> None:
        if key in self.keys:
            raise self._fail(f"Duplicate key {key!r}")
        self.keys[key] = value

    def _array(self, key: str) -> None:
        self.at += 1
        position = 0
        while self._skip(" \t\r\n") and self._peek() != "]":
            self._value(f"{key}.{position:04}")
            position += 1
            self._skip(" \t\r\n")
            if self._peek() == ",":
                self.at += 1
            elif self._peek() != "]":
                raise self._fail("Expected ',' or ']' in array")
        self._next()

    def _string(self) -> str:
        quote = self._next()
        if self.text.startswith(quote * 2, self.at):
            # Three quotes of either kind: raw text, only the first line feed is dropped.
            end = self.text.find(quote * 3, self.at + 2)
            if end < 0:
                raise self._fail("Unexpected EOF")
            value, self.at = self.text[self.at + 2 : end], end + 3
            return value.removeprefix("\n")
        value = ""
        while (char := self._next()) != quote:
            if char == "\\":
                char = self._next()
                char = _ESCAPES.get(char, char)
            value += char
        return value

    def _end_of_line(self) -> None:
        self._skip(" \t\r")
        char = self._next()
        if char == "#":
            self.at = self.text.find("\n", self.at) + 1 or len(self.text)
        elif char != "\n":
            raise self._fail(f"Expected end of line but found {char!r}")


def render(keys: Mapping[str, str]) -> str:
    """Return the text that an API write of a local key leaves: sorted, flat, keys never quoted.

    It does not round-trip: keys that need quotes, values with a backslash before t, n or r
    (crates/common/src/manager/config.rs, v0.15.5).
    """
    return "".join(f"{key} = {_rendered(keys[key])}\n" for key in sorted(keys))


def _rendered(value: str) -> str:
    if value in ("true", "false") or _is_number(value):
        return value
    needs_escape = '"' in value or "\\" in value
    if "\n" in value or (len(value.encode()) > 50 and needs_escape):
        return f"'''{value}'''"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_number(value: str) -> bool:
    # Rust's f64 takes no blanks and no underscores, and knows the words nan and infinity.
    if not value.isascii() or "_" in value or value != value.strip():
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True
