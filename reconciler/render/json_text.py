"""Plain data -> JSON that is as safe to print as it is to read.  Pure."""

from __future__ import annotations

import json
from typing import Any


def json_text(data: dict[str, Any]) -> str:
    """Return JSON text with a final line end: the same data, and nothing in it that a terminal or a log obeys."""
    lines = json.dumps(data, ensure_ascii=False, indent=2).split("\n")
    return (
        "\n".join(line if line.isprintable() and "##[" not in line else _inert(line) for line in lines) + "\n"
    )


def _inert(line: str) -> str:
    """Return a line of JSON with numbers for what does not print, and for the `##[` that runners obey."""
    text = line.replace("##[", "#\\u0023[")
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
