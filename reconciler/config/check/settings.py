"""Settings by key that have a key of their own in the file, or that mailstack writes itself."""

from __future__ import annotations

import re

from reconciler.config.faults import Faults
from reconciler.config.stack import Stack

_PREFIXES = {
    "server.allowed-ip.": "Write the address under `allowed_ips:`.",
    "server.blocked-ip.": "Bans are the server's business.  To lift one, list it under `removed:` as ban/203.0.113.10.",
    "mailstack.": "mailstack keeps its marks there.",
}
_KEYS = {
    "server.hostname": "Write `hostname:` at the top of the file.",
    "lookup.default.hostname": "Write `hostname:` at the top of the file.",
}
_ACME_KEYS = re.compile(r"(?:directory|challenge|renew-before|default|(?:contact|domains)(?:\..*)?)")
# Blanks vanish from a key in config.toml, and "=" breaks the file in every version (0.11 to 0.15).
_UNFIT = re.compile(r"[\s=\x00-\x1f\x7f]")


def settings(stack: Stack, faults: Faults) -> None:
    """A setting is declared in one way only."""
    acme = f"acme.{stack.tls.acme}." if stack.tls else None
    for key in stack.settings:
        at = ("settings", key)
        instead = _KEYS.get(key) or next(
            (why for prefix, why in _PREFIXES.items() if key.startswith(prefix)), None
        )
        if instead is None and acme and key.startswith(acme) and _ACME_KEYS.fullmatch(key.removeprefix(acme)):
            instead = "`tls:` writes this setting."
        if instead is not None:
            faults.add(at, ("a setting with a place of its own", instead, "setting-elsewhere"), key=True)
        elif not key or _UNFIT.search(key):
            detail = "A key has no blanks and no equals sign, such as session.rcpt.max-recipients."
            faults.add(at, ("not the key of a setting", detail, "setting-key"), key=True)
