"""Which setting lives in config.toml and which in the database.

The rule is a list of patterns; an exclusion always wins (crates/common/src/manager/config.rs,
v0.15.5).  A config.toml may name its own patterns under config.local-keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.versions import Version

_DEFAULT: Final = (
    *("store.*", "directory.*", "tracer.*", "!server.blocked-ip.*", "!server.allowed-ip.*"),
    *("server.*", "certificate.*", "config.local-keys.*", "authentication.fallback-admin.*", "cluster.*"),
    *("storage.data", "storage.blob", "storage.lookup", "storage.fts", "storage.directory"),
    "enterprise.license-key",
)


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """The patterns in force, as two expressions that match whole keys."""

    included: re.Pattern[str]
    excluded: re.Pattern[str]

    def __contains__(self, key: str) -> bool:
        return bool(self.included.fullmatch(key)) and not self.excluded.fullmatch(key)


def local_keys(config: Mapping[str, str], version: Version) -> LocalKeys:
    """Return the patterns that a server started with this config.toml obeys until its next start."""
    own = [
        value.strip().lower()
        for key, value in sorted(config.items())
        if key.startswith("config.local-keys") and value.strip(" !")
    ]
    if own and version.adds_local_keys:
        own.append("config.local-keys.*")
    patterns = own or [*_DEFAULT, *(("!cluster.key",) if version.keeps_cluster_key else ())]
    return LocalKeys(
        included=_expression(p for p in patterns if not p.startswith("!")),
        excluded=_expression(p.removeprefix("!").strip() for p in patterns if p.startswith("!")),
    )


def _expression(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return the expression that matches what any of the patterns does; `*` stands for anything."""
    parts = [".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns]
    return re.compile("|".join(parts) if parts else r"(?!)", re.DOTALL)
