"""The settings: a flat map of strings in two places, config.toml and the database.

What a key reads as, and where a write goes, follows the table in the contract (§2.5):
config.toml shadows the database for ever, a local key in the database is ignored by lists, and
`clear` of a prefix empties both.  Nothing here takes effect before a reload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from reconciler.sandbox.answers import RefusedError, internal_error
from reconciler.sandbox.config_toml import parse, render
from reconciler.sandbox.local_keys import local_keys
from reconciler.sandbox.versions import Version


class Settings:
    """Both stores, and the text of config.toml.

    `path`, when given, is the file: read by `boot` only, replaced by every API write that
    changes a local key.  Without it the text is kept in memory.
    """

    def __init__(self, version: Version, text: str, path: Path | None = None) -> None:
        self.version = version
        self.path = path
        self.text = text
        self.local: dict[str, str] = {}
        self.db: dict[str, str] = {}
        self._keys_made = 0
        self.boot()

    def boot(self) -> None:
        """Read config.toml, as the server does when it starts.  Raises ConfigError; then nothing changes."""
        text = self.path.read_text(encoding="utf-8") if self.path else self.text
        local = parse(text, odd_keys=self.version.reads_odd_keys)
        self.text, self.local = text, local
        self.local_keys = local_keys(local, self.version)

    def next_key_number(self) -> int:
        """Return a number that no DKIM key has had: a key made again is another key."""
        self._keys_made += 1
        return self._keys_made

    def get(self, key: str) -> str | None:
        """Return one value.  Unlike a list, it sees a local key that lies in the database."""
        return self.local.get(key, self.db.get(key))

    def listed(self, prefix: str, *, strip: bool = False) -> dict[str, str]:
        """Return the keys with this raw prefix, sorted; `strip` cuts it off."""
        start = len(prefix) if strip else 0
        found = {
            key[start:]: value
            for key, value in self.db.items()
            if key.startswith(prefix) and key not in self.local_keys
        }
        found |= {key[start:]: value for key, value in self.local.items() if key.startswith(prefix)}
        return dict(sorted(found.items()))

    def insert(self, values: Iterable[tuple[str, str]]) -> None:
        """Write the keys, those of the database first.  RefusedError: config.toml cannot be written."""
        local = {}
        for key, value in values:
            if key in self.local_keys:
                local[key] = value
            else:
                self.db[key] = value
        self._replace_local(self.local | local)

    def clear(self, key: str) -> None:
        """Delete one key, absent or not.  A database key that config.toml holds stays there."""
        if key in self.local_keys:
            self._replace_local({k: v for k, v in self.local.items() if k != key})
        else:
            self.db.pop(key, None)

    def clear_prefix(self, prefix: str) -> None:
        """Delete every key with this raw prefix, in both places, whatever the patterns say."""
        self._replace_local({k: v for k, v in self.local.items() if not k.startswith(prefix)})
        for key in [key for key in self.db if key.startswith(prefix)]:
            del self.db[key]

    def _replace_local(self, keys: Mapping[str, str]) -> None:
        if keys == self.local:
            return
        # Memory first: when the file cannot be written, the caller gets a 500 and reads the new value.
        self.local = dict(keys)
        self.text = render(self.local)
        if self.path:
            try:
                self.path.write_text(self.text, encoding="utf-8")
            except OSError as error:
                raise RefusedError(internal_error()) from error
