"""Of the server itself: its hostname, its certificate, whom it never bans, its settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from reconciler.config.stack import Tls as WrittenTls
from reconciler.kinds import allowed_ip, ban, hostname, setting, tls
from reconciler.kinds.declared import Inexpressible
from reconciler.kinds.record import Record
from reconciler.resource import Address, Resource
from reconciler.state import Live
from reconciler.takeover.left_out import Notes, foreign
from reconciler.takeover.settings import is_worth_saying


def hostname_in(live: Live, notes: Notes) -> str | None:
    """Return the hostname to declare: the one that the server goes by, if a stack can say it."""
    found = live.resources.get(hostname.ADDRESS)
    if not isinstance(found, hostname.Hostname):
        return None
    try:
        _not_foreign(found.address, live)
        value = hostname.entry(found)
        # The server goes by another name than is stored: declared, the next plan would reload it.
        if any(one.address.name.startswith("reload/") for one in live.left_over):
            raise Inexpressible("the server does not go by it until it is reloaded")
    except Inexpressible as error:
        notes.add(found.address, f"{found.value}: {error}")
        return None
    return value


def tls_in(live: Live, host: str | None, notes: Notes) -> WrittenTls | None:
    """Return the ACME account to declare: the first by name that a stack can say; there is one in a file."""
    taken: WrittenTls | None = None
    for address, found in live.resources.items():
        if not isinstance(found, tls.Tls):
            continue
        try:
            _not_foreign(address, live)
            entry = tls.entry(found, host)
            if taken is not None:
                raise Inexpressible(f"a stack has one authority, and {taken.acme} is taken over")
            taken = entry
        except Inexpressible as error:
            notes.add(address, str(error))
    return taken


def allowed_in(live: Live, notes: Notes) -> tuple[str, ...]:
    """Return the allowed addresses and networks to declare, IPv4 first, in the order of their numbers."""
    found = {a: r for a, r in live.resources.items() if isinstance(r, allowed_ip.AllowedIp)}
    lifted = {a: live.resources[a] for a, _ in ban.lifted(found, (), live.resources)}
    taken = []
    for address, resource in found.items():
        try:
            _not_foreign(address, live)
            entry = allowed_ip.entry(resource)
            if banned := next(ban.lifted({address: resource}, (), lifted), None):
                raise Inexpressible(
                    f"the server has banned {banned[0].name}, and a ban counts more: declared here, the ban is lifted"
                )
            taken.append(entry)
        except Inexpressible as error:
            notes.add(address, str(error))
    return tuple(sorted(taken, key=_number))


def _number(text: str) -> tuple[int, int, int]:
    network = ipaddress.ip_network(text)
    return network.version, int(network.network_address), network.prefixlen


def is_banned(address: str, live: Mapping[Address, Resource]) -> bool:
    """Has the server banned this address of its own front door?"""
    return next(ban.lifted({}, (address,), live), None) is not None


def settings_in(live: Live, notes: Notes) -> dict[str, str]:
    """Return the settings to declare, by key: those worth a line, and all that this stack has written."""
    taken = {}
    for address, found in live.resources.items():
        if not isinstance(found, setting.Setting):
            continue
        is_mine = address in live.owned
        if not is_mine and not (isinstance(found.value, str) and is_worth_saying(address.name, found.value)):
            continue
        try:
            _not_foreign(address, live)
            taken[address.name] = setting.entry(found)
        except Inexpressible as error:
            notes.add(address, str(error))
    return dict(sorted(taken.items()))


def _not_foreign(address: Address, live: Live) -> None:
    if address in live.foreign:
        raise Inexpressible(foreign(live.foreign[address]))


def hosts_of(live: Mapping[Address, Resource]) -> Mapping[str, str]:
    """Return, by IP address, the name that a record of the zones gives to it; the shortest of several."""
    found: dict[str, str] = {}
    for owner, value in sorted(_addresses(live), key=lambda pair: (len(pair[0]), pair[0])):
        found.setdefault(value, owner.rstrip("."))
    return found


def _addresses(live: Mapping[Address, Resource]) -> Iterator[tuple[str, str]]:
    for resource in live.values():
        if isinstance(resource, Record) and resource.type in ("A", "AAAA"):
            yield resource.owner, str(resource.value)
