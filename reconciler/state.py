"""What is true now: one Reading for each live system, and Live, all of them together.

Both hold resources of the same types as the desired state.  What could not be read is a value
here (unreadable), so that nobody takes it for "nothing is there" (law 8).  Nothing here reads.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.errors import Problem
from reconciler.resource import Address, Resource


class Activate(enum.Enum):
    """What makes stored changes take effect on a live system."""

    NOTHING = "nothing"
    RELOAD = "reload"
    RESTART = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One live system.  label is its stable short name in plans, title what people call it; where holds no secret."""

    label: str
    title: str
    kind: str
    version: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a resource is kept and what makes a change of it count.

    note, if any, is what a person must know before the change is made; danger is why a write there
    must not be made without a release; refused is why nothing can be written there at all.
    """

    system: str
    activate: Activate = Activate.NOTHING
    note: str = ""
    danger: str = ""
    refused: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should know.  severity is error, warning or hint; fix is text to copy."""

    rule: str
    severity: str
    text: str
    fix: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a guard or a message needs to know of the server beside its resources.

    login is the principal that we log in as, where it is one (the fallback admin is none);
    own_address is the address from which the server sees us, as far as we can tell.
    """

    version: str = ""
    login: Address | None = None
    own_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one live system holds.

    owned carries this stack's mark, foreign another stack's (by its name).  A mark whose thing is
    gone is owned as well.  unreadable tells, by kind, why its resources could not be read.
    elsewhere are satisfied in a place that carries no marks, such as config.toml.  names are the
    logins and other names that are taken on the server, and by whom.  place says where a resource
    would be kept, None where another system does.
    beside counts, by kind, what is there and was not looked at: nobody asked for it.
    former are the resources that come back when what we wrote is unwritten: as they were before our
    first write.
    left_over are activations that an interrupted run owes.
    """

    system: System
    resources: Mapping[Address, Resource]
    place: Callable[[Resource], Placement | None]
    owned: frozenset[Address] = frozenset()
    foreign: Mapping[Address, str] = field(default_factory=dict)
    elsewhere: frozenset[Address] = frozenset()
    names: Mapping[str, Address] = field(default_factory=dict)
    unreadable: Mapping[str, Problem] = field(default_factory=dict)
    beside: Mapping[str, int] = field(default_factory=dict)
    former: Mapping[Address, Resource] = field(default_factory=dict)
    left_over: tuple[Resource, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """All readings together."""

    resources: Mapping[Address, Resource]
    owned: frozenset[Address]
    foreign: Mapping[Address, str]
    elsewhere: frozenset[Address]
    names: Mapping[str, Address]
    unreadable: Mapping[str, Problem]
    beside: Mapping[str, int]
    former: Mapping[Address, Resource]
    left_over: tuple[Resource, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    systems: tuple[System, ...]
    facts: Facts
    place: Callable[[Resource], Placement | None]
