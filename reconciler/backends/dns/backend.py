"""One zone file, and the name servers that serve it, as a backend.

The file is edited as a careful person would; "reload queued, exit 0" is not believed (BIND 9.18
says so of a zone that it then does not load): every changed record is asked for until it is served,
and where it is not, the old file comes back.
"""

from __future__ import annotations

import os.path
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from reconciler.backends.dns import changes as zone_changes
from reconciler.backends.dns.read import Contents, contents
from reconciler.backends.dns.served import Expected
from reconciler.backends.dns.zonefile import serial as serials
from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.files import Host, LocalHost
from reconciler.backends.interface import SecretOf
from reconciler.config.dns import NameServer
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change
from reconciler.errors import Problem, ReadError, Where, WriteError
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.record import Record
from reconciler.outcome import Outcome, Status
from reconciler.resource import Resource
from reconciler.state import Activate, Finding, Placement, Reading, System

# So many records are asked for, at most, to see whether a file is served.
_ASKED_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFile:
    """Where a zone is kept and who serves it.  reload is an argv with {zone} and {zonefile} in it."""

    zone: str
    path: str
    reload: tuple[str, ...] = ()
    servers: tuple[NameServer, ...] = ()
    timeout: float = 10.0


@dataclass(slots=True, kw_only=True)
class _Pending:
    """What was written and is not yet seen."""

    expected: list[Expected] = field(default_factory=list)
    has_backup: bool = False


