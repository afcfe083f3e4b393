"""Texts from outside, made safe and short for a line of output."""

from __future__ import annotations


def printable(value: str) -> str:
    """Return the text without what a terminal would obey; such characters are shown by their number."""
    if value.isprintable():
        return value
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)


def shortened(value: str) -> str:
    """Return a long text with its middle cut out."""
    return value if len(value) <= 100 else f"{value[:60]}…{value[-30:]}"
