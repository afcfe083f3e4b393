"""Bans lifted at once, apart from any plan.

A ban stands in the server's memory and in its settings.  The settings are cleared and then both
reloads are asked for: `reload/server.blocked-ip` swaps the single addresses even where another
setting keeps the full reload from applying anything; blocked networks need the full one
(common/src/manager/reload.rs, 0.11 to 0.15).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.rest import reload, settings
from reconciler.backends.stalwart.rest.lease import Lease
from reconciler.backends.stalwart.rest.write_settings import delete
from reconciler.errors import WriteError


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblocked:
    """What became of it.  Networks are canonical.

    lifted are not blocked any more; absent were not blocked, around tells which blocked network has
    them inside; stayed are blocked still, and trouble says in lines why.  allowed is what the
    server allows.
    """

    lifted: tuple[str, ...]
    absent: tuple[str, ...]
    stayed: tuple[str, ...]
    around: Mapping[str, str]
    trouble: tuple[str, ...]
    allowed: frozenset[str]


def unblock(wire: Wire, networks: Sequence[str], *, lock_timeout: float = 0.0) -> Unblocked:
    """Lift the bans of exactly these networks and read back.  BusyError while another run writes."""
    lease = Lease(wire)
    lease.take(lock_timeout)
    try:
        return _unblocked(wire, networks)
    finally:
        lease.give_back()


def _unblocked(wire: Wire, networks: Sequence[str]) -> Unblocked:
    before = _stored(wire)
    blocked = {n: key for key in before if (n := settings.network_of(key, settings.BLOCKED)) is not None}
    keys = [key for key in before if settings.network_of(key, settings.BLOCKED) in networks]
    if keys:
        wire.write("POST", "/api/settings", [delete(*keys)])
    # Also where nothing is stored: an interrupted run may have cleared the setting and not the memory.
    wire.get("/api/reload/server.blocked-ip")
    trouble = _reloaded(wire)
    after = _stored(wire)
    in_file = {n for n in networks if blocked.get(n) in after}
    asleep = {n for n in networks if n in blocked and trouble and "/" in n} - in_file
    return Unblocked(
        lifted=tuple(n for n in networks if n in blocked and n not in in_file | asleep),
        absent=tuple(n for n in networks if n not in blocked),
        stayed=tuple(n for n in networks if n in in_file | asleep),
        around={n: around for n in networks if (around := _around(n, blocked)) is not None},
        trouble=(*trouble, *(_told(n, n in in_file) for n in networks if n in in_file | asleep)),
        allowed=frozenset(
            n for key in after if (n := settings.network_of(key, settings.ALLOWED)) is not None
        ),
    )


def _stored(wire: Wire) -> dict[str, str]:
    prefixes = ",".join(prefix.rstrip(".") for prefix in (settings.BLOCKED, settings.ALLOWED))
    found: dict[str, str] = wire.get("/api/settings/keys", {"prefixes": prefixes})
    return found


def _reloaded(wire: Wire) -> list[str]:
    """Reload fully; return what kept it from applying anything."""
    try:
        reload.reload(wire, reload.standing_errors(wire))
    except WriteError as error:
        return str(error).splitlines()
    return []


def _around(network: str, blocked: Mapping[str, str]) -> str | None:
    inner = ipaddress.ip_network(network)
    for text in blocked:
        outer = ipaddress.ip_network(text)
        if text != network and outer.version == inner.version and inner.subnet_of(outer):  # type: ignore[arg-type]
            return text
    return None


def _told(network: str, is_in_file: bool) -> str:
    if is_in_file:
        return f"{network} is still blocked: config.toml blocks it, and only an edit of that file and a restart lift it."
    return f"{network} is still blocked: a blocked network is let go by a full reload only, and that applied nothing."
