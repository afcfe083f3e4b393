"""A file of connections: read, checked, and laid under a stack that may say none of it.

Its paths begin at its own folder, and its secret commands run there: a branch that could put a file
in their way would be back in reach.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from reconciler.config import translate
from reconciler.config.dns import Dns
from reconciler.config.events import parse
from reconciler.config.faults import Faults, did_you_mean
from reconciler.config.models.connections import Connection, Connections
from reconciler.config.models.dns import DnsReach
from reconciler.config.normal import names, network
from reconciler.config.normal.scope import Scope
from reconciler.config.normal.secrets import reference
from reconciler.config.normal.stack import stalwart
from reconciler.config.reach import reach
from reconciler.config.secrets import FromCommand, FromFile, SecretRef
from reconciler.config.stack import Stack
from reconciler.config.tree import Node, Path, Tree
from reconciler.errors import InputError, Problem, Where, collected

# What stands at the head of every path into a file of connections, and never into a stack.
AT = "connections"

_EXAMPLE = (
    "It begins like this:\n    version: 1\n    stacks:\n      home:\n"
    "        stalwart: {url: http://127.0.0.1:8080, username: admin, password: {env: STALWART_PASSWORD}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A file of connections."""

    tree: Tree = field(repr=False)
    written: Connections
    base: str


def read(data: bytes, file: str) -> Told:
    """Return what a file of connections says.  Raises InputError with every fault of its form."""
    tree = parse(data, file)
    if not isinstance(tree.root, dict):
        raise InputError(
            Problem(
                where=Where(file=file),
                summary="this is no file of connections",
                detail=_EXAMPLE,
                rule="connections",
            )
        )
    tree = _under(tree, AT)
    faults = Faults(tree)
    try:
        written = Connections.model_validate(tree.root[AT])  # type: ignore[index,call-overload]  # made so just now
    except ValidationError as error:
        translate.note(error, Connections, faults, (AT,))
        written = None
    if written is None:
        raise InputError(*collected(faults.problems))
    return Told(tree=tree, written=written, base=os.path.dirname(os.path.abspath(file)))


def laid(told: Told, stack: Stack, root: Mapping[str, Node], faults: Faults) -> Stack:
    """Return the stack with its connections.  Noted are their own faults, and what the stack says itself."""
    own = Faults(told.tree)
    entry = told.written.stacks.get(stack.name)
    if entry is None:
        known = ", ".join(told.written.stacks)
        detail = f"{did_you_mean(stack.name, told.written.stacks)}It knows: {known}." if known else _EXAMPLE
        own.add(
            (AT, "stacks"), (f"nothing is said of the stack {stack.name}", detail, "connections"), key=True
        )
        faults.problems += own.problems
        return stack
    _refuse(entry, stack, root, faults, told.tree.file)
    at: Path = (AT, "stacks", stack.name)
    scope = Scope(faults=own, base=told.base, home=stack.domain.name)
    server = stalwart(entry.stalwart, (*at, "stalwart"), scope)
    if server is not None:
        _absolute(server.restart, (*at, "stalwart", "restart"), own)
        server = replace(
            server,
            password=server.password and _from(server.password, told.base),
            token=server.token and _from(server.token, told.base),
        )
    single = {
        own.attempt((*at, "domains", name), names.domain, name, key=True): name for name in entry.domains
    }
    for name in single:
        if name is not None and name not in stack.domains:
            detail = f"{did_you_mean(name, stack.domains)}The stack {stack.name} declares: {', '.join(stack.domains)}."
            own.add(
                (*at, "domains", single[name]),
                ("a domain that the stack does not declare", detail, "connections"),
                key=True,
            )
    domains = {}
    for name, domain in stack.domains.items():
        scope = Scope(faults=own, base=told.base, home=name)
        bare = replace(domain.dns, via=None, reload=())
        dns = _reached(bare, entry.dns, (*at, "dns"), scope)
        if name in single:
            dns = _reached(dns, entry.domains[single[name]], (*at, "domains", single[name]), scope)
        domains[name] = replace(domain, dns=dns)
    secrets = {
        name: _from(reference(source, (*at, "secrets", name)), told.base)
        for name, source in entry.secrets.items()
    }
    faults.problems += own.problems
    return replace(stack, stalwart=server, domains=domains, secrets=secrets)


