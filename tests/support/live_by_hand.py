"""Live states made by hand, for what is pure."""

from __future__ import annotations

from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.domain import Domain
from reconciler.kinds.record import Record, record
from reconciler.resource import Address, Resource
from reconciler.state import Facts, Live

ZONE = "example.org."

MAILBOXES = (
    Domain(address=Address("domain", "example.org")),
    Account(address=Address("account", "alice@example.org")),
    Alias(address=Address("alias", "postmaster@example.org"), holder="alice@example.org"),
    Alias(address=Address("alias", "abuse@example.org"), holder="alice@example.org"),
)


def txt(owner: str, text: str) -> Record:
    """Return a TXT record of the zone."""
    return record(ZONE, owner, "TXT", f'"{text}"')


def live_of(*resources: Resource, **given) -> Live:
    """Return a live state with these resources; what else it holds may be given."""
    parts = {
        "resources": {resource.address: resource for resource in resources},
        "owned": frozenset(),
        "foreign": {},
        "elsewhere": frozenset(),
        "names": {},
        "unreadable": {},
        "beside": {},
        "former": {},
        "left_over": (),
        "findings": (),
        "notes": (),
        "systems": (),
        "facts": Facts(),
        "place": lambda resource: None,
    }
    return Live(**{**parts, **given})
