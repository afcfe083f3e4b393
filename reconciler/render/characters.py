"""Texts from outside, made safe and short for a line of output."""

from __future__ import annotations

import re

# What a runner of CI jobs obeys in a log (GitHub, Forgejo, Gitea): a line that begins with `::`, blanks
# before it or not, and `##[` anywhere in a line.
_OBEYED = re.compile(r"^(\s*:)(?=:)|#(?=#\[)", re.MULTILINE)


def printable(value: str) -> str:
    """Return the text without what a terminal would obey; such characters are shown by their number."""
    if value.isprintable():
        return value
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)


def printable_lines(text: str) -> list[str]:
    """Return the lines of a text of ours that may quote others."""
    return [printable(line).rstrip() for line in text.splitlines()]


def unobeyed(text: str) -> str:
    """Return a text, of one line or several, in which a runner that reads the log finds no command."""
    if "::" not in text and "##[" not in text:
        return text
    return _OBEYED.sub(lambda found: "\\x23" if found[0] == "#" else f"{found[1][:-1]}\\x3a", text)


def shortened(value: str) -> str:
    """Return a long text with its middle cut out."""
    return value if len(value) <= 100 else f"{value[:60]}…{value[-30:]}"
