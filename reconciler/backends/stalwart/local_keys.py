"""Which settings live in config.toml ("local keys") and which in the database.

An API write of a local key makes the server rewrite its whole config.toml, without comments.  The
defaults and the pattern rules are those of Stalwart 0.11 to 0.15 (common/src/manager/config.rs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

PREFIX = "config.local-keys"

_DEFAULTS = (
    "store.*",
    "directory.*",
    "tracer.*",
    "server.*",
    "!server.blocked-ip.*",
    "!server.allowed-ip.*",
    "certificate.*",
    "config.local-keys.*",
    "authentication.fallback-admin.*",
    "cluster.*",
    "storage.data",
    "storage.blob",
    "storage.lookup",
    "storage.fts",
    "storage.directory",
    "enterprise.license-key",
)


def local_test(settings: Mapping[str, str]) -> Callable[[str], bool]:
    """Return the test "is this key local" for a server with these settings; an exclusion always wins."""
    own = [value for key, value in settings.items() if key.startswith(f"{PREFIX}.")]
    patterns = [p.lower() for p in (own or _DEFAULTS)]
    excludes = _expressions(p[1:] for p in patterns if p.startswith("!"))
    includes = _expressions(p for p in patterns if not p.startswith("!"))

    def is_local(key: str) -> bool:
        return any(p.fullmatch(key) for p in includes) and not any(p.fullmatch(key) for p in excludes)

    return is_local


def _expressions(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    return [re.compile(".*".join(re.escape(part) for part in p.split("*"))) for p in patterns]
