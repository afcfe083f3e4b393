"""The REST generation of Stalwart (0.11 to 0.15) as a backend: read it, write changes, make them count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.http import Uncertain, Wire
from reconciler.backends.stalwart.rest import marks, reload, settings, write_mailboxes, write_settings
from reconciler.backends.stalwart.rest import read as reading
from reconciler.backends.stalwart.rest.lease import Lease
from reconciler.backends.stalwart.rest.placement import placement_in
from reconciler.backends.stalwart.rest.write_settings import Operation, delete, insert
from reconciler.backends.stalwart.versions import Traits
from reconciler.desired import Desired
from reconciler.diff import Change, Verb
from reconciler.errors import MailstackError, Problem, WriteError
from reconciler.kinds import setting
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.setting import Setting
from reconciler.outcome import Outcome, Status
from reconciler.resource import UNSET, Address
from reconciler.state import Activate, Facts, Reading, System

LABEL: Final = "stalwart"

# A body may have 1 MiB; an operation with its mark is a few hundred bytes.
_OPERATIONS_AT_ONCE = 500

_PRINCIPALS = frozenset({"domain", "account", "group", "list", "alias", "catch_all"})


class RestBackend:
    """One server.  Writing starts from what was read last."""

    label = LABEL

    def __init__(self, wire: Wire, traits: Traits, username: str, stack: str) -> None:
        self._wire = wire
        self._traits = traits
        self._username = username.strip().lower()
        self._stack = stack
        self._snapshot: reading.Snapshot | None = None
        self._standing: Mapping[str, str] | None = None
        self._lease = Lease(wire, stack)

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the server holds.  Reads only."""
        snapshot = reading.take(self._wire, desired, kinds, self._snapshot)
        self._snapshot = snapshot
        owned, foreign = reading.owned_in(snapshot, desired)
        names = reading.names_in(snapshot)
        return Reading(
            system=System(
                label=LABEL,
                title="Stalwart",
                kind="stalwart",
                version=self._traits.version,
                where=self._wire.url,
            ),
            resources=reading.resources_in(snapshot, desired),
            place=placement_in(snapshot.settings, self._traits, LABEL),
            owned=owned,
            foreign=foreign,
            elsewhere=reading.elsewhere_in(snapshot, desired),
            names=names,
            unreadable=snapshot.unreadable,
            former=settings.former_in(snapshot.settings, desired),
            left_over=reading.left_over_in(snapshot, desired, LABEL),
            findings=tuple(reading.findings_in(snapshot, desired)),
            facts=Facts(
                version=self._traits.version,
                login=names.get(self._username),
                own_address=self._wire.own_address,
            ),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Store the changes of one wave; see backends.interface."""
        snapshot = self._snapshot
        assert snapshot is not None, "read before writing"
        self._lease.must_hold()
        if activate is Activate.RELOAD and self._standing is None:
            self._standing = reload.standing_errors(self._wire)
        yield from self._write_settings(changes, snapshot, secret_of, activate)
        mailboxes = [c for c in changes if c.address.kind in _PRINCIPALS and c.verb in _REAL]
        stored: list[Change] = []
        by_address = {change.address: change for change in mailboxes}
        for outcome in write_mailboxes.write(self._wire, self._traits, snapshot.index, mailboxes, secret_of):
            if outcome.status is Status.DONE:
                stored.append(by_address[outcome.address])
            yield outcome
            self._lease.must_hold()
        self._remember_passwords(stored, snapshot, secret_of)
        for change in changes:
            if change.address.kind == "dkim_key" and change.verb is Verb.ADD:
                self._lease.must_hold()
                yield self._make_key(change)

    def activate(self, activate: Activate) -> None:
        """Reload, and take the traces away; see backends.interface."""
        if activate is not Activate.RELOAD:
            raise WriteError(Problem(summary="the server must be restarted, and the stack does not say how"))
        self._lease.must_hold()
        reload.reload(self._wire, self._standing or {})
        try:
            self._post([delete(*(self._trace(how) for how in ("reload", "signing")))])
        except Uncertain:
            # Apply reads back next: a trace that is still there fails the wave, one that is gone does not.
            pass

    def lock(self, timeout: float) -> None:
        """Take the server's lease; see backends.interface."""
        self._lease.take(timeout)

    def unlock(self) -> None:
        self._lease.give_back()

    def facts(self) -> tuple[str, ...]:
        return ()

    def _trace(self, how: str) -> str:
        return marks.key_of(self._stack, "activation", how)

    def _write_settings(
        self, changes: Sequence[Change], snapshot: reading.Snapshot, secret_of: SecretOf, activate: Activate
    ) -> Iterator[Outcome]:
        """Write all changes that are settings, in as few requests as can be, with the trace of what is owed."""
        operations: list[Operation] = []
        if activate is Activate.RELOAD and changes:
            operations.append(insert((self._trace("reload"), "owed")))
        if any(c.address.kind == "dkim_key" and c.verb is Verb.ADD for c in changes):
            operations.append(insert((self._trace("signing"), "owed")))
        written: list[Change] = []
        for change in changes:
            is_principal = change.address.kind in _PRINCIPALS and change.verb in _REAL
            is_new_key = change.address.kind == "dkim_key" and change.verb is Verb.ADD
            if is_principal or is_new_key:
                continue
            operations += write_settings.operations(change, self._stack, snapshot.settings, secret_of)
            written.append(change)
        self._post(operations)
        shadowed = self._shadowed(written)
        for change in written:
            detail = shadowed.get(change.address, "")
            status = Status.FAILED if detail else Status.DONE
            yield Outcome(address=change.address, verb=change.verb, status=status, detail=detail)

    def _post(self, operations: Sequence[Operation]) -> None:
        for start in range(0, len(operations), _OPERATIONS_AT_ONCE):
            self._lease.must_hold()
            body = list(operations[start : start + _OPERATIONS_AT_ONCE])
            try:
                self._wire.write("POST", "/api/settings", body)
            except Uncertain:
                # Each operation sets or deletes: doing it again ends in the same state.
                self._wire.write("POST", "/api/settings", body)

    def _shadowed(self, changes: Sequence[Change]) -> dict[Address, str]:
        """Return which settings read back otherwise: config.toml has them too, and it wins for ever.

        An allowed IP that stands in the file is satisfied there; our mark says so instead.
        """
        keys = {c.address.name: c for c in changes if c.address.kind == "setting" and c.verb in _REAL}
        adopted = [c for c in changes if c.address.kind == "allowed_ip" and c.verb is not Verb.DELETE]
        if not keys and not adopted:
            return {}
        found = self._wire.get(
            "/api/settings/keys", {"prefixes": "server.allowed-ip", "keys": ",".join(list(keys)[:100])}
        )
        self._note_elsewhere(adopted, found)
        told = {}
        for key, change in list(keys.items())[:100]:
            after = change.after
            if isinstance(after, Setting) and after.value is not UNSET and found.get(key) != after.value:
                told[setting.address_of(key)] = (
                    f"It was stored, and the server still says {_shown(key, found.get(key))}: config.toml sets {key} too, "
                    "and it wins over the database for ever. Change or remove it in the file and restart the server."
                )
        return told

    def _note_elsewhere(self, changes: Sequence[Change], found: Mapping[str, str]) -> None:
        operations: list[Operation] = []
        for change in changes:
            key = settings.key_as_stored(found, settings.ALLOWED, change.address.name)
            if found.get(key) == marks.ip_value(self._stack) or change.verb is Verb.FORGET:
                continue
            mark = marks.key_of(self._stack, "elsewhere", str(change.address))
            operations += [delete(key), insert((mark, "config.toml"))]
        if operations:
            self._post(operations)

    def _remember_passwords(
        self, stored: Sequence[Change], snapshot: reading.Snapshot, secret_of: SecretOf
    ) -> None:
        operations: list[Operation] = []
        for change in stored:
            if change.address.kind == "account":
                operations += write_settings.operations(change, self._stack, snapshot.settings, secret_of)
        self._post(operations)

    def _make_key(self, change: Change) -> Outcome:
        """Have the server make a key.  It stays inactive until the reload of the signing wave."""
        domain, _, algorithm = change.address.name.partition("/")
        after = change.after
        assert isinstance(after, DkimKey)
        body = {
            "id": None,
            "algorithm": {"rsa": "Rsa", "ed25519": "Ed25519"}[algorithm],
            "domain": domain,
            "selector": None if after.selector is UNSET else after.selector,
        }
        try:
            self._wire.write("POST", "/api/dkim", body)
        except MailstackError as error:
            # Where it is not known what happened, apply reads back and decides; a second key is never made.
            return Outcome(address=change.address, verb=change.verb, status=Status.FAILED, detail=str(error))
        return Outcome(address=change.address, verb=change.verb, status=Status.DONE)


_REAL = frozenset({Verb.ADD, Verb.CHANGE, Verb.DELETE})


def _shown(key: str, value: str | None) -> str:
    if value is None:
        return "nothing"
    return "something else" if setting.holds_secret(key) else repr(value)
