"""One zone file, and the name servers that serve it, as a backend.

The file is edited as a careful person would, and what is written counts only once it is served:
every changed record is asked for, and where it does not come in time, the old file comes back.
"""

from __future__ import annotations

import os.path
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.backends.dns import activation, raising, words
from reconciler.backends.dns.activation import ZoneFile
from reconciler.backends.dns.editable import refuse_dynamic
from reconciler.backends.dns.expected import Expected
from reconciler.backends.dns.included import included
from reconciler.backends.dns.owed import Served, served
from reconciler.backends.dns.read import contents
from reconciler.backends.dns.zone_text import zone_text
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.files import FileChanged, Host
from reconciler.backends.interface import SecretOf
from reconciler.config.dns import NameServer
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change, Verb
from reconciler.errors import Problem, ReadError, WriteError
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.record import Record
from reconciler.lint.lines import ZoneText
from reconciler.outcome import Outcome, Status
from reconciler.resource import Address, Resource
from reconciler.state import Activate, Placement, Reading, System

# So many records are asked for, at most, to see whether a file is served.
_ASKED_AT_MOST = 20

# In a plan the rules look at zones of so many records, at most: each of them is parsed for that.
_JUDGED_AT_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What one wave wrote.  before is the zone that comes back if after is not served.

    serials are those that were served before.
    """

    before: Zone
    serials: Mapping[NameServer, int]
    after: bytes
    expected: tuple[Expected, ...]
    facts: tuple[str, ...]
    way_back: str = ""


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
        self._parsed: Zone | None = None
        self._refused: Mapping[Address, Problem] = {}
        self._served = Served()
        self._written: _Written | None = None
        self._is_stale = False
        self._backup = ""
        self._facts: dict[str, None] = {}
        self._way_back = ""
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file holds, and whether it is served.  Reads only."""
        where = self._where
        findings = refuse_dynamic(self._host, where.path, where.zone, where.reload)
        zone = self._read()
        others, unread = included(zone, self._host.read)
        found = contents(zone, desired, others, everything=self._everything)
        self._refused = found.refused
        self._served = served(where, zone, found, desired)
        is_owed = self._served.is_unserved or self._host.owes(where.path)
        reload = Activation(address=activation_address("reload", self.label), how="reload")
        return Reading(
            system=System(label=self.label, title=f"DNS {where.zone}", kind="zone", where=where.path),
            resources=found.resources,
            place=self._place,
            owned=found.owned,
            foreign=found.foreign,
            elsewhere=found.elsewhere,
            beside={"record": found.beside},
            left_over=(reload,) if is_owed else (),
            findings=(*found.findings, *unread, *findings, *self._served.unproved),
        )

    def text(self) -> ZoneText | None:
        """Return the file that was read last as the rules of lint see it; None where that would take long."""
        zone = self._zone
        return None if zone is None or len(zone) > _JUDGED_AT_MOST else zone_text(zone)

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
        wrong = activation.unserved(where, written.expected if written else self._served.sample)
        if wrong and not where.reload:
            raise WriteError(words.not_served_yet(where, wrong))
        if wrong or (reloaded.has_failed and not where.servers):
            hints = activation.why_not(where, self._host)
            told = self._put_back(written) if written else ""
            raise WriteError(words.not_served(where, wrong, reloaded.said, hints, told))
        self._host.settle(where.path)
        self._tell(written)

    def lock(self, timeout: float) -> None:
        """Hold the lock of the file's folder."""
        self._release = self._host.lock(self._where.path, timeout)

    def unlock(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None

    def facts(self) -> tuple[str, ...]:
        return tuple(filter(None, (*self._facts, self._way_back)))

    def _tell(self, written: _Written | None) -> None:
        """Keep for the report what a wave did, now that it counts."""
        if written is not None:
            self._facts |= dict.fromkeys(written.facts)
            self._way_back = written.way_back or self._way_back

    def _read(self) -> Zone:
        path = self._where.path
        zone = self._zone_of(self._host.read(path))
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

    def _write(self, changes: Sequence[Change], *, is_owed: bool) -> None:
        # Imported here: a plan does not need them, and start-up is a feature.
        from reconciler.backends.dns import changes as zone_changes
        from reconciler.backends.dns.checked import refuse_faulty

        zone = self._zone
        assert zone is not None, "read before writing"
        if all(change.verb is Verb.ACTIVATE for change in changes):
            self._written = self._write_again(zone)
            return
        is_real = any(change.verb not in MARKS_ONLY for change in changes)
        in_use = raising.in_use(self._where) if is_real else {}
        serial = raising.raised(zone, in_use, self._now()) if is_real else None
        edits = [edit for change in changes for edit in zone_changes.edits_of(change, self._stack)]
        after = self._zone_of(zone.edit(edits, serial=serial))
        unchecked = refuse_faulty(zone, after, self._host) if is_real else ""
        backup = self._host.replace(
            zone.file, after.scan.data, expected=zone.scan.data, backup=not self._backup, owed=is_owed
        )
        self._backup = self._backup or backup
        self._written = _Written(
            before=zone,
            serials=in_use,
            after=after.scan.data,
            expected=tuple(e for change in changes for e in zone_changes.expected_of(change, after)),
            facts=words.facts(self._where, zone.serial, serial, unchecked),
            way_back=words.way_back(zone.file, self._backup, serial),
        )
        if not is_owed:
            self._tell(self._written)

    def _write_again(self, zone: Zone) -> _Written:
        """Write what is there already, for BIND 9.18 loads no file that is older than its last load.

        So it is with one that was copied back with its time.  Where other records are served under
        its serial or a greater one, it gets a new one: BIND does not take it for an inline-signed
        zone otherwise, and a secondary never.
        """
        in_use = raising.in_use(self._where)
        needs_serial = self._served.is_unserved and not raising.is_above(zone, in_use)
        serial = raising.raised(zone, in_use, self._now()) if needs_serial else None
        data = zone.edit([], serial=serial) if serial is not None else zone.scan.data
        self._host.replace(zone.file, data, expected=zone.scan.data, backup=False, owed=True)
        facts = words.facts(self._where, zone.serial, serial, "")
        return _Written(before=zone, serials=in_use, after=data, expected=self._served.sample, facts=facts)

    def _zone_of(self, data: bytes) -> Zone:
        """Return the zone of a text; a run meets the same text several times, and it may be long."""
        if self._parsed is None or self._parsed.scan.data != data:
            self._parsed = Zone.parse(data, name=self._where.zone, file=self._where.path)
        return self._parsed

    def _put_back(self, written: _Written) -> str:
        """Put the file from before the wave back, and say so.

        A server that has taken the new one would not go back to a smaller serial: a secondary does
        not transfer it, and BIND 9.18 refuses it for an inline-signed zone.
        """
        zone = written.before
        in_use = raising.in_use(self._where)
        is_taken = any(number != written.serials.get(server) for server, number in in_use.items())
        data = zone.edit([], serial=raising.raised(zone, in_use, self._now())) if is_taken else zone.scan.data
        try:
            self._host.replace(zone.file, data, expected=written.after, backup=False, owed=True)
        except WriteError as error:
            return f"The old file could not be put back: {error.problems[0].detail}"
        again = activation.reload(self._where, self._host)
        if again.has_failed:
            return f"The old file was put back. Reloading it failed too: {again.said}"
        self._host.settle(zone.file)
        return "The old file was put back and reloaded."
