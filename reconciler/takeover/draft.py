"""(live, seed) -> the stack that declares what is live, and what of it a stack cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler.config.dns import Dns
from reconciler.config.normal.resources import address as listed_address
from reconciler.config.stack import Domain, Stack
from reconciler.desired import desire
from reconciler.errors import Where
from reconciler.kinds import LISTED_TO_REMOVE, dkim_key, domain, mail_entry
from reconciler.kinds.declared import Inexpressible, as_it_is
from reconciler.kinds.record import absolute
from reconciler.pending import with_dkim_records
from reconciler.resource import UNSET, Address
from reconciler.state import Live
from reconciler.takeover.left_out import LeftOut, Notes
from reconciler.takeover.mailboxes import Mailboxes, mailboxes
from reconciler.takeover.server import allowed_in, hostname_in, hosts_of, settings_in, tls_in
from reconciler.takeover.zones import with_records, zone_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A stack, what is left out of it, and the hosts that IP addresses belong to."""

    stack: Stack
    left_out: tuple[LeftOut, ...]
    hosts: Mapping[str, str]


def draft(live: Live, seed: Stack) -> Draft:
    """Return the stack that declares what is live in the domains of the seed, which says how to reach it.

    The plan that follows changes nothing: what would is left out and told.  Domains of the seed
    that have a zone file are those whose records are taken over.
    """
    notes = Notes()
    _other_domains(live, seed, notes)
    made = mailboxes(live.resources, live.foreign, seed.domains, notes)
    host = hostname_in(live, notes)
    stack = replace(
        seed,
        hostname=host,
        domains=_filled(seed.domains, made),
        tls=tls_in(live, host, notes),
        allowed_ips=allowed_in(live, notes),
        settings=settings_in(live, notes),
    )
    stack = _with_zones(stack, live, notes)
    _keys_left_out(stack, live, notes)
    stack = replace(stack, forget=_forgotten(stack, live))
    return Draft(stack=stack, left_out=tuple(sorted(notes)), hosts=hosts_of(live.resources))


def _other_domains(live: Live, seed: Stack, notes: Notes) -> None:
    for address, found in live.resources.items():
        if isinstance(found, domain.Domain) and address.name not in seed.domains:
            try:
                domain.entry(found)
                notes.add(address, "it was not asked for")
            except Inexpressible as error:
                notes.add(address, str(error))


def _filled(seeds: Mapping[str, Domain], made: Mailboxes) -> dict[str, Domain]:
    """Return the domains of the seed with what belongs to them, each filed where its address says."""
    filed: dict[str, dict[str, Any]] = {name: {} for name in seeds}
    for key in ("accounts", "aliases", "lists", "groups"):
        for address, one in getattr(made, key).items():
            filed[address.rpartition("@")[2]].setdefault(key, {})[address] = one
    return {
        name: replace(seed, catch_all=made.catch_alls.get(name, UNSET), **filed[name])
        for name, seed in seeds.items()
    }


def _with_zones(stack: Stack, live: Live, notes: Notes) -> Stack:
    """Return the stack with the records of every zone whose file the seed names."""
    kept = dict.fromkeys(absolute(d.dns.zone) for d in stack.domains.values() if d.dns.zonefile)
    domains = {
        name: replace(one, dns=replace(one.dns, declared=True, mail=mail_entry.NOTHING))
        if absolute(one.dns.zone) in kept
        else replace(one, dns=Dns(zone=name))
        for name, one in stack.domains.items()
    }
    stack = replace(stack, domains=domains)
    for name in kept:
        stack = with_records(stack, zone_in(live, name, notes), live.resources, notes)
    return stack


def _keys_left_out(stack: Stack, live: Live, notes: Notes) -> None:
    """Note the DKIM keys that no `dns.mail.dkim` names; those of zones that are kept elsewhere, too."""
    for address, found in live.resources.items():
        if not isinstance(found, dkim_key.DkimKey):
            continue
        try:
            name, _ = dkim_key.entry(found)
        except Inexpressible as error:
            notes.add(address, str(error))
            continue
        told = stack.domains.get(name)
        if told is None or not told.dns.declared:
            notes.add(address, "it goes with the DNS zone of its domain, which is not taken over")


def _forgotten(stack: Stack, live: Live) -> tuple[Address, ...]:
    """Return what carries this stack's mark and is not said: without a word of it, it would be unwritten."""
    desired = with_dkim_records(desire(stack, lambda _: Where(file=stack.file)), live)
    return tuple(
        address
        for address in sorted(live.owned)
        if address not in desired.resources
        and address in live.resources
        and address.kind not in LISTED_TO_REMOVE
        and as_it_is(_listed, str(address), stack.domain.name)
    )


def _listed(text: str, home: str) -> str:
    return str(listed_address(text, home))
