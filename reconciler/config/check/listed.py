"""What `removed:` and `forget:` may name."""

from __future__ import annotations

from reconciler.config.check.holders import Holders
from reconciler.config.faults import Faults
from reconciler.config.normal.resources import Listed
from reconciler.config.stack import Stack
from reconciler.config.tree import Path
from reconciler.resource import Address

# Design section 6: only what carries a mark can lose it.
MARKED = frozenset({"record", "allowed_ip", "setting", "hostname", "tls"})


def removed(entries: Listed, stack: Stack, known: Holders, faults: Faults) -> None:
    """What shall go is not declared, and is something that can go."""
    for at, entry in entries:
        if entry.kind == "hostname":
            detail = "A mail server has a name.  Declare another one with `hostname:`."
            faults.add(at, ("something that cannot be removed", detail, "removed"))
            continue
        place = _declared(entry, stack, known)
        if place is not None:
            detail = (
                f"{entry} is declared at {faults.place(place)}, so it shall be there, and here, so it shall go.  "
                "Delete one of the two."
            )
            faults.add(at, ("declared and removed", detail, "removed-declared"))


def forgotten(entries: Listed, stack: Stack, known: Holders, faults: Faults) -> None:
    """What shall be forgotten carries a mark, is not declared, and is not to be removed either."""
    gone = set(stack.removed)
    for at, entry in entries:
        place = _declared(entry, stack, known)
        if entry.kind not in MARKED:
            detail = (
                f"Only what mailstack marks can be forgotten: {', '.join(sorted(MARKED))}.  The {entry.kind} "
                "stays as it is when you delete it from the file."
            )
            faults.add(at, ("nothing to forget", detail, "forget"))
        elif place is not None:
            detail = f"{entry} is declared at {faults.place(place)} and would be marked again.  Delete one of the two."
            faults.add(at, ("declared and forgotten", detail, "forget"))
        elif entry in gone:
            detail = f"{entry} is listed under `removed:`, too.  It goes, or it stays: keep one of the two."
            faults.add(at, ("removed and forgotten", detail, "forget"))


def _declared(entry: Address, stack: Stack, known: Holders) -> Path | None:
    """Return the path at which the file declares a resource, as far as names alone can tell."""
    name = entry.name
    match entry.kind:
        case "account" | "alias" | "list" | "group":
            return known.place(name) if known.kind(name) == entry.kind else None
        case "domain":
            return stack.domains[name].at or ("domain",) if name in stack.domains else None
        case "catch_all":
            domain = stack.domains.get(name)
            return (*domain.at, "catch_all") if domain and isinstance(domain.catch_all, str) else None
        case "hostname":
            return ("hostname",) if stack.hostname else None
        case "setting":
            return ("settings", name) if name in stack.settings else None
        case "allowed_ip":
            return ("allowed_ips", stack.allowed_ips.index(name)) if name in stack.allowed_ips else None
        case "tls":
            return stack.tls.at if stack.tls and stack.tls.acme == name else None
        case _:
            return None
