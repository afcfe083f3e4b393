"""The server's config.toml as a backend: edited in place, comments kept, then one restart.

The file is read by the server when it starts and at no other time, and what stands in it wins over
the database for ever.  So a key that is local, or that the file sets, is changed here and nowhere
else.  It carries no marks of ours; what we set in it is remembered in the server's settings.

A server that does not come up with the new file gets the old one back, and is started again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence

from reconciler.backends.files import FileChanged, Host
from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.config_changes import Step, step_of
from reconciler.backends.stalwart.config_contents import LABEL, Contents
from reconciler.backends.stalwart.config_toml.editor import edit
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.config_toml.tree import ConfigToml
from reconciler.backends.stalwart.http import Uncertain, Wire
from reconciler.backends.stalwart.rest import marks, settings
from reconciler.backends.stalwart.rest.write_settings import Operation, delete
from reconciler.backends.stalwart.running import ConfigFile, Server
from reconciler.backends.stalwart.versions import Traits
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.errors import Problem, Where, WriteError
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_address
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.outcome import Outcome, Status
from reconciler.resource import Resource
from reconciler.state import Activate, Reading, System

_RESTART_IT = "Restart it, and apply again: then it is seen whether it runs with the file."


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
        self._contents: Contents | None = None
        self._step = Step()  # what this run has done and has not seen the server run with
        self._written = b""
        self._is_stale = False
        self._backup = ""
        self._release: Callable[[], None] | None = None

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the file sets of what the stack names, and whether the server runs with it.  Reads only."""
        config = self._read()
        stored: dict[str, str] = self._wire.get("/api/settings/keys", {"prefixes": marks.PREFIX})
        contents = Contents.of(config, settings.memories_in(stored, self._stack))
        self._contents = contents
        resources = {resource.address: resource for resource in contents.resources(desired)}
        return Reading(
            system=System(label=LABEL, title=LABEL, kind=LABEL, where=self._where.path),
            resources=resources,
            place=lambda resource: contents.place(resource, may_restart=bool(self._where.restart)),
            owned=frozenset(contents.owned()),
            elsewhere=frozenset(a for a in resources if a.kind == AllowedIp.KIND),
            former={resource.address: resource for resource in contents.former(desired)},
            left_over=self._left_over(contents),
            findings=tuple(contents.shadows(desired)),
        )

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Remember on the server what was there, then write the file once; see backends.interface."""
        contents = self._contents
        assert contents is not None, "read before writing"
        self._step = step_of(changes, contents, self._stack, secret_of)
        data = edit(contents.config, self._step.edits)
        self._post(self._step.operations)
        detail = ""
        try:
            if data != contents.config.data:
                self._replace(contents.config, data)
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
        step, self._step = self._step, Step()
        written, self._written = self._written, b""
        has_old_file = bool(written) or self._host.owes(self._where.path)
        output = self._server.restart()
        config = self._read()
        if why := self._server.why_not(config.values, patient=bool(self._where.restart)):
            if not self._where.restart:
                raise WriteError(self._problem("does not run with the new config.toml yet", [_RESTART_IT]))
            lines = [why, output, *self._server.last_words(config.values, step.secrets)]
            if has_old_file:
                lines += self._go_back(config, written, step)
            raise WriteError(self._problem("does not run with the new config.toml", lines))
        self._host.settle(self._where.path)
        self._forget(step.unmarks)

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
        command = shlex.join(["cp", "-p", self._backup, self._where.path])
        return (
            f"The config.toml from before is {self._backup}; to go back copy it, where it lies, "
            f"and restart the server:\n\n    {command}\n",
        )

    def _read(self) -> ConfigToml:
        data = self._host.read(self._where.path)
        return read(data, file=self._where.path, odd_keys=not self._traits.local_write_breaks_boot)

    def _left_over(self, contents: Contents) -> tuple[Resource, ...]:
        """The server runs with another file than this one: by its own view of the keys in it, or by our trace."""
        # Keys are asked for in a list with commas.
        unwritten = [key for key in contents.unwritten if "," not in key]
        if (
            self._server.runs_with(contents.values)
            and not self._server.shows(unwritten)
            and not self._host.owes(self._where.path)
        ):
            return ()
        return (Activation(address=activation_address("restart", LABEL), how="restart"),)

    def _replace(self, config: ConfigToml, data: bytes) -> None:
        try:
            self._backup = self._host.replace(self._where.path, data, expected=config.data, owed=True)
        except WriteError:
            # Nothing was written, so there is nothing to remember: the value from before may be another next time.
            self._forget(self._step.marks)
            self._step = Step()
            raise
        self._written = data

    def _post(self, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        try:
            self._wire.write("POST", "/api/settings", list(operations))
        except Uncertain:
            # Each operation sets or deletes: doing it again ends in the same state.
            self._wire.write("POST", "/api/settings", list(operations))

    def _forget(self, keys: Sequence[str]) -> None:
        self._post([delete(*keys)] if keys else [])

    def _go_back(self, config: ConfigToml, written: bytes, step: Step) -> list[str]:
        """Put the old file back and restart; return what became of it."""
        if written and config.data != written:
            return ["Somebody has changed the file since we wrote it, so it was left as it is."]
        self._host.restore(self._where.path)
        self._backup = ""
        output = self._server.restart()
        if back := self._server.why_not(self._read().values):
            return ["The old file was put back, and the server does not run with it either:", back, output]
        self._host.settle(self._where.path)
        self._forget(step.marks)
        return ["The old file was put back; the server runs with it."]

    def _problem(self, what: str, lines: Sequence[str]) -> Problem:
        return Problem(
            where=Where(file=self._where.path),
            summary=f"the server {what}",
            detail="\n".join(line for line in lines if line),
            rule="not-healthy",
        )
