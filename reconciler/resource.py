"""One resource, its address, and the roles that its fields play.

A resource is a frozen dataclass with an `address`.  Desired and live are the
same type; equality of the fields that the stack names means "nothing to do".
Every kind lives in a file of its own under `kinds/`; nothing here knows one.

Three values stand beside ordinary ones:

* UNSET      the stack does not name this field: not compared, never changed;
* Pending    a value that a later step produces, "(known after apply)";
* Sealed     a value that must never be shown: it compares by its revision or
             by a digest, and prints as nothing.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple, Protocol


class Address(NamedTuple):
    """The name of a resource, such as ``account/alice@example.org``: unique in a state, stable for ever."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address that str() gave.  The name is everything after the first slash."""
        kind, _, name = text.partition("/")
        return cls(kind, name)


class Unset(enum.Enum):
    """The type of UNSET: an enum, so that type checkers narrow on identity and pickle keeps it."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Pending:
    """A value which the change of another resource produces, such as a DKIM public key."""

    of: Address
    field: str

    def __str__(self) -> str:
        return "(known after apply)"


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Sealed:
    """A secret value, known by the digest of its text, by the revision that the stack gives it, or by both.

    The plan is made without secrets (every job sees the same plan), so a value that comes from
    the environment is known by its revision only; the live side remembers the revision that was
    written, in this stack's mark.  intact is False where the live text is not what was written then.
    """

    digest: str | None = None
    revision: int | None = None
    intact: bool = True

    def agrees(self, live: object) -> bool:
        """Is there nothing to do?  self is the desired value."""
        if not isinstance(live, Sealed):
            return False
        if self.digest is not None:
            return self.digest == live.digest
        return live.intact and self.revision == live.revision

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and (self.digest, self.revision, self.intact) == (
            other.digest,
            other.revision,
            other.intact,
        )

    def __hash__(self) -> int:
        return hash((self.digest, self.revision, self.intact))

    def __repr__(self) -> str:
        return "(secret)"


def plain(value: object) -> object:
    """Return a field's value as JSON knows it: sets sorted, pending by reference, UNSET as None."""
    if type(value) in (str, int, bool):
        return value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Pending):
        return f"(known after apply: {value.of} {value.field})"
    if isinstance(value, Sealed):
        return "(secret)"
    return None if value is UNSET else value


def digest_of(text: str) -> str:
    """Return the digest by which two secret texts are compared.  It is kept beside the text itself, never published."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Role(enum.Enum):
    """What a field may be used for.  The address is never compared."""

    PLAIN = "plain"
    IDENTITY = "identity"  # a part of the address, kept beside it; never compared, never told twice
    SECRET = "secret"  # compared, never shown
    FIXED = "fixed"  # set when the thing is made, cannot change afterwards
    SERVER_SET = "server-set"  # read only: the other side decides; never compared


def role(role: Role, **keywords: Any) -> Any:
    """Return a dataclass field with that role; keywords go to `dataclasses.field`."""
    return dataclasses.field(metadata={"role": role}, **keywords)


class Resource(Protocol):
    """What diff, plan, guard and render know of a resource: an address and dataclass fields."""

    KIND: ClassVar[str]

    @property
    def address(self) -> Address: ...


@functools.cache
def fields_of(kind: type) -> tuple[tuple[str, Role], ...]:
    """Return (name, role) of each field of a resource class, in the order of its definition."""
    return tuple(
        (f.name, f.metadata.get("role", Role.PLAIN)) for f in dataclasses.fields(kind) if f.name != "address"
    )


def pending_in(resource: Resource) -> list[Pending]:
    """Return the values of a resource that a later step produces."""
    names = fields_that_may_wait(type(resource))
    return [value for name in names if isinstance(value := getattr(resource, name), Pending)]


@functools.cache
def fields_that_may_wait(kind: type) -> tuple[str, ...]:
    """Return the fields of a resource class that may be Pending; most classes have none."""
    # Annotations are text here (PEP 563), and every kind names the type where it allows it.
    return tuple(f.name for f in dataclasses.fields(kind) if "Pending" in str(f.type))
