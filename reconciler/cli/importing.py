"""From the flags of `import` to a file whose plan is empty: connect, look, write, prove."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from reconciler.backends.interface import Backend, ReadOnly
from reconciler.cli.hosts import Hosts
from reconciler.cli.session import Session, data_check, servers_of, wire_of, zones_of
from reconciler.cli.zone_names import ZoneArgument, zone_of
from reconciler.config.dns import Dns
from reconciler.config.keyring import Keyring
from reconciler.config.load import Loaded, load_bytes
from reconciler.config.stack import Domain, Stack
from reconciler.desired import desire
from reconciler.errors import InputError, Problem, ReadError, collected
from reconciler.kinds import hostname
from reconciler.kinds.domain import Domain as LiveDomain
from reconciler.kinds.domain import address_of, is_sayable
from reconciler.kinds.mail_entry import NOTHING
from reconciler.live import merged
from reconciler.plan import Plan
from reconciler.resource import Address
from reconciler.state import Live, System
from reconciler.takeover.draft import Draft, draft
from reconciler.takeover.file import text
from reconciler.takeover.probe import probe

# A domain that nobody has (RFC 2606), until the server has told its own.
UNKNOWN = "unknown.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for.  seed says how to reach the server; domains, if any, are all to take."""

    seed: Stack
    domains: tuple[str, ...] = ()
    zones: tuple[ZoneArgument, ...] = ()
    environ: Mapping[str, str]
    has_name: bool = False
    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The text, what it was made from, and the plan that follows: the proof."""

    draft: Draft
    text: str
    plan: Plan
    declared: tuple[Address, ...]


@contextmanager
def importing(wanted: Wanted) -> Iterator[Imported]:
    """Read what is live, draft its stack, load the text of it and plan that.  Changes nothing, anywhere."""
    with closing(Hosts()) as hosts:
        known = _loaded(wanted.seed)
        keyring = Keyring(base=known.stack.base, environ=wanted.environ, where=known.where)
        with closing(wire_of(known, keyring, hosts, debug=wanted.debug)) as wire:
            from reconciler.backends.stalwart.connect import connect
            from reconciler.backends.stalwart.rest.read import domains_on

            connect(wire)
            seed = _with_zones(_with_domains(wanted, *domains_on(wire)), wanted, hosts)
            loaded = _loaded(seed)
            backends: dict[str, Backend] = {
                backend.label: backend for backend in servers_of(loaded, wire, hosts, may_write=False)
            }
            zones = zones_of(loaded, hosts, everything=True)
            live = _read(seed, backends.values(), zones.values())
            made = draft(live, seed)
            written = text(made, _told(live.systems))
            final = load_bytes(written.encode(), seed.file)
            session = Session(
                loaded=final,
                desired=desire(final.stack, final.where),
                keyring=keyring,
                backends={**backends, **{backend.label: backend for backend in zones.values()}},
                zones=zones,
                allowed_deletes=None,
                check_data=data_check(final, hosts),
            )
            plan, desired = session.plan()
            yield Imported(draft=made, text=written, plan=plan, declared=tuple(desired.resources))


def _loaded(seed: Stack) -> Loaded:
    """Return a seed as the loader reads it, with a place for each of its values."""
    return load_bytes(text(Draft(stack=seed, left_out=(), hosts={})).encode(), seed.file)


def _read(seed: Stack, servers: Iterable[Backend], zones: Iterable[Backend]) -> Live:
    """Return what is live.  The zones are read last: which records matter depends on the hostname."""
    asked = probe(seed)
    readings = [ReadOnly(backend).read(asked) for backend in servers]
    found = merged(readings).resources.get(hostname.ADDRESS)
    if isinstance(found, hostname.Hostname):
        asked = probe(seed, found.value)
    readings += [ReadOnly(backend).read(asked) for backend in zones]
    live = merged(readings)
    if live.unreadable:
        raise ReadError(*collected(live.unreadable.values()))
    return live


def _with_domains(wanted: Wanted, names: Sequence[str], first: str) -> Stack:
    """Return the seed with the domains to take over, the main one first."""
    fit = [name for name in names if is_sayable(LiveDomain(address=address_of(name)))]
    if missing := [name for name in wanted.domains if name not in names]:
        raise InputError(
            Problem(
                summary=f"the server has no domain {missing[0]}",
                detail=f"It has: {', '.join(names) or 'none'}.",
                rule="unknown-domain",
            )
        )
    if not fit:
        raise InputError(
            Problem(
                summary="the server has no mail domain yet, so there is nothing to take over",
                detail="Begin with a stack of your own:\n\n    mailstack init",
                rule="nothing-to-import",
            )
        )
    seeded = [name for name in wanted.seed.domains if name in fit]
    main = [name for name in (*wanted.domains, *seeded, first) if name in fit][:1]
    order = dict.fromkeys([*main, *wanted.domains, *(() if wanted.domains else fit)])
    domains = {name: wanted.seed.domains.get(name) or Domain(name=name, dns=Dns(zone=name)) for name in order}
    name = wanted.seed.name if wanted.has_name else next(iter(domains))
    return replace(wanted.seed, name=name, domains=domains)


def _with_zones(seed: Stack, wanted: Wanted, hosts: Hosts) -> Stack:
    """Return the seed with the zone files that the command line names, each at the first of its domains."""
    via = seed.stalwart.via if seed.stalwart else None
    domains = dict(seed.domains)
    for found in wanted.zones:
        zone = zone_of(found, hosts, via, list(domains))
        inside = [name for name in domains if name == zone or name.endswith(f".{zone}")]
        inside = [
            name
            for name in inside
            if domains[name].dns.zone == name or len(zone) > len(domains[name].dns.zone)
        ]
        if not inside:
            raise InputError(
                Problem(
                    summary=f"{found.place.path} is the zone {zone}, and none of the domains is in it",
                    detail="The records of a zone go with a mail domain of the server. Leave this --zone out.",
                    rule="zone-without-domain",
                )
            )
        inside.sort(key=lambda name: name != zone)
        for number, name in enumerate(inside):
            dns = replace(domains[name].dns, zone=zone, declared=True, mail=NOTHING)
            if number == 0:
                dns = replace(dns, zonefile=found.place, via=via)
            domains[name] = replace(domains[name], dns=dns)
    return replace(seed, domains=domains)


def _told(systems: Sequence[System]) -> tuple[str, ...]:
    names = [
        f"{s.title} {s.version} at {s.where}" if s.version else os.path.basename(s.where) for s in systems
    ]
    return (
        f"Written by `mailstack import`, from {', '.join(names)}.",
        "What is left out here stays as it is. From now on, change this file, look at `mailstack plan`, and apply.",
        "Roles, tenants, API keys, app passwords and other things of the server that a stack does not know",
        "are left alone.",
    )
