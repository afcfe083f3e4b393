"""The server's config.toml as a backend: edited in place, comments kept, then one restart.

The file is read by the server when it starts and at no other time, and what stands in it wins over
the database for ever.  So a key that is local, or that the file sets, is changed here and nowhere
else.  It carries no marks of ours; what we set in it is remembered in the server's settings.

A server that does not come up with the new file gets the old one back, and is started again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.backends.files import Host
from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.config_toml.editor import Delete, Edit, Set, edit
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.config_toml.tree import ConfigToml
from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.local_keys import local_test
from reconciler.backends.stalwart.rest import marks, settings
from reconciler.backends.stalwart.rest.write_settings import delete, insert
from reconciler.backends.stalwart.versions import Traits
from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change, Verb
from reconciler.errors import Problem, ReadError, Where, WriteError
from reconciler.kinds import allowed_ip, hostname, setting
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.outcome import Outcome, Status
from reconciler.resource import UNSET, Address, Resource, Sealed, digest_of
from reconciler.state import Activate, Placement, Reading, System

LABEL: Final = "config.toml"

_NOTE = "This restarts Stalwart: connections drop for some seconds."
_NO_RESTART = (
    "It takes effect when the server starts, and the stack does not say how to restart it (stalwart.restart)."
)
_PAUSE = 0.2
_KEYS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """Where the file is and how the server is restarted.  timeout is in seconds, until it must be healthy."""

    path: str
    restart: tuple[str, ...] = ()
    timeout: float = 60.0


class ConfigBackend:
    """One config.toml and the server that was started with it."""

    label = LABEL

    def __init__(
        self,
        where: ConfigFile,
        host: Host,
        wire: Wire,
        traits: Traits,
        stack: str,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where = where
        self._host = host
        self._wire = wire
        self._traits = traits
        self._stack = stack
        self._now = now
        self._sleep = sleep
        self._config: ConfigToml | None = None
        self._memories: Mapping[str, marks.Memory] = {}
        self._backup = ""
        self._after_restart: list[str] = []  # marks that go when the restart has counted
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file sets of what the stack names, and whether the server runs with it.  Reads only."""
        config = self._read()
        is_local = local_test(config.values)
        stored: dict[str, str] = self._wire.get("/api/settings/keys", {"prefixes": marks.PREFIX})
        self._memories = settings.memories_in(stored, self._stack)
        running = self._running(sorted({*config.values, *(k for k in self._memories if is_local(k))}))
        resources, elsewhere = self._resources(config, desired)
        return Reading(
            system=System(label=LABEL, title=LABEL, kind=LABEL, where=self._where.path),
            resources=resources,
            place=lambda resource: self._place(resource, config.values, is_local),
            # What our marks remember of keys that this file keeps is ours, also when the key is gone.
            owned=frozenset(
                hostname.ADDRESS if key in marks.HOSTNAME_KEYS else setting.address_of(key)
                for key in self._memories
                if is_local(key) or key in config.values
            ),
            elsewhere=elsewhere,
            left_over=self._left_over(config.values, running, is_local),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Remember on the server what was there, then write the file once; see backends.interface."""
        config = self._config
        assert config is not None, "read before writing"
        edits: list[Edit] = []
        for change in changes:
            edits += self._edits(change, config.values, secret_of)
        if edits:
            data = edit(config, edits)
            self._backup = self._host.replace(self._where.path, data, expected=config.data)
        for change in changes:
            yield Outcome(address=change.address, verb=change.verb, status=Status.DONE)

    def activate(self, activate: Activate) -> None:
        """Restart the server and see it run with the file; the old file comes back where it does not."""
        output = self._restart()
        if why := self._not_running():
            detail = [why, output]
            if self._backup:
                self._host.restore(self._where.path)
                self._restart()
                back = self._not_running()
                detail.append(
                    f"The old file was put back, and the server does not run with it either: {back}"
                    if back
                    else "The old file was put back; the server runs with it."
                )
                self._backup = ""
            raise WriteError(
                Problem(
                    where=Where(file=self._where.path),
                    summary="the server does not run with the new config.toml",
                    detail="\n".join(line for line in detail if line),
                    rule="not-healthy",
                )
            )
        if self._after_restart:
            self._wire.write("POST", "/api/settings", [delete(*self._after_restart)])
            self._after_restart.clear()

    def lock(self, timeout: float) -> None:
        """Hold the lock of the file's folder."""
        self._release = self._host.lock(self._where.path, timeout)

    def unlock(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None

    def facts(self) -> tuple[str, ...]:
        if not self._backup:
            return ()
        return (
            f"The config.toml from before is {self._backup}; to go back:\n\n"
            f"    cp -p {self._backup} {self._where.path}\n",
        )

    def _read(self) -> ConfigToml:
        data = self._host.read(self._where.path)
        self._config = read(data, file=self._where.path, odd_keys=not self._traits.local_write_breaks_boot)
        return self._config

    def _running(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the values that the server runs with: its copy of the file, macros unexpanded."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            batch = ",".join(keys[start : start + _KEYS_AT_ONCE])
            found |= self._wire.get("/api/settings/keys", {"keys": batch})
        return found

    def _resources(
        self, config: ConfigToml, desired: Desired
    ) -> tuple[dict[Address, Resource], frozenset[Address]]:
        found: dict[Address, Resource] = {}
        elsewhere: set[Address] = set()
        named = {a.name for a in desired.resources if a.kind == "setting"}
        for key, value in config.values.items():
            if network := settings.network_of(key, settings.ALLOWED):
                address = allowed_ip.address_of(network)
                found[address] = AllowedIp(address=address)
                elsewhere.add(address)
            elif key == "server.hostname":
                found[hostname.ADDRESS] = Hostname(address=hostname.ADDRESS, value=value.lower())
            elif key in named or key in self._memories:
                resource = settings.of_key(key, value, desired, self._memories.get(key))
                found[resource.address] = resource
        return found, frozenset(elsewhere)

    def _place(
        self, resource: Resource, values: Mapping[str, str], is_local: Callable[[str], bool]
    ) -> Placement | None:
        kind, name = resource.address
        if kind == "activation":
            is_mine = name.endswith(f"/{LABEL}")
            return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE) if is_mine else None
        is_set_here = kind == "hostname" and "server.hostname" in values
        if not is_set_here and not (kind == "setting" and (is_local(name) or name in values)):
            return None
        danger = "" if self._where.restart else _NO_RESTART
        return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE, danger=danger)

    def _left_over(
        self, values: Mapping[str, str], running: Mapping[str, str], is_local: Callable[[str], bool]
    ) -> tuple[Resource, ...]:
        """The server runs with another file than this one: by its own view of the keys in it."""
        differs = any(running.get(key) != value for key, value in values.items()) or any(
            key in running and key not in values for key in self._memories if is_local(key)
        )
        if not differs:
            return ()
        return (Activation(address=activation_address("restart", LABEL), how="restart"),)

    def _edits(self, change: Change, values: Mapping[str, str], secret_of: SecretOf) -> Iterator[Edit]:
        """Yield the edits of one change; what was there before is remembered on the server first."""
        if change.verb is Verb.ACTIVATE:
            return
        key = "server.hostname" if change.address.kind == "hostname" else change.address.name
        mark = marks.key_of(self._stack, "setting", key)
        memory = self._memories.get(key) or marks.Memory(was=values.get(key))
        if change.verb is Verb.FORGET:
            self._wire.write("POST", "/api/settings", [delete(mark)])
        elif change.verb is Verb.DELETE:
            self._after_restart.append(mark)
            if memory.was is not None:
                yield Set(key=key, value=memory.was)
            elif key in values:
                yield Delete(key=key)
        else:
            value, revision = _wanted(change, secret_of)
            kept = marks.Memory(was=memory.was)
            if revision is not None:
                kept = marks.Memory(was=memory.was, digest=digest_of(value), revision=revision)
            self._wire.write("POST", "/api/settings", [insert((mark, kept.text()))])
            if change.verb not in MARKS_ONLY:
                yield Set(key=key, value=value)

    def _restart(self) -> str:
        ran = self._host.run(self._where.restart, timeout=self._where.timeout)
        if ran is None:
            return f"There is no program {self._where.restart[0]}."
        if ran.code == 0:
            return ""
        return f"{self._where.restart[0]} ended with {ran.code}: {ran.output.strip()}"

    def _not_running(self) -> str:
        """Wait until the server is healthy and runs with the file; return why it does not."""
        deadline = self._now() + self._where.timeout
        wanted = self._read().values
        while True:
            why = self._health(wanted)
            if not why or self._now() >= deadline:
                return why
            self._sleep(_PAUSE)

    def _health(self, wanted: Mapping[str, str]) -> str:
        try:
            status, _ = self._wire.status_without_login("/healthz/live")
            if status != 200:
                return f"/healthz/live answers {status}."
            running = self._running(sorted(wanted))
        except ReadError as error:
            return error.problems[0].summary + "."
        if any(running.get(key) != value for key, value in wanted.items()):
            return "It runs, with the values from before."
        return ""


def bring_back(
    where: ConfigFile, host: Host, wire: Wire, *, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Start a server again that an interrupted run left down, with the old file if need be; say whether it runs.

    Only where our backup differs from the file: then the last thing that happened to it was an edit of ours.
    """
    backup = where.path + ".mailstack-backup"
    if not where.restart or not host.exists(backup) or host.read(backup) == host.read(where.path):
        return False
    for attempt in range(2):
        if attempt:
            host.restore(where.path)
        host.run(where.restart, timeout=where.timeout)
        deadline = time.monotonic() + where.timeout
        while time.monotonic() < deadline:
            try:
                if wire.status_without_login("/healthz/live")[0] == 200:
                    return True
            except ReadError:
                pass  # not up yet
            sleep(_PAUSE)
    return False


def _wanted(change: Change, secret_of: SecretOf) -> tuple[str, int | None]:
    after = change.after
    if isinstance(after, Hostname):
        return after.value, None
    assert isinstance(after, Setting)
    if isinstance(after.secret, Sealed):
        return secret_of(change.address).reveal(), after.secret.revision
    return ("" if after.value is UNSET else after.value), None
