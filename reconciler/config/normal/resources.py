"""The addresses of resources that a person lists under removed, forget and release."""

from __future__ import annotations

from typing import TypeAlias

from reconciler.config.faults import UnfitError, did_you_mean
from reconciler.config.models.stack import Written
from reconciler.config.normal import names, network
from reconciler.config.normal.dns import is_type
from reconciler.config.normal.scope import Scope
from reconciler.config.tree import Path
from reconciler.resource import Address

# Design section 4; the kinds themselves live further up and are not known here.
KINDS = (
    "hostname",
    "setting",
    "allowed_ip",
    "ban",
    "tls",
    "domain",
    "account",
    "group",
    "list",
    "alias",
    "catch_all",
    "dkim_key",
    "record",
)
Listed: TypeAlias = list[tuple[Path, Address]]
"""Entries of one list of the file with their places; those that are unfit are left out."""

_ALGORITHMS = ("rsa", "ed25519")


def listed(written: Written, scope: Scope) -> dict[str, Listed]:
    """Return what removed, forget and release say, each entry once."""
    return {
        "removed": _entries(written.removed, "removed", scope),
        "forget": _entries(written.forget, "forget", scope),
        "release": _entries(written.release, "release", scope),
    }


def _entries(texts: list[str], key: str, scope: Scope) -> Listed:
    made: Listed = []
    seen: dict[Address, Path] = {}
    for index, text in enumerate(texts):
        at: Path = (key, index)
        entry = scope.faults.attempt(at, address, text, scope.home)
        if entry is None:
            continue
        if entry in seen:
            detail = f"{entry} stands already at {scope.faults.place(seen[entry])}.  Delete one of the two."
            scope.faults.add(at, ("the same entry twice", detail, "entry-twice"))
            continue
        seen[entry] = at
        made.append((at, entry))
    return made


def address(text: str, home: str) -> Address:
    """Return the address in its one form; bare names take the domain `home`."""
    kind, _, name = text.partition("/")
    if kind not in KINDS:
        guess = did_you_mean(kind, KINDS)
        detail = f"{guess}Write kind/name, such as account/bob@example.org.  Kinds are: {', '.join(KINDS)}."
        raise UnfitError("not the address of a resource", detail, "resource-kind")
    if not name and kind != "hostname":
        raise UnfitError("not the address of a resource", f"A name is missing: {kind}/...", "resource-name")
    return Address(kind, _name(kind, name, home))


def _name(kind: str, name: str, home: str) -> str:
    match kind:
        case "account" | "group" | "list" | "alias":
            return names.address(name, home)
        case "domain" | "catch_all":
            return names.domain(name)
        case "allowed_ip" | "ban":
            return network.network(name)
        case "tls":
            return name.lower()
        case "hostname":
            return _nothing(name)
        case "dkim_key":
            return _dkim_key(name)
        case "record":
            return _record(name)
        case _:
            return name


def _nothing(name: str) -> str:
    if name:
        raise UnfitError(
            "not the address of a resource", "There is one hostname: write hostname.", "resource-name"
        )
    return ""


def _dkim_key(name: str) -> str:
    """Return domain and algorithm; a further key of the algorithm has the server's id behind them."""
    domain, _, rest = name.partition("/")
    algorithm, slash, identifier = rest.partition("/")
    if algorithm.lower() not in _ALGORITHMS:
        detail = "Write the domain and the algorithm: dkim_key/example.org/rsa or .../ed25519."
        raise UnfitError("not the address of a resource", detail, "resource-name")
    return f"{names.domain(domain)}/{algorithm.lower()}{slash}{identifier}"


def _record(name: str) -> str:
    """Return zone, name relative to it, type and value; the zone's own name is "@"."""
    zone, _, rest = name.partition("/")
    words = rest.split("/")
    # A name may have slashes of its own (RFC 2317), and a value as well: the type stands in between.
    at = (
        1
        if is_type("".join(words[1:2]).upper())
        else next((i for i, w in enumerate(words) if i and is_type(w)), 1)
    )
    owner = "/".join(words[:at])
    kind, slash, value = "/".join(words[at:]).partition("/")
    if not owner or not kind:
        detail = "Write zone, name, type and value: record/example.org/www/A/203.0.113.20."
        raise UnfitError("not the address of a resource", detail, "resource-name")
    apex = names.domain(zone)
    whole = owner.lower()
    if whole.endswith(".") and whole != f"{apex}." and not whole.endswith(f".{apex}."):
        detail = f"{owner} is not in the zone {apex}."
        raise UnfitError("not the address of a resource", detail, "resource-name")
    relative = whole.removesuffix(".").removesuffix(apex).removesuffix(".") or "@"
    return f"{apex}/{relative}/{kind.upper()}{slash}{value}"
