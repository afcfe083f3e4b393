"""Secrets: where the file says that they lie, and a value that shows nothing.

A stack holds references only; nothing is opened while it is loaded, linted or validated.
`apply` opens them as late as it can, with a `Keyring`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from reconciler.config.tree import Path


class Secret:
    """A text that no output shows: `reveal()` is the only way to it.

    The text lives in a closure, not in an attribute, so that what walks over attributes
    (a debugger's locals, a differ, a serialiser) finds a function and no text.
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        self._reveal: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        """Return the text, for the one place that sends it."""
        return self._reveal()

    def __repr__(self) -> str:
        return "(secret)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "(secret)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, self.reveal()))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class FromEnv:
    """The value of an environment variable."""

    at: Path = field(default=(), compare=False, repr=False)
    env: str

    def __str__(self) -> str:
        return f"the environment variable {self.env}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFile:
    """The text of a file, without its last line end."""

    at: Path = field(default=(), compare=False, repr=False)
    file: str  # as written; relative to the folder of the stack

    def __str__(self) -> str:
        return f"the file {self.file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromCommand:
    """What a command prints, or one value of the JSON or YAML that it prints."""

    at: Path = field(default=(), compare=False, repr=False)
    command: tuple[str, ...]
    key: str | None = None
    base: str | None = None  # the folder in which it runs; None: that of the stack

    def __str__(self) -> str:
        return f"the command {self.command[0]}" + (f", key {self.key}" if self.key else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A hash that stands in the file itself; it is a secret all the same."""

    at: Path = field(default=(), compare=False, repr=False)
    secret: Secret

    def __str__(self) -> str:
        return "the hash in the file"


SecretRef: TypeAlias = FromEnv | FromFile | FromCommand | Given
"""Where a secret comes from; isinstance() works with it, str() names the place and never the value."""


# Stalwart compares what it does not recognise as plain text, so only the forms that its
# verify code knows count as hashes (crates/directory/src/core/secret.rs, v0.15.5).
_HASH = re.compile(
    r"""
    \$argon2(id|i|d)\$\S+ | \$pbkdf2\S*\$\S+ | \$scrypt\$\S+ | \$2[abxy]?\$\d\d\$\S+
    | \$[156]\$\S+ | \$sha1\$\S+ | _[./0-9A-Za-z]{19}
    | \{(ARGON2|ARGON2I|ARGON2ID|PBKDF2|MD5|SHA|SSHA|SHA256|SSHA256|SHA512|SSHA512|CRYPT|crypt)\}\S+
    """,
    re.VERBOSE,
)


def is_hash(text: str) -> bool:
    """Return whether the server reads this text as a password's hash and not as a password."""
    return bool(_HASH.fullmatch(text))
