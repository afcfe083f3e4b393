"""This stack's marks on the server: settings under `mailstack.<stack>.` that the server keeps and ignores.

Real servers keep such keys, with `@`, `:` and `/` in them, over restarts (run on 0.12.2 and 0.15.5).

    mailstack.home.setting/session.rcpt.max-recipients   {"was":"30"}       found before our first write
    mailstack.home.password/alice@example.org            1                  the revision that was set
    mailstack.home.tls/letsencrypt                       {"made":true}
    mailstack.home.elsewhere/allowed_ip/203.0.113.10     config.toml        satisfied in the file
    mailstack.home.activation/reload                     owed               removed after the reload
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kinds import account, hostname, setting, tls
from reconciler.resource import Address

PREFIX: Final = "mailstack"

_KEY = re.compile(
    r"mailstack\.(?P<stack>.+?)\.(?P<what>setting|password|tls|elsewhere|activation)/(?P<name>.*)"
)

# The keys that make the hostname; their marks belong to the resource `hostname`.
HOSTNAME_KEYS: Final = ("server.hostname", "lookup.default.hostname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark: whose it is, what it is about, and what it remembers."""

    stack: str
    what: str
    name: str
    text: str

    @property
    def address(self) -> Address:
        """The resource that the mark is on."""
        match self.what:
            case "password":
                return account.address_of(self.name)
            case "tls":
                return tls.address_of(self.name)
            case "elsewhere":
                return Address.parse(self.name)
            case _:
                return hostname.ADDRESS if self.name in HOSTNAME_KEYS else setting.address_of(self.name)


def marks_in(settings: Mapping[str, str]) -> Iterator[Mark]:
    """Yield every stack's marks among the settings."""
    for key, text in settings.items():
        match = _KEY.fullmatch(key)
        if match is not None:
            yield Mark(stack=match["stack"], what=match["what"], name=match["name"], text=text)


def key_of(stack: str, what: str, name: str) -> str:
    """Return the server's key for a mark."""
    return f"{PREFIX}.{stack}.{what}/{name}"


def ip_value(stack: str) -> str:
    """Return the value of an allowed IP: the server ignores it, so it is the mark."""
    return f"{PREFIX}:{stack}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the mark of a setting remembers.

    was is the value before our first write, None where there was none; digest is of what we wrote
    and revision the one that the stack gave it, for values that come from outside the file.
    """

    was: str | None = None
    digest: str | None = None
    revision: int | None = None

    def text(self) -> str:
        known: dict[str, Any] = {"was": self.was, "digest": self.digest, "revision": self.revision}
        kept = {name: value for name, value in known.items() if value is not None or name == "was"}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Memory:
        """Return what text() gave.  A mark that a person has edited remembers nothing."""
        try:
            known = json.loads(text)
        except ValueError:
            return cls()
        if not isinstance(known, dict):
            return cls()
        was, digest, revision = known.get("was"), known.get("digest"), known.get("revision")
        return cls(
            was=was if isinstance(was, str) else None,
            digest=digest if isinstance(digest, str) else None,
            revision=revision if isinstance(revision, int) else None,
        )
