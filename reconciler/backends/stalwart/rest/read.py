"""The server's answers -> one Reading.  Reads only.

The number of requests depends on the kinds and on nothing else: one for the domains, one for all
accounts, groups and lists, one for the settings (in pieces where the stack names hundreds), and one
that asks by which hostname the server goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from reconciler.backends.stalwart.http import Forbidden, Wire
from reconciler.backends.stalwart.rest import marks, principals, settings
from reconciler.backends.stalwart.rest.principals import Index, index_of, principal_of
from reconciler.desired import Desired
from reconciler.errors import Problem, ReadError
from reconciler.kinds import allowed_ip, hostname
from reconciler.kinds.account import Account
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.resource import Address, Resource, Sealed
from reconciler.state import Finding

PRINCIPAL_KINDS = frozenset({"domain", "account", "group", "list", "alias", "catch_all"})
SETTING_KINDS = frozenset({"activation", "ban", "allowed_ip", "hostname", "setting", "dkim_key", "tls"})

_PRINCIPAL_FIELDS = "name,description,emails,secrets,quota,roles,members,externalMembers,enabledPermissions,disabledPermissions"
T = TypeVar("T")

_KEYS_AT_ONCE = 100  # keeps the URL well below what servers and proxies take


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The server's own view as it was read: what writing starts from."""

    index: Index
    settings: Mapping[str, str]
    unreadable: Mapping[str, Problem]
    effective_hostname: str


def take(wire: Wire, desired: Desired, kinds: frozenset[str] | None, former: Snapshot | None) -> Snapshot:
    """Return the server's view; what kinds does not ask for is taken over from the former one."""
    unreadable: dict[str, Problem] = {}
    wanted = PRINCIPAL_KINDS | SETTING_KINDS if kinds is None or former is None else kinds
    index = former.index if former is not None else index_of(())
    stored = dict(former.settings) if former is not None else {}
    effective = former.effective_hostname if former is not None else ""
    # The marks of passwords stand in the settings, so those are read whenever anything is.
    stored = _or_unreadable(SETTING_KINDS, unreadable, lambda: _settings(wire, desired), stored)
    if wanted & PRINCIPAL_KINDS:
        index = _or_unreadable(PRINCIPAL_KINDS, unreadable, lambda: _principals(wire), index)
    if hostname.ADDRESS in desired.resources and (wanted & SETTING_KINDS or not effective):
        effective = _or_unreadable(
            frozenset({"hostname"}), unreadable, lambda: _effective_hostname(wire, desired), effective
        )
    return Snapshot(index=index, settings=stored, unreadable=unreadable, effective_hostname=effective)


def _or_unreadable(
    kinds: frozenset[str], unreadable: dict[str, Problem], ask: Callable[[], T], otherwise: T
) -> T:
    try:
        return ask()
    except Forbidden as error:
        unreadable.update(dict.fromkeys(kinds, error.problems[0]))
        return otherwise
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        # Half of what a server should say is not half a server (law 8).
        raise ReadError(_malformed(kinds)) from error


def _malformed(kinds: frozenset[str]) -> Problem:
    return Problem(
        summary="the server's answer has another form than Stalwart's",
        detail=(
            f"It was asked for {', '.join(sorted(kinds))}. Something may stand in between that changes answers,\n"
            "or this is a version that mailstack does not know."
        ),
        rule="malformed-answer",
    )


