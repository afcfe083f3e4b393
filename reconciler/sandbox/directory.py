"""The directory: principals by id, by name and by address, and the relations between them.

Checks are made by those who write (`principal_create`, `principal_patch`); here is only what
the store itself does (crates/directory/src/backend/internal/manage.rs, v0.15.5).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from reconciler.sandbox.answers import Answer
from reconciler.sandbox.principal import ROLES, Principal
from reconciler.sandbox.versions import Version

_ROLE_NAMES = {number: name for name, number in ROLES.items()}


class Directory:
    """All principals.  `answers` holds encoded lists; every write empties it."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.by_id: dict[int, Principal] = {}
        self.by_name: dict[str, int] = {}
        self.by_email: dict[str, int] = {}
        self.answers: dict[str, Answer] = {}
        self._containers: defaultdict[int, set[int]] = defaultdict(set)
        self._members: defaultdict[int, set[int]] = defaultdict(set)
        self._addresses: Counter[str] | None = None
        self._last_id = 0

    def get(self, name: str) -> Principal | None:
        """Return the principal of that name, compared exactly: the server folds no case here."""
        number = self.by_name.get(name)
        return None if number is None else self.by_id[number]

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def store(self, principal: Principal) -> None:
        """Put a new principal, or the new state of one, in place.  Names and addresses were checked."""
        before = self.by_id.get(principal.id)
        if self.version.sorts:
            principal.sort()
        self.by_id[principal.id] = principal
        if before:
            del self.by_name[before.name]
        self.by_name[principal.name] = principal.id
        self._index_emails(principal, before.emails if before else [], principal.emails)
        self._changed()

    def remove(self, principal: Principal) -> None:
        """Delete the principal and its relations; whatever refers to it by text stays."""
        del self.by_id[principal.id], self.by_name[principal.name]
        self._index_emails(principal, principal.emails, [])
        self.unrelate((principal.id, container) for container in self.containers(principal.id))
        self.unrelate((member, principal.id) for member in self.members(principal.id))
        self._changed()

    def _index_emails(self, principal: Principal, before: list[str], after: list[str]) -> None:
        # Only what changes: an OAuth client may have taken over an address of somebody else.
        for email in set(before).difference(after):
            self.by_email.pop(email, None)
        self.by_email.update(dict.fromkeys(set(after).difference(before), principal.id))

    def relate(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Make each first one a member of the second."""
        for member, container in list(pairs):
            self._containers[member].add(container)
            self._members[container].add(member)
        self._changed()

    def unrelate(self, pairs: Iterable[tuple[int, int]]) -> None:
        for member, container in list(pairs):
            self._containers[member].discard(container)
            self._members[container].discard(member)
        self._changed()

    def containers(self, number: int) -> list[int]:
        """Return the ids of its groups, lists and roles: one relation, in the order of the ids."""
        return sorted(self._containers.get(number, ()))

    def members(self, number: int) -> list[int]:
        return sorted(self._members.get(number, ()))

    def name_of(self, number: int) -> str:
        return _ROLE_NAMES.get(number) or self.by_id[number].name

    def type_of(self, number: int) -> str:
        return "role" if number in _ROLE_NAMES else self.by_id[number].type

    def addresses_in(self, domain: str) -> int:
        """Return how many addresses lie in the domain."""
        if self._addresses is None:
            self._addresses = Counter(email.rpartition("@")[2] for email in self.by_email if "@" in email)
        return self._addresses[domain]

    def _changed(self) -> None:
        self.answers.clear()
        self._addresses = None
