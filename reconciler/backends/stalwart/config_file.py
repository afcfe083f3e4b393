"""The server's config.toml as a backend: edited in place, comments kept, then one restart.

The file is read by the server when it starts and at no other time, and what stands in it wins over
the database for ever.  So a key that is local, or that the file sets, is changed here and nowhere
else.  It carries no marks of ours; what we set in it is remembered in the server's settings.

A server that does not come up with the new file gets the old one back, and is started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.backends.files import FileChanged, Host
from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.config_toml.editor import Delete, Edit, Set, edit
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.config_toml.tree import ConfigToml
from reconciler.backends.stalwart.http import Uncertain, Wire
from reconciler.backends.stalwart.local_keys import local_test
from reconciler.backends.stalwart.rest import marks, settings
from reconciler.backends.stalwart.rest.write_settings import Operation, delete, insert
from reconciler.backends.stalwart.running import ConfigFile, Server
from reconciler.backends.stalwart.versions import Traits
from reconciler.desired import Desired
from reconciler.diff import LISTED, MARKS_ONLY, Change, Verb
from reconciler.errors import Problem, Where, WriteError
from reconciler.kinds import allowed_ip, ban, hostname, setting
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.outcome import Outcome, Status
from reconciler.resource import UNSET, Address, Resource, Sealed, digest_of
from reconciler.state import Activate, Finding, Placement, Reading, System

LABEL: Final = "config.toml"

_NOTE = "This restarts Stalwart: connections drop for some seconds."
_NO_RESTART = (
    "It takes effect when the server starts, and the stack does not say how to restart it (stalwart.restart)."
)


@dataclass(slots=True, kw_only=True)
class _Written:
    """What this run has done to the file and has not seen the server run with."""

    data: bytes = b""
    marks: list[str] = field(default_factory=list)  # new ones, which go where the file goes back
    unmarks: list[str] = field(default_factory=list)  # those that go when the restart has counted
    secrets: list[str] = field(default_factory=list)


class ConfigBackend:
    """One config.toml and the server that was started with it."""

    label = LABEL

    def __init__(
        self, where: ConfigFile, host: Host, wire: Wire, traits: Traits, stack: str, server: Server
    ) -> None:
        self._where = where
        self._host = host
        self._wire = wire
        self._traits = traits
        self._stack = stack
        self._server = server
        self._config: ConfigToml | None = None
        self._memories: Mapping[str, marks.Memory] = {}
        self._written = _Written()
        self._is_stale = False
        self._backup = ""
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file sets of what the stack names, and whether the server runs with it.  Reads only."""
        config = self._read()
        values = config.values
        is_local = local_test(values)
        stored: dict[str, str] = self._wire.get("/api/settings/keys", {"prefixes": marks.PREFIX})
        self._memories = settings.memories_in(stored, self._stack)
        resources = {resource.address: resource for resource in self._resources(values, desired)}
        return Reading(
            system=System(label=LABEL, title=LABEL, kind=LABEL, where=self._where.path),
            resources=resources,
            place=lambda resource: self._place(resource, values, is_local),
            # What our marks remember of keys that this file keeps is ours, also when the key is gone.
            owned=frozenset(
                hostname.ADDRESS if key in marks.HOSTNAME_KEYS else setting.address_of(key)
                for key in self._memories
                if is_local(key) or key in values
            ),
            elsewhere=frozenset(a for a in resources if a.kind == AllowedIp.KIND),
            former={
                resource.address: resource
                for key, memory in self._memories.items()
                if (is_local(key) or key in values)
                and (resource := settings.former_of(key, memory, desired)) is not None
            },
            left_over=self._left_over(values, is_local),
            findings=tuple(_shadows(config, desired, is_local)),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Remember on the server what was there, then write the file once; see backends.interface."""
        config = self._config
        assert config is not None, "read before writing"
        edits: list[Edit] = []
        operations: list[Operation] = []
        for change in changes:
            self._carry_out(change, config.values, secret_of, edits, operations)
        data = edit(config, edits)
        self._post(operations)
        detail = ""
        try:
            if data != config.data:
                self._replace(config, data)
        except FileChanged as error:
            detail = error.problems[0].detail
        self._is_stale = bool(detail)
        status = Status.STALE if self._is_stale else Status.DONE
        for change in changes:
            yield Outcome(address=change.address, verb=change.verb, status=status, detail=detail)

    def activate(self, activate: Activate) -> None:
        """Restart the server and see it run with the file; the old file comes back where it does not."""
        if self._is_stale:
            return
        written, self._written = self._written, _Written()
        has_old_file = bool(written.data) or self._host.owes(self._where.path)
        output = self._server.restart()
        config = self._read()
        if why := self._server.why_not(config.values, patient=bool(self._where.restart)):
            if not self._where.restart:
                raise WriteError(self._problem("does not run with the new config.toml yet", [_RESTART_IT]))
            lines = [why, output, *self._server.last_words(config.values, written.secrets)]
            if has_old_file:
                lines += self._go_back(config, written)
            raise WriteError(self._problem("does not run with the new config.toml", lines))
        self._host.settle(self._where.path)
        self._post([delete(*written.unmarks)] if written.unmarks else [])

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
            f"The config.toml from before is {self._backup}; to go back copy it, where it lies, and restart the server:\n\n"
            f"    cp -p {self._backup} {self._where.path}\n",
        )

    def _read(self) -> ConfigToml:
        data = self._host.read(self._where.path)
        self._config = read(data, file=self._where.path, odd_keys=not self._traits.local_write_breaks_boot)
        return self._config

    def _resources(self, values: Mapping[str, str], desired: Desired) -> Iterator[Resource]:
        named = {a.name for a in (*desired.resources, *desired.removed) if a.kind == Setting.KIND}
        for key, value in values.items():
            if network := settings.network_of(key, settings.ALLOWED):
                yield AllowedIp(address=allowed_ip.address_of(network))
            elif network := settings.network_of(key, settings.BLOCKED):
                yield Ban(address=ban.address_of(network))
            elif key == _hostname_key(values):
                yield Hostname(address=hostname.ADDRESS, value=value.lower())
            elif key in named or key in self._memories:
                yield settings.of_key(key, value, desired, self._memories.get(key))

    def _place(
        self, resource: Resource, values: Mapping[str, str], is_local: Callable[[str], bool]
    ) -> Placement | None:
        kind, name = resource.address
        if kind == Activation.KIND:
            is_mine = name.endswith(f"/{LABEL}")
            return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE) if is_mine else None
        is_kept_here = (
            (kind == Hostname.KIND and _hostname_key(values) is not None)
            or (kind == Setting.KIND and (is_local(name) or name in values))
            or (kind == Ban.KIND and settings.key_as_stored(values, settings.BLOCKED, name) in values)
        )
        if not is_kept_here:
            return None
        danger = "" if self._where.restart else _NO_RESTART
        return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE, danger=danger)

    def _left_over(self, values: Mapping[str, str], is_local: Callable[[str], bool]) -> tuple[Resource, ...]:
        """The server runs with another file than this one: by its own view of the keys in it, or by our trace."""
        unwritten = [key for key in self._memories if is_local(key) and key not in values and "," not in key]
        if (
            self._server.runs_with(values)
            and not self._server.shows(sorted(unwritten))
            and not self._host.owes(self._where.path)
        ):
            return ()
        return (Activation(address=activation_address("restart", LABEL), how="restart"),)

    def _carry_out(
        self,
        change: Change,
        values: Mapping[str, str],
        secret_of: SecretOf,
        edits: list[Edit],
        operations: list[Operation],
    ) -> None:
        """Add the edits of one change, and what the server has to remember or forget before them."""
        if change.verb is Verb.ACTIVATE:
            return
        key = _key_of(change.address, values)
        if change.address.kind == Ban.KIND:
            edits.append(Delete(key=key))
            operations.append(delete(key))  # a copy in the database would come forth from behind the file's
            return
        mark = marks.key_of(self._stack, "setting", key)
        memory = self._memories.get(key) or marks.Memory(was=values.get(key))
        if change.verb is Verb.FORGET:
            operations.append(delete(mark))
        elif change.verb is Verb.DELETE:
            self._written.unmarks.append(mark)
            if memory.was is not None and change.reason != LISTED:
                edits.append(Set(key=key, value=memory.was))
            elif key in values:
                edits.append(Delete(key=key))
        else:
            value, revision = self._wanted(change, secret_of)
            kept = marks.Memory(was=memory.was)
            if revision is not None:
                kept = marks.Memory(was=memory.was, digest=digest_of(value), revision=revision)
            operations.append(insert((mark, kept.text())))
            if change.verb not in MARKS_ONLY:
                edits.append(Set(key=key, value=value))
                self._written.marks += [] if key in self._memories else [mark]

    def _wanted(self, change: Change, secret_of: SecretOf) -> tuple[str, int | None]:
        """Return the text to write, and its revision where it comes from outside the stack."""
        after = change.after
        if isinstance(after, Hostname):
            return after.value, None
        assert isinstance(after, Setting)
        if isinstance(after.secret, Sealed):
            text = secret_of(change.address).reveal()
            self._written.secrets.append(text)
            return text, after.secret.revision
        return ("" if after.value is UNSET else after.value), None

    def _replace(self, config: ConfigToml, data: bytes) -> None:
        try:
            self._backup = self._host.replace(self._where.path, data, expected=config.data, owed=True)
        except WriteError:
            # Nothing was written, so there is nothing to remember: the value from before may be another next time.
            self._post([delete(*self._written.marks)] if self._written.marks else [])
            self._written = _Written()
            raise
        self._written.data = data

    def _post(self, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        try:
            self._wire.write("POST", "/api/settings", list(operations))
        except Uncertain:
            # Each operation sets or deletes: doing it again ends in the same state.
            self._wire.write("POST", "/api/settings", list(operations))

    def _go_back(self, config: ConfigToml, written: _Written) -> list[str]:
        """Put the old file back and restart; return what became of it."""
        if written.data and config.data != written.data:
            return ["Somebody has changed the file since we wrote it, so it was left as it is."]
        self._host.restore(self._where.path)
        self._backup = ""
        output = self._server.restart()
        if back := self._server.why_not(self._read().values):
            return ["The old file was put back, and the server does not run with it either:", back, output]
        self._host.settle(self._where.path)
        self._post([delete(*written.marks)] if written.marks else [])
        return ["The old file was put back; the server runs with it."]

    def _problem(self, what: str, lines: Sequence[str]) -> Problem:
        return Problem(
            where=Where(file=self._where.path),
            summary=f"the server {what}",
            detail="\n".join(line for line in lines if line),
            rule="not-healthy",
        )


_RESTART_IT = "Restart it, and apply again: then it is seen whether it runs with the file."


def _hostname_key(values: Mapping[str, str]) -> str | None:
    """Return the key of the file that makes the hostname; None where the file leaves it to the database."""
    return next((key for key in marks.HOSTNAME_KEYS if key in values), None)


def _key_of(address: Address, values: Mapping[str, str]) -> str:
    match address.kind:
        case Hostname.KIND:
            key = _hostname_key(values)
            assert key is not None, "placed by it"
            return key
        case Ban.KIND:
            return settings.key_as_stored(values, settings.BLOCKED, address.name)
        case _:
            return address.name


def _shadows(config: ConfigToml, desired: Desired, is_local: Callable[[str], bool]) -> Iterator[Finding]:
    """Yield the declared settings that belong in the database and stand in the file, which wins for ever."""
    for key, entry in config.entries.items():
        is_named = setting.address_of(key) in desired.resources or (
            key == "lookup.default.hostname" and hostname.ADDRESS in desired.resources
        )
        if is_named and not is_local(key):
            place = config.where(entry)
            yield Finding(
                rule="STW-07",
                severity="hint",
                text=f"{key} stands in config.toml, which wins over the database for ever: it is changed there",
                fix="take it out of config.toml to have it changed by a reload, without a restart",
                file=place.file,
                line=place.line,
                column=place.column,
            )