def domains_on(wire: Wire) -> tuple[tuple[str, ...], str]:
    """Return the names of the server's domains, in order, and the one that was made first, as far as it tells.

    The server reports from the first domain that it was given, unless somebody says otherwise
    (http/management/principal.rs, 0.11 to 0.15).
    """
    found = wire.get("/api/principal", {"types": "domain", "fields": "name", "limit": "0"})
    told = wire.get("/api/settings/keys", {"keys": "report.domain"})
    try:
        return tuple(sorted(str(item["name"]) for item in found["items"])), str(told.get("report.domain", ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise ReadError(_malformed(frozenset({"domain"}))) from error


def _principals(wire: Wire) -> Index:
    domains = wire.get("/api/principal", {"types": "domain", "fields": "name", "limit": "0"})
    mailboxes = wire.get(
        "/api/principal",
        {"types": "individual,group,list", "fields": _PRINCIPAL_FIELDS, "limit": "0"},
    )
    return index_of(principal_of(item) for item in (*domains["items"], *mailboxes["items"]))


def _settings(wire: Wire, desired: Desired) -> dict[str, str]:
    prefixes = ",".join(settings.PREFIXES)
    named = settings.keys_to_ask(desired)
    found: dict[str, str] = wire.get(
        "/api/settings/keys", {"prefixes": prefixes, "keys": ",".join(named[:_KEYS_AT_ONCE])}
    )
    # Then what the stack names beyond that, and what it named once: our marks tell.
    marked = {m.name for m in marks.marks_in(found) if m.stack == desired.stack and m.what == "setting"}
    rest = iter((*named[_KEYS_AT_ONCE:], *sorted(marked.difference(named))))
    while batch := ",".join(islice(rest, _KEYS_AT_ONCE)):
        found |= wire.get("/api/settings/keys", {"keys": batch})
    if not all(isinstance(value, str) for value in found.values()):
        raise TypeError("a setting that is no text")
    return found


def _effective_hostname(wire: Wire, desired: Desired) -> str:
    """Return the MX target that the server would publish: the hostname as of its last good reload.

    The server does not look whether the domain is one of its own.
    """
    records = wire.get(f"/api/dns/records/{desired.domains[0]}")
    targets = (r["content"].split()[-1] for r in records if r["type"] == "MX")
    return next((t.rstrip(".").lower() for t in targets), "")


def resources_in(snapshot: Snapshot, desired: Desired) -> dict[Address, Resource]:
    """Return every resource of the server."""
    found: dict[Address, Resource] = {}
    for resource in (
        *settings.resources_of(snapshot.settings, desired, snapshot.effective_hostname),
        *principals.resources_of(snapshot.index),
    ):
        found.setdefault(resource.address, resource)
    found |= {resource.address: resource for resource in _with_passwords(snapshot, desired)}
    return found


def _with_passwords(snapshot: Snapshot, desired: Desired) -> Iterator[Resource]:
    """Yield the declared accounts with the revision of their password.

    One without our mark keeps the password that it has: it counts as the declared revision, and the
    mark is adopted.  One that has no password at all does need ours.
    """
    revisions = {
        mark.name: int(mark.text) if mark.text.isdigit() else None
        for mark in marks.marks_in(snapshot.settings)
        if mark.stack == desired.stack and mark.what == "password"
    }
    for address, wanted in desired.resources.items():
        if not isinstance(wanted, Account) or not isinstance(wanted.password, Sealed):
            continue
        former = desired.renamed.get(address, address)
        principal = snapshot.index.of(address.name) or snapshot.index.of(former.name)
        if principal is None or principal.type != "individual":
            continue
        marked = address.name if address.name in revisions else former.name
        revision = revisions.get(marked, wanted.password.revision)
        if not principal.secrets:
            revision = None
        yield principals.account_of(principal, Sealed(revision=revision))


def owned_in(snapshot: Snapshot, desired: Desired) -> tuple[frozenset[Address], dict[Address, str]]:
    """Return what carries this stack's mark, and what carries another's with that stack's name."""
    owned: set[Address] = set()
    foreign: dict[Address, str] = {}
    for mark in marks.marks_in(snapshot.settings):
        if mark.what in ("activation", "elsewhere"):
            continue
        if mark.stack == desired.stack:
            owned.add(mark.address)
        else:
            foreign[mark.address] = mark.stack
    mine = marks.ip_value(desired.stack)
    for key, value in snapshot.settings.items():
        if network := settings.network_of(key, settings.ALLOWED):
            address = allowed_ip.address_of(network)
            if value == mine:
                owned.add(address)
            elif value.startswith(f"{marks.PREFIX}:"):
                foreign[address] = value.partition(":")[2]
    return frozenset(owned), foreign


def elsewhere_in(snapshot: Snapshot, desired: Desired) -> frozenset[Address]:
    """Return what is satisfied in config.toml, as an earlier run found out."""
    return frozenset(
        mark.address
        for mark in marks.marks_in(snapshot.settings)
        if mark.stack == desired.stack and mark.what == "elsewhere"
    )


def left_over_in(snapshot: Snapshot, desired: Desired, label: str) -> tuple[Resource, ...]:
    """Return the activations that are owed: by our trace, and by the hostname that the server goes by."""
    owed = {
        mark.name
        for mark in marks.marks_in(snapshot.settings)
        if mark.stack == desired.stack and mark.what == "activation"
    }
    stored = settings.stored_hostname(snapshot.settings)
    wanted = desired.resources.get(hostname.ADDRESS)
    if wanted is not None and stored and snapshot.effective_hostname not in ("", stored):
        owed.add("reload")
    return tuple(Activation(address=activation_address(how, label), how=how) for how in sorted(owed))


def findings_in(snapshot: Snapshot, desired: Desired) -> Iterator[Finding]:
    """Yield what a person should know of the server's state."""
    yield from settings.findings_of(snapshot.settings)
    for address in sorted(desired.resources):
        principal = snapshot.index.of(address.name) if address.kind == "account" else None
        if principal is not None and not principal.roles and not principal.enabled_permissions:
            yield Finding(
                rule="STW-17",
                severity="warning",
                text=f"{address} has no role: it can neither log in nor receive mail",
                fix="write `enabled: true` in its entry; apply then gives it the role user",
            )


def names_in(snapshot: Snapshot) -> dict[str, Address]:
    """Return the names that are taken on the server."""
    known = ("domain", *principals.MAILBOX_TYPES)
    return {p.name: principals.address_of(p) for p in snapshot.index.by_name.values() if p.type in known}
