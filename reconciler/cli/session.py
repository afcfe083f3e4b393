"""One run of plan or apply, put together: the stack, the desired state, the backends, the plan."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reconciler.backends.interface import Backend, Reader, ReadOnly
from reconciler.cli.certificates import with_certificates
from reconciler.cli.hosts import Hosts
from reconciler.config.faults import UnfitError
from reconciler.config.keyring import Keyring
from reconciler.config.load import Loaded, load
from reconciler.config.normal.resources import address
from reconciler.config.secrets import Given, Secret, SecretRef
from reconciler.conflict import conflicts
from reconciler.desired import Desired, desire
from reconciler.diff import Change, compare
from reconciler.errors import InputError, Problem, ReadError, Where, collected
from reconciler.guard.servers import NEW_SERVER
from reconciler.kinds import account, setting
from reconciler.kinds.record import Record, absolute
from reconciler.lint.lines import ZoneText
from reconciler.live import observe
from reconciler.pending import with_dkim_records
from reconciler.plan import Plan, make
from reconciler.resource import UNSET, Address
from reconciler.state import Finding, Live

if TYPE_CHECKING:
    from reconciler.backends.dns.backend import ZoneBackend
    from reconciler.backends.files import Host
    from reconciler.backends.stalwart.http import Wire
    from reconciler.backends.stalwart.rest.plan_memory import PlanMemory
    from reconciler.backends.stalwart.running import ConfigFile, Server
    from reconciler.outlook import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What one run works with.  backends are keyed by the label that plans use."""

    loaded: Loaded
    desired: Desired
    keyring: Keyring
    backends: dict[str, Backend]
    zones: Mapping[str, ZoneBackend]
    allowed_deletes: int | None
    check_data: Callable[[str], Iterable[Finding]]
    released: frozenset[Address] = frozenset()
    memory: PlanMemory | None = None

    def plan(self) -> tuple[Plan, Desired]:
        """Read everything; return the plan and the desired state that it is for.  Reads only."""
        return self.look()[:2]

    def look(self, holds: Callable[[Change], str] = lambda _: "") -> tuple[Plan, Desired, Live]:
        """Read everything; return the plan, the desired state that it is for, and what is live.

        Reads only: what is handed on cannot write.  holds says why a change was held when it was reviewed.
        """
        readers: list[Reader] = [ReadOnly(backend) for backend in self.backends.values()]
        live = observe(readers, self.desired)
        live = replace(live, findings=(*live.findings, *self.check_data(live.facts.version)))
        if problems := conflicts(self.desired, live):
            raise InputError(*collected(problems))
        whole = with_dkim_records(self.desired, live)
        desired, pasted = _split(whole, self.zones)
        changes = compare(desired, live)
        plan = make(
            changes,
            desired,
            live,
            allowed_deletes=self.allowed_deletes,
            released=self.released,
            holds=holds,
            notes=self._to_paste(pasted),
            basis=self._basis() if changes else None,
        )
        return plan, desired, live

    def _basis(self) -> Basis:
        from reconciler.outlook import Basis

        return Basis(stack=self.loaded.stack, find=self.loaded.where, zones=self._zone_texts)

    def _zone_texts(self, names: frozenset[str]) -> tuple[ZoneText, ...]:
        found = (backend.text() for zone, backend in self.zones.items() if zone in names)
        return tuple(text for text in found if text is not None)

    def _to_paste(self, records: tuple[Record, ...]) -> tuple[str, ...]:
        """Return the records of zones that are kept elsewhere, as notes, where they are not served as wanted."""
        if not records:
            return ()
        from reconciler.backends.dns.elsewhere import notes

        stack = self.loaded.stack
        servers = {absolute(d.dns.zone): d.dns.servers for d in stack.domains.values()}
        return notes(records, servers)


