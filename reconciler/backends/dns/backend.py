"""One zone file, and the name servers that serve it, as a backend.

The file is edited as a careful person would, and what is written counts only once it is served:
every changed record is asked for, and where it does not come in time, the old file comes back.
"""

from __future__ import annotations

import itertools
import os.path
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.backends.dns import activation, words
from reconciler.backends.dns import changes as zone_changes
from reconciler.backends.dns.activation import ZoneFile
from reconciler.backends.dns.checked import refuse_faulty
from reconciler.backends.dns.editable import refuse_dynamic
from reconciler.backends.dns.expected import Expected
from reconciler.backends.dns.included import included
from reconciler.backends.dns.read import contents
from reconciler.backends.dns.zonefile import serial as serials
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.files import FileChanged, Host
from reconciler.backends.interface import SecretOf
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change
from reconciler.errors import Problem, ReadError, Where, WriteError
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.record import Record
from reconciler.outcome import Outcome, Status
from reconciler.resource import Address, Resource
from reconciler.state import Activate, Finding, Placement, Reading, System

# So many records are asked for, at most, to see whether a file is served.
_ASKED_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What one wave wrote.  before is the zone that comes back if after is not served."""

    before: Zone
    after: bytes
    expected: tuple[Expected, ...]
    facts: tuple[str, ...]


class ZoneBackend:
    """One zone file.  Writing starts from the bytes that were read last."""

    def __init__(
        self,
        where: ZoneFile,
        stack: str,
        host: Host,
        *,
        everything: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        name = os.path.basename(where.path)
        # Two zones may be kept in files of one name, each in its folder.
        self.label = name if where.zone in name else f"{name} of {where.zone}"
        self._where = where
        self._stack = stack
        self._host = host
        self._everything = everything
        self._now = now
        self._zone: Zone | None = None
        self._refused: Mapping[Address, Problem] = {}
        self._sample: tuple[Expected, ...] = ()
        self._written: _Written | None = None
        self._is_stale = False
        self._has_backup = False
        self._facts: dict[str, None] = {}
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file holds, and whether it is served.  Reads only."""
        where = self._where
        findings = refuse_dynamic(self._host, where.path, where.zone, where.reload)
        zone = self._read()
        others, unread = included(zone, self._host.read)
        found = contents(zone, desired, others, everything=self._everything)
        self._refused = found.refused
        self._sample = tuple(_sample(found.resources.values()))
        left_over, unproved = self._left_over(zone)
        return Reading(
            system=System(label=self.label, title=f"DNS {where.zone}", kind="zone", where=where.path),
            resources=found.resources,
            place=self._place,
            owned=found.owned,
            foreign=found.foreign,
            elsewhere=found.elsewhere,
            beside={"record": found.beside},
            left_over=left_over,
            findings=(*found.findings, *unread, *findings, *unproved),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Write the file once with all changes in it; see backends.interface."""
        self._written, self._is_stale = None, False
        detail = ""
        try:
            self._write(changes, is_owed=activate is not Activate.NOTHING)
        except FileChanged as error:
            self._is_stale, detail = True, error.problems[0].detail
        status = Status.STALE if self._is_stale else Status.DONE
        for change in changes:
            yield Outcome(address=change.address, verb=change.verb, status=status, detail=detail)

    def activate(self, activate: Activate) -> None:
        """Reload, and see every changed record served; see backends.interface."""
        if self._is_stale:
            return
        where, written = self._where, self._written
        self._host.finish(where.path)
        reloaded = activation.reload(where, self._host)
        wrong = activation.unserved(where, written.expected if written else self._sample)
        if wrong and not where.reload:
            raise WriteError(words.not_served_yet(where, wrong))
        if wrong or (reloaded.has_failed and not where.servers):
            hints = activation.why_not(where, self._host)
            told = self._put_back(written) if written else ""
            raise WriteError(words.not_served(where, wrong, reloaded.said, hints, told))
        self._host.settle(where.path)
        self._facts |= dict.fromkeys(written.facts if written else ())

    def lock(self, timeout: float) -> None:
        """Hold the lock of the file's folder."""
        self._release = self._host.lock(self._where.path, timeout)

    def unlock(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None

    def facts(self) -> tuple[str, ...]:
        return tuple(self._facts)

    def _read(self) -> Zone:
        path = self._where.path
        zone = Zone.parse(self._host.read(path), name=self._where.zone, file=path)
        if zone.problems:
            raise ReadError(*zone.problems)
        if zone.serial is None:
            raise ReadError(words.unusable_soa(zone))
        self._zone = zone
        return zone

    def _place(self, resource: Resource) -> Placement | None:
        if isinstance(resource, Activation):
            is_mine = resource.address.name.endswith(f"/{self.label}")
        else:
            zone = self._zone
            is_mine = isinstance(resource, Record) and zone is not None and resource.zone == zone.name
        if not is_mine:
            return None
        return Placement(
            system=self.label,
            activate=Activate.RELOAD,
            note=words.note(self.label, self._where),
            refused=self._refused.get(resource.address),
        )

    def _left_over(self, zone: Zone) -> tuple[tuple[Resource, ...], tuple[Finding, ...]]:
        """Return the activation that is owed, if one is, and which servers prove nothing.

        It is owed where an earlier run says so itself, or where the file is not what is served.  An
        equal serial says at once that it is; another one not that it is not, for an inline-signed
        zone is served under one of its own: there some records are asked for.
        """
        answers = activation.serials(self._where)
        silent = tuple(
            words.without_proof(self._where.zone, s, a) for s, a in answers.items() if isinstance(a, str)
        )
        others = [s for s, answer in answers.items() if not isinstance(answer, str) and answer != zone.serial]
        owes = self._host.owes(self._where.path) or (
            bool(others) and activation.unserved_now(others, self._sample)
        )
        owed = Activation(address=activation_address("reload", self.label), how="reload")
        return ((owed,) if owes else ()), silent

    def _write(self, changes: Sequence[Change], *, is_owed: bool) -> None:
        zone = self._zone
        assert zone is not None, "read before writing"
        in_use = (
            [n for n in activation.serials(self._where).values() if isinstance(n, int)] if is_owed else []
        )
        edits = [edit for change in changes for edit in zone_changes.edits_of(change, self._stack)]
        is_real = any(c.verb not in MARKS_ONLY and c.address.kind == Record.KIND for c in changes)
        if not edits and not _is_behind(zone, in_use):
            return
        serial = self._next_serial(zone, in_use) if is_real or not edits else None
        data = zone.edit(edits, serial=serial)
        after = Zone.parse(data, name=zone.name, file=zone.file)
        unchecked = refuse_faulty(zone, after, self._host) if is_real else ""
        backup = self._host.replace(
            zone.file, data, expected=zone.scan.data, backup=not self._has_backup, owed=is_owed
        )
        self._has_backup = True
        facts = words.facts(zone, serial, backup, self._where, unchecked)
        expected = tuple(e for change in changes for e in zone_changes.expected_of(change, after))
        self._written = _Written(before=zone, after=data, expected=expected or self._sample, facts=facts)
        if not is_owed:
            self._facts |= dict.fromkeys(facts)

    def _next_serial(self, zone: Zone, in_use: Sequence[int]) -> int:
        assert zone.serial is not None  # _read() has refused a zone without one
        now = self._now()
        try:
            return serials.next_serial(zone.serial, in_use, datetime.fromtimestamp(now, UTC).date(), int(now))
        except serials.NoSerialError as error:
            raise WriteError(
                Problem(
                    where=Where(file=zone.file), summary="no serial left", detail=str(error), rule="no-serial"
                )
            ) from error

    def _put_back(self, written: _Written) -> str:
        """Put the file from before the wave back, and say so.

        A server that has taken the new one would not go back to a smaller serial: a secondary does
        not transfer it, and BIND 9.18 refuses it for an inline-signed zone.
        """
        zone = written.before
        in_use = [n for n in activation.serials(self._where).values() if isinstance(n, int)]
        data = zone.scan.data
        if _is_behind(zone, in_use):
            data = zone.edit([], serial=self._next_serial(zone, in_use))
        try:
            self._host.replace(zone.file, data, expected=written.after, backup=False, owed=True)
        except WriteError as error:
            return f"The old file could not be put back: {error.problems[0].detail}"
        again = activation.reload(self._where, self._host)
        if again.has_failed:
            return f"The old file was put back. Reloading it failed too: {again.said}"
        self._host.settle(zone.file)
        return "The old file was put back and reloaded."


def _is_behind(zone: Zone, in_use: Sequence[int]) -> bool:
    """Does a server have a greater serial than the file, so that it would not take it?"""
    return zone.serial is not None and any(serials.is_greater(number, zone.serial) for number in in_use)


def _sample(records: Iterable[Record]) -> Iterator[Expected]:
    for record in itertools.islice(records, _ASKED_AT_MOST):
        if isinstance(record.value, str):
            yield Expected(owner=record.owner, rrtype=record.type, value=record.value)
