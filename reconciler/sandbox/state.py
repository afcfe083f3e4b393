"""The whole state of one stand-in server: what is stored, and what is in force.

`lock` is held while a request is carried out.  Tests that look in while requests may come hold
it, too.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from reconciler.sandbox.defaults import first_boot
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.reload import (
    ReloadError,
    Surroundings,
    active,
    blocked_addresses,
    faults,
    ip_faults,
    merged,
)
from reconciler.sandbox.settings import Settings
from reconciler.sandbox.versions import Version


class State:
    """Settings, directory, what the last good reload has put in force, and the starts so far."""

    def __init__(
        self, version: Version, config: str, surroundings: Surroundings, path: Path | None = None
    ) -> None:
        """Make a new server.  Raises ConfigError when it would not start with this config.toml."""
        self.lock = threading.RLock()
        self.version = version
        self.surroundings = surroundings
        self.settings = Settings(version, config, path)
        self.settings.db |= first_boot(version)
        self.directory = Directory(version)
        self.injected: dict[str, ReloadError] = {}
        self.starts: list[str] = []
        self._put_in_force()

    def boot(self) -> None:
        """Read config.toml and put everything in force.  Raises ConfigError, and stays as it was."""
        self.settings.boot()
        self._put_in_force()
        self.starts.append(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))

    def _put_in_force(self) -> None:
        """Take over everything that is stored: at boot, errors are only logged."""
        keys, _ = merged(self.settings)
        self.active = active(keys, self.surroundings)
        self.blocked = blocked_addresses(keys)

    def reload(self, *, dry_run: bool = False) -> list[ReloadError]:
        """Put what is stored in force if it has no error.  Returns the errors.

        A dry run without errors still replaces the blocked addresses (reload.rs:112, v0.15.5).
        Errors in macros end it before anything else is looked at.
        """
        keys, errors = merged(self.settings)
        if not errors:
            errors = [*faults(keys, self.surroundings), *self.injected.values()]
        if errors:
            return errors
        self.blocked = blocked_addresses(keys)
        if not dry_run:
            self.active = active(keys, self.surroundings)
        return []

    def reload_blocked(self) -> list[ReloadError]:
        """Put the blocked addresses in force, malformed ones aside: networks need the full reload."""
        keys, errors = merged(self.settings)
        self.blocked = blocked_addresses(keys)
        return [*errors, *ip_faults(keys)]

    def reload_certificates(self) -> list[ReloadError]:
        """Return the errors of the macros; the sandbox has no certificates to replace."""
        return merged(self.settings)[1]
