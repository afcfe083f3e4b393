"""Macros in config.toml: %{env:NAME}%, %{file:/path}%, %{cfg:other.key}%, resolved in that order.

Values of the database are never expanded for use, only for display in the DNS records
(crates/utils/src/config/mod.rs, v0.15.5).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.sandbox.answers import quoted


class _UnresolvedError(ValueError):
    """The macro's error, in the server's words."""


def expanded(keys: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the keys with their macros replaced, and the errors by key.  A failed macro is empty text."""
    values = dict(keys)
    errors: dict[str, str] = {}
    sources: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("env", _environment),
        ("file", _file),
        ("cfg", lambda name: _key(values, name)),
    )
    for kind, source in sources:
        pattern = re.compile(rf"%\{{{kind}:(.*?)\}}%", re.DOTALL)
        for key, value in list(values.items()):
            if "%{" in value:
                values[key] = _replaced(value, pattern, source, key, errors)
    return values, errors


def _replaced(
    value: str, pattern: re.Pattern[str], source: Callable[[str], str], key: str, errors: dict[str, str]
) -> str:
    def text(match: re.Match[str]) -> str:
        try:
            return source(match[1])
        except _UnresolvedError as error:
            errors[key] = str(error)
            return ""

    return pattern.sub(text, value)


def _environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise _UnresolvedError(f"Failed to obtain environment variable {quoted(name)}")
    return value


def _file(location: str) -> str:
    path = location.removeprefix("//")
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        number = getattr(error, "errno", None)
        reason = f"{os.strerror(number)} (os error {number})" if number else str(error)
        raise _UnresolvedError(f"Failed to read file {quoted(path)}: {reason}") from error


def _key(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise _UnresolvedError(f"Unknown key {quoted(name)}")
    return values[name]