@contextmanager
def begin(
    file: str,
    released: Iterable[str] = (),
    allowed_deletes: int | None = None,
    *,
    connections: str | None = None,
    debug: bool = False,
    everything: bool = False,
    may_write: bool = False,
) -> Iterator[Session]:
    """Load the stack and connect; what was opened is closed at the end.  Of all secrets only the login is opened.

    connections: the file that says how to reach the servers, instead of the stack.  everything: also
    list what nobody asked for, such as each unmanaged record.  may_write: a server that an
    interrupted run left down is started again.
    """
    loaded = with_certificates(load(file, connections))
    let_go = _released(released, loaded)
    desired = desire(loaded.stack, loaded.where, released=let_go)
    keyring = keyring_of(loaded)
    backends: dict[str, Backend] = {}
    with closing(Hosts()) as hosts, ExitStack() as opened:
        wire = wire_of(loaded, keyring, hosts, debug=debug)
        opened.callback(wire.close)
        for backend in servers_of(loaded, wire, hosts, may_write=may_write):
            backends[backend.label] = backend
        zones = zones_of(loaded, hosts, everything=everything)
        backends |= {backend.label: backend for backend in zones.values()}
        yield Session(
            loaded=loaded,
            desired=desired,
            keyring=keyring,
            backends=backends,
            zones=zones,
            memory=_memory(wire, loaded.stack.name),
            released=let_go,
            allowed_deletes=allowed_deletes,
            check_data=data_check(loaded, hosts),
        )


@contextmanager
def server(
    file: str, *, connections: str | None = None, debug: bool = False
) -> Iterator[tuple[Loaded, Wire]]:
    """Load the stack and yield it with a connection to its mail server, and to nothing else."""
    loaded = load(file, connections)
    keyring = keyring_of(loaded)
    with closing(Hosts()) as hosts, closing(wire_of(loaded, keyring, hosts, debug=debug)) as wire:
        yield loaded, wire


def _memory(wire: Wire, stack: str) -> PlanMemory:
    from reconciler.backends.stalwart.rest.plan_memory import PlanMemory

    return PlanMemory(wire, stack)


def keyring_of(loaded: Loaded) -> Keyring:
    """Return what opens the secrets of a stack."""
    stack = loaded.stack
    return Keyring(base=stack.base, environ=os.environ, where=loaded.where, secrets=stack.secrets)


def _released(texts: Iterable[str], loaded: Loaded) -> frozenset[Address]:
    """Return the addresses of `--release`, in the one form that addresses have in the file as well."""
    found = set()
    for text in texts:
        if text == NEW_SERVER.kind:
            found.add(NEW_SERVER)
            continue
        try:
            found.add(address(text, loaded.stack.domain.name))
        except UnfitError as error:
            summary, detail, rule = error.told
            raise InputError(
                Problem(summary=f"--release {text}: {summary}", detail=detail, rule=rule)
            ) from None
    return frozenset(found)


def secrets_of(session: Session, plan: Plan) -> Callable[[Address], Secret]:
    """Return what opens a resource's secret; InputError at once for all that the plan needs and that are missing."""
    references = _references(session.loaded)
    needed = [
        references[change.address]
        for change in plan.changes
        if change.address in references and any(field.secret for field in change.fields)
    ]
    if problems := session.keyring.missing(needed):
        raise InputError(*collected(problems))
    return lambda address: session.keyring.resolve(references[address])


def _split(desired: Desired, zones: Container[str]) -> tuple[Desired, tuple[Record, ...]]:
    """Return the desired state without the records of zones that we cannot write, and those records."""
    outside = {
        address: resource
        for address, resource in desired.resources.items()
        if isinstance(resource, Record) and resource.zone not in zones
    }
    kept = {a: r for a, r in desired.resources.items() if a not in outside}
    return replace(desired, resources=kept), tuple(outside.values())


def zones_of(loaded: Loaded, hosts: Hosts, *, everything: bool) -> dict[str, ZoneBackend]:
    """Return a backend for each zone whose file is named; several domains may share one."""
    stack = loaded.stack
    if not any(domain.dns.zonefile for domain in stack.domains.values()):
        return {}
    from reconciler.backends.dns.backend import ZoneBackend
    from reconciler.backends.dns.places import zone_files

    return {
        zone: ZoneBackend(
            found.where, stack.name, hosts.files_of(found.place, found.via), everything=everything
        )
        for zone, found in zone_files(stack, loaded.where).items()
    }


