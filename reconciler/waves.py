"""Changes -> waves: what goes when, in the order in which mail never breaks.  Pure.

1 left over   activations that an interrupted run owes
2 file        config.toml, restart
3 front       bans lifted, allowed IPs, hostname, settings; reload
4 mailboxes   domains, accounts, groups and lists with their members, aliases; reload, because
              the server remembers an unknown address for an hour (directory cache, 0.11 to 0.15)
5 keys        DKIM keys stored: their public half can be read before any reload
6 dns         records added and changed, served, seen
7 signing     TLS settings; reload: from here on the new keys sign
8 dns out     records removed
9 removals    on the server, members before containers; reload
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.diff import Change, Verb
from reconciler.kinds.activation import Activation
from reconciler.order import Needs
from reconciler.resource import Address
from reconciler.state import Activate, Placement


class Phase(enum.IntEnum):
    """Where in the order a change stands."""

    LEFT_OVER = 1
    FILE = 2
    FRONT = 3
    MAILBOXES = 4
    KEYS = 5
    DNS = 6
    SIGNING = 7
    DNS_OUT = 8
    REMOVALS = 9


_PHASE_OF_KIND = {
    "ban": Phase.FRONT,
    "allowed_ip": Phase.FRONT,
    "hostname": Phase.FRONT,
    "setting": Phase.FRONT,
    "domain": Phase.MAILBOXES,
    "account": Phase.MAILBOXES,
    "group": Phase.MAILBOXES,
    "list": Phase.MAILBOXES,
    "alias": Phase.MAILBOXES,
    "catch_all": Phase.MAILBOXES,
    "dkim_key": Phase.KEYS,
    "record": Phase.DNS,
    "tls": Phase.SIGNING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Changes of one system that may go together, in their order, and what then makes them count."""

    phase: Phase
    system: str
    changes: tuple[Change, ...]
    activate: Activate = Activate.NOTHING


def waves_of(
    changes: Sequence[Change], needs: Needs, places: Mapping[Address, Placement]
) -> tuple[Wave, ...]:
    """Return the waves of changes that are in their order already."""
    phases = _phases(changes, needs, places)
    grouped: dict[tuple[Phase, str], list[Change]] = {}
    asked: dict[tuple[Phase, str], list[Activate]] = {}
    for change in changes:
        place = places[change.address]
        key = (phases[change.address], place.system)
        grouped.setdefault(key, []).append(change)
        asked.setdefault(key, []).append(place.activate)
        if change.address.kind == "dkim_key" and change.verb is Verb.ADD:
            grouped.setdefault((Phase.SIGNING, place.system), [])
    return tuple(
        Wave(
            phase=phase,
            system=system,
            changes=tuple(members),
            activate=_activation(phase, asked.get((phase, system), ())),
        )
        for (phase, system), members in sorted(grouped.items(), key=lambda item: item[0])
    )


def _activation(phase: Phase, asked: Sequence[Activate]) -> Activate:
    """Return the strongest activation that the wave's changes ask for.

    Keys are only stored: signing begins with the reload of wave 7, after their records are seen.
    """
    if phase is Phase.KEYS:
        return Activate.NOTHING
    if phase is Phase.SIGNING:
        return Activate.RELOAD
    ranks = (Activate.RESTART, Activate.RELOAD)
    return next((rank for rank in ranks if rank in asked), Activate.NOTHING)


def _phases(
    changes: Sequence[Change], needs: Needs, places: Mapping[Address, Placement]
) -> dict[Address, Phase]:
    phases = {change.address: _phase(change, places[change.address]) for change in changes}
    _draw_in(phases, needs)
    # One reload serves both: a left-over reload joins the first wave that reloads this system anyway.
    # (A setting of that wave may be just what lets the server reload again.)
    front = {places[a].system for a, phase in phases.items() if phase is Phase.FRONT}
    for change in changes:
        if phases[change.address] is Phase.LEFT_OVER and _is_reload(change):
            if places[change.address].system in front:
                phases[change.address] = Phase.FRONT
    return phases


def _is_reload(change: Change) -> bool:
    return isinstance(change.after, Activation) and change.after.how == "reload"


def _phase(change: Change, placement: Placement) -> Phase:
    kind = change.address.kind
    if kind == "activation":
        is_signing = isinstance(change.after, Activation) and change.after.how == "signing"
        return Phase.SIGNING if is_signing else Phase.LEFT_OVER
    if placement.activate is Activate.RESTART:
        return Phase.FILE
    if change.verb is Verb.DELETE and kind == "record":
        return Phase.DNS_OUT
    if change.verb is Verb.DELETE and kind != "ban":
        return Phase.REMOVALS
    return _PHASE_OF_KIND[kind]


def _draw_in(phases: dict[Address, Phase], needs: Needs) -> None:
    """Draw what a change needs into its own phase, where it would otherwise come later."""
    queue = list(phases)
    while queue:
        address = queue.pop()
        for need in needs.get(address, ()):
            if need in phases and phases[need] > phases[address]:
                phases[need] = phases[address]
                queue.append(need)