def _refuse(entry: Connection, stack: Stack, root: Mapping[str, Node], faults: Faults, file: str) -> None:
    """Note what the stack says itself of how it is reached."""
    detail = f"{file} says how the servers of {stack.name} are reached, so that no branch can change it. Delete this here"
    if "stalwart" in root:
        faults.add(
            ("stalwart",), ("`stalwart` belongs to the connections", f"{detail}.", "in-connections"), key=True
        )
    for path, _ in reach({key: node for key, node in root.items() if key != "stalwart"}):
        if path[-1] == "command":
            name = f"{detail}: write {{env: NAME}}, and the command under `secrets:` there."
            faults.add(path, ("a command that prints a secret", name, "in-connections"), key=True)
        else:
            faults.add(
                path,
                (f"`{'.'.join(map(str, path))}` belongs to the connections", f"{detail}.", "in-connections"),
                key=True,
            )
    for head in ((), ("defaults",), *(("domains", name) for name in stack.domains)):
        written = [entry.dns, *(one for name, one in entry.domains.items() if head == _head(name, stack))]
        given = set().union(*(one.model_fields_set for one in written)) & {"zonefile", "servers", "timeout"}
        node: Node | None = dict(root)
        for step in (*head, "dns"):
            node = node.get(step) if isinstance(node, dict) else None
        for key in sorted(given & set(node)) if isinstance(node, dict) else ():
            path = (*head, "dns", key)
            summary = f"`{'.'.join(map(str, path))}` belongs to the connections"
            faults.add(path, (summary, f"{detail}.", "in-connections"), key=True)


def _head(name: str, stack: Stack) -> Path:
    """Return where a stack says what a domain holds: the main one, at its top."""
    return () if name == stack.domain.name else ("domains", name)


def _reached(dns: Dns, written: DnsReach, at: Path, scope: Scope) -> Dns:
    """Return a domain's `dns:` with what the connections say of it."""
    faults = scope.faults
    given = written.model_fields_set
    if "via" in given and written.via is not None:
        dns = replace(dns, via=faults.attempt((*at, "via"), network.ssh, written.via))
    if "zonefile" in given and written.zonefile is not None:
        path = written.zonefile.path.replace("{domain}", scope.home)
        place = written.zonefile.model_copy(update={"path": path})
        dns = replace(dns, zonefile=scope.place(place, (*at, "zonefile"), remote=dns.via is not None))
    if "reload" in given:
        _absolute(written.reload or (), (*at, "reload"), faults)
        dns = replace(dns, reload=tuple(written.reload or ()))
    if "servers" in given:
        dns = replace(dns, servers=scope.each((*at, "servers"), network.name_server, written.servers))
    if "timeout" in given:
        dns = replace(dns, timeout=written.timeout)
    return dns


def _absolute(command: list[str] | tuple[str, ...], at: Path, faults: Faults) -> None:
    """Note a program that would be looked for where mailstack runs, which is where the branch is checked out."""
    if command and "/" in command[0] and not command[0].startswith("/"):
        detail = "It would be looked for in the folder in which mailstack runs. Write it from the root: /..."
        faults.add((*at, 0), ("a program that is not absolute", detail, "path"))


def _from(ref: SecretRef, base: str) -> SecretRef:
    """Return a reference that is meant as seen from the folder of the connections."""
    match ref:
        case FromFile():
            return replace(ref, file=os.path.join(base, os.path.expanduser(ref.file)))
        case FromCommand():
            return replace(ref, base=base)
        case _:
            return ref


def _under(tree: Tree, key: str) -> Tree:
    """Return the tree one step deeper, so that a path tells from its first step that it leads here."""
    root: dict[str, Node] = {key: tree.root}
    return Tree(file=tree.file, root=root, marks={**tree.marks, id(root): [0, 0]})