def wire_of(loaded: Loaded, keyring: Keyring, hosts: Hosts, *, debug: bool) -> Wire:
    """Return the connection to the mail server; nothing is sent yet, and its password is opened here."""
    stalwart = loaded.stack.stalwart
    if stalwart is None:
        raise InputError(
            Problem(
                where=Where(file=loaded.stack.file),
                summary="the stack does not say where its mail server is",
                detail=(
                    "Add a section such as:\n\n"
                    "    stalwart: {url: http://127.0.0.1:8080, username: admin, password: {env: STALWART_PASSWORD}}\n\n"
                    "or name the file that says it, with --connections FILE."
                ),
                rule="no-server",
            )
        )
    if stalwart.username is None or stalwart.password is None:
        raise InputError(
            Problem(
                where=loaded.where(stalwart.at),
                summary="the stack does not say how to log in",
                detail="Stalwart 0.11 to 0.15 wants stalwart.username and stalwart.password; an API key is for 0.16.",
                rule="no-login",
            )
        )
    from reconciler.backends.stalwart.http import Wire

    password = keyring.resolve(stalwart.password)
    return Wire(
        stalwart.url,
        stalwart.username,
        password,
        timeout=stalwart.timeout,
        verify=stalwart.verify,
        through=hosts.forwarded(stalwart.url, stalwart.via) if stalwart.via is not None else "",
        tell=_tell_request if debug else None,
    )


def servers_of(loaded: Loaded, wire: Wire, hosts: Hosts, *, may_write: bool) -> Iterator[Backend]:
    """Yield the server's config.toml, where the stack names it, and its API: the file is right about what it sets."""
    from reconciler.backends.stalwart.connect import connect
    from reconciler.backends.stalwart.rest.backend import RestBackend

    stack = loaded.stack
    stalwart = stack.stalwart
    assert stalwart is not None and stalwart.username is not None
    if stalwart.config is None:
        traits = connect(wire)
    else:
        from reconciler.backends.stalwart.config_file import ConfigBackend
        from reconciler.backends.stalwart.running import ConfigFile, Server

        where = ConfigFile(
            path=stalwart.config.path,
            restart=stalwart.restart,
            timeout=stalwart.timeout,
            container=stalwart.config.container or stalwart.container,
        )
        host = hosts.files_of(stalwart.config, stalwart.via)
        server = Server(where, host, wire)
        try:
            traits = connect(wire)
        except ReadError as error:
            _start_again(error, where, host, server, wire, may_write=may_write)
            traits = connect(wire)
        yield ConfigBackend(where, host, wire, traits, stack.name, server)
    yield RestBackend(wire, traits, stalwart.username, stack.name)


def _start_again(
    error: ReadError, where: ConfigFile, host: Host, server: Server, wire: Wire, *, may_write: bool
) -> None:
    """Start a server that an interrupted run left down; every other trouble is raised as it is."""
    from reconciler.backends.stalwart.running import bring_back, is_left_down, left_down

    # Through a proxy of docker's or a forward of ssh's, who is not there closes the connection.
    is_silent = any(problem.rule in ("unreachable", "probably-banned") for problem in error.problems)
    if not is_silent or not is_left_down(where, host):
        raise error
    if not may_write:
        raise ReadError(left_down(wire.url)) from error
    bring_back(server, where, host)


def data_check(loaded: Loaded, hosts: Hosts) -> Callable[[str], Iterable[Finding]]:
    """Return what looks, for a version of the server, at the mounts of its container."""
    stalwart = loaded.stack.stalwart
    if stalwart is None or stalwart.container is None:
        return lambda _: ()
    from reconciler.backends.stalwart.container import data_findings, unknown

    try:
        program = hosts.container_program(stalwart.via, stalwart.container)
    except InputError as error:
        finding = unknown(stalwart.container, error.problems[0].summary)
        return lambda _: (finding,)
    return partial(data_findings, hosts.machine(stalwart.via), program, stalwart.container)


def _references(loaded: Loaded) -> dict[Address, SecretRef]:
    found: dict[Address, SecretRef] = {}
    for domain in loaded.stack.domains.values():
        for person in domain.accounts.values():
            if person.password is not UNSET:
                found[account.address_of(person.address)] = person.password
    for key, value in loaded.stack.settings.items():
        found[setting.address_of(key)] = Given(secret=Secret(value)) if isinstance(value, str) else value
    return found


def _tell_request(line: str) -> None:
    print(line, file=sys.stderr)