class ZoneBackend:
    """One zone file.  Writing starts from the bytes that were read last."""

    def __init__(
        self,
        where: ZoneFile,
        stack: str,
        host: Host | None = None,
        *,
        everything: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.label = os.path.basename(where.path)
        self._where = where
        self._stack = stack
        self._host: Host = LocalHost() if host is None else host
        self._everything = everything
        self._now = now
        self._data = b""
        self._zone: Zone | None = None
        self._pending = _Pending()
        self._facts: list[str] = []
        self._sample: list[Expected] = []
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file holds, and whether it is served.  Reads only."""
        zone = self._read()
        found = contents(zone, desired, everything=self._everything)
        left_over, findings = self._served(found)
        return Reading(
            system=System(
                label=self.label, title=f"DNS {self._where.zone}", kind="zone", where=self._where.path
            ),
            resources=found.resources,
            place=self._place,
            owned=found.owned,
            foreign=found.foreign,
            elsewhere=found.elsewhere,
            beside={"record": found.beside},
            left_over=left_over,
            findings=(*found.findings, *findings),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Write the file once with all changes in it; see backends.interface."""
        zone = self._zone
        assert zone is not None, "read before writing"
        edits = [edit for change in changes for edit in zone_changes.edits_of(change, self._stack)]
        if edits:
            is_real = any(c.verb not in MARKS_ONLY for c in changes)
            serial = self._next_serial(zone) if is_real else None
            data = zone.edit(edits, serial=serial)
            self._refuse_faulty(zone, data)
            backup = self._host.replace(self._where.path, data, expected=self._data)
            self._data = data
            self._pending.has_backup = True
            if serial is not None:
                self._facts.append(f"Zone {zone.name} has the serial {serial}, before {zone.serial}.")
            self._facts.append(
                f"The file from before is {backup}; to go back:\n\n    cp -p {backup} {self._where.path}\n"
            )
        self._pending.expected += [e for change in changes for e in zone_changes.expected_of(change)]
        for change in changes:
            yield Outcome(address=change.address, verb=change.verb, status=Status.DONE)

    def activate(self, activate: Activate) -> None:
        """Reload, and see every changed record served; see backends.interface."""
        pending, self._pending = self._pending, _Pending()
        expected = pending.expected or self._sample
        said = self._reload()
        wrong = self._missing(expected)
        if wrong is None and said.startswith("!"):
            wrong = [said[1:]]
        if not wrong:
            return
        detail = [*wrong, f"The reload said: {said.lstrip('!') or 'nothing'}"]
        if pending.has_backup:
            self._host.restore(self._where.path)
            self._reload()
            detail.append("The old file was put back and reloaded.")
            self._facts.clear()
        raise WriteError(
            Problem(
                where=Where(file=self._where.path),
                summary="the name server does not serve the change",
                detail="\n".join(detail),
                rule="not-served",
            )
        )

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
        if self._host.exists(f"{path}.jnl"):
            raise ReadError(_dynamic(path))
        self._data = self._host.read(path)
        zone = Zone.parse(self._data, name=self._where.zone, file=path)
        if zone.problems:
            raise ReadError(*zone.problems)
        self._zone = zone
        return zone

    def _place(self, resource: Resource) -> Placement | None:
        if isinstance(resource, Activation):
            is_mine = resource.address.name.endswith(f"/{self.label}")
            return Placement(system=self.label, activate=Activate.RELOAD) if is_mine else None
        if not isinstance(resource, Record) or self._zone is None or resource.zone != self._zone.name:
            return None
        return Placement(system=self.label, activate=Activate.RELOAD, note=self._note())

    def _note(self) -> str:
        if not self._where.reload:
            return (
                f"{self.label}: nothing reloads the name server (dns.reload). Run it yourself: "
                f"rndc reload {self._where.zone}"
            )
        if not self._where.servers:
            return (
                f"{self.label}: nothing proves that the change is served; name your servers in dns.servers."
            )
        return ""

    def _served(self, found: Contents) -> tuple[tuple[Resource, ...], tuple[Finding, ...]]:
        """Return the activation that is owed: the file is not what is served.

        The serial tells at once, but not for an inline-signed zone, which is served under another
        one; there some of our records are asked for.
        """
        zone = self._zone
        if not self._where.servers or zone is None:
            return (), ()
        from reconciler.backends.dns import served

        seen = served.serials(self._where.servers, zone.name)
        findings = tuple(
            Finding(
                rule="NS-03",
                severity="warning",
                text=f"{server.host} does not answer for {zone.name}: nothing can be proved there",
                fix="is it running, and is the zone loaded there? (rndc zonestatus)",
            )
            for server in self._where.servers
            if server not in seen
        )
        if all(number == zone.serial for number in seen.values()):
            return (), findings
        self._sample = [
            Expected(owner=r.owner, rrtype=r.type, value=r.value)
            for r in list(found.resources.values())[:_ASKED_AT_MOST]
            if isinstance(r.value, str)
        ]
        answering = [s for s in self._where.servers if s in seen]
        if not served.missing(answering, self._sample, timeout=0):
            return (), findings
        address = activation_address("reload", self.label)
        return (Activation(address=address, how="reload"),), findings

    def _next_serial(self, zone: Zone) -> int:
        from reconciler.backends.dns import served

        in_use = served.serials(self._where.servers, zone.name).values()
        today: date = datetime.fromtimestamp(self._now(), UTC).date()
        assert zone.serial is not None  # check() has refused a zone without one
        return serials.next_serial(zone.serial, in_use, today, int(self._now()))

    def _refuse_faulty(self, zone: Zone, data: bytes) -> None:
        """Refuse a text that would bring a fault; one that was there before is not ours to refuse."""
        before = {(p.rule, p.summary) for p in check(zone)}
        after = check(Zone.parse(data, name=self._where.zone, file=self._where.path))
        if new := [p for p in after if (p.rule, p.summary) not in before]:
            raise WriteError(*new)
        argv = ["named-checkzone", "-q", self._where.zone, "/dev/stdin"]
        ran = self._host.run(argv, text=data)
        if ran is None or ran.code == 0:
            return
        former = self._host.run(argv, text=self._data)
        if former is not None and former.code == 0:
            loud = self._host.run([argv[0], *argv[2:]], text=data)
            raise WriteError(
                Problem(
                    where=Where(file=self._where.path),
                    summary="named-checkzone refuses the new zone",
                    detail=(loud.output if loud else "").strip() + "\nNothing was written.",
                    rule="checkzone",
                )
            )

    def _reload(self) -> str:
        """Run the reload and return what it said; with `!` in front where it failed."""
        if not self._where.reload:
            return ""
        names = {"{zone}": self._where.zone, "{zonefile}": self._where.path}
        argv = [_filled(part, names) for part in self._where.reload]
        ran = self._host.run(argv)
        if ran is None:
            return f"!there is no program {argv[0]}"
        return (
            ran.output.strip() if ran.code == 0 else f"!{argv[0]} ended with {ran.code}: {ran.output.strip()}"
        )

    def _missing(self, expected: Sequence[Expected]) -> list[str] | None:
        """Return what is not served as it should be; None where nobody can be asked."""
        if not self._where.servers:
            return None
        from reconciler.backends.dns import served

        return served.missing(self._where.servers, expected, timeout=self._where.timeout)


def _filled(part: str, names: dict[str, str]) -> str:
    for word, value in names.items():
        part = part.replace(word, value)
    return part


def _dynamic(path: str) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this zone is dynamic",
        detail=(
            f"There is a journal beside it ({path}.jnl): the name server itself writes this file, and\n"
            "would overwrite an edit or refuse the zone. Take allow-update away, or run once:\n\n"
            "    rndc sync -clean"
        ),
        rule="ZONE-16",
    )
