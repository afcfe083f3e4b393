"""The server that was started with a config.toml: restart it, see it run with that file, hear why it does not.

That it runs with the file is known by evidence: its own view of the file's keys, which is the copy
that it made when it started (common/src/manager/config.rs, 0.11 to 0.15).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.backends.files import Host
from reconciler.backends.stalwart import last_words
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.http import Wire
from reconciler.errors import Problem, ReadError, Where, WriteError

_PAUSE: Final = 0.2
_KEYS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """Where the file is and how the server is restarted.

    timeout is in seconds, until it must be healthy; container is where the server runs, if in one.
    """

    path: str
    restart: tuple[str, ...] = ()
    timeout: float = 60.0
    container: str | None = None


class Server:
    """One server and its config.toml."""

    def __init__(
        self,
        where: ConfigFile,
        host: Host,
        wire: Wire,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where = where
        self._host = host
        self._wire = wire
        self._now = now
        self._sleep = sleep

    def shows(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the values that the server runs with; those of the file win over the database.  Reads only."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            batch = ",".join(keys[start : start + _KEYS_AT_ONCE])
            found |= self._wire.get("/api/settings/keys", {"keys": batch})
        return found

    def runs_with(self, values: Mapping[str, str]) -> bool:
        """Does the server show each of these values?  Reads only."""
        comparable = {key: value for key, value in values.items() if _is_comparable(key, value)}
        shown = self.shows(sorted(comparable))
        return all(shown.get(key) == value for key, value in comparable.items())

    def restart(self) -> str:
        """Run the restart; return what it said where it failed."""
        if not self._where.restart:
            return ""
        ran = self._host.run(self._where.restart, timeout=self._where.timeout)
        if ran is None:
            return f"There is no program {self._where.restart[0]}."
        return (
            "" if ran.code == 0 else f"{self._where.restart[0]} ended with {ran.code}: {ran.output.strip()}"
        )

    def why_not(self, values: Mapping[str, str], *, patient: bool = True) -> str:
        """Wait until the server is healthy and runs with these values; return why it does not."""
        deadline = self._now() + (self._where.timeout if patient else 0.0)
        while True:
            why = self._trouble(values)
            if not why or self._now() >= deadline:
                return why
            self._sleep(_PAUSE)

    def _trouble(self, values: Mapping[str, str]) -> str:
        try:
            status = self._wire.status_without_login("/healthz/live").status
            if status != 200:
                return f"/healthz/live answers {status}."
            return "" if self.runs_with(values) else "It runs, with the values from before."
        except ReadError as error:
            return error.problems[0].summary + "."

    def last_words(self, values: Mapping[str, str], secrets: Sequence[str] = ()) -> list[str]:
        """Return the server's own last log lines, where they can be read; secrets are taken out of them."""
        return last_words.told(self._wire, self._host, self._where.container, values, secrets)


def bring_back(server: Server, where: ConfigFile, host: Host) -> None:
    """Start a server again that an interrupted run left down, with the old file if need be.

    Only for a file with the trace of a write of ours that no restart has followed.  Holds the file's
    lock: whoever is in the middle of a restart is not to be disturbed (BusyError).  Raises ReadError
    where the server runs with neither file.
    """
    release = host.lock(where.path, 0)
    try:
        host.finish(where.path)
        values = _values(where, host)
        if why := server.why_not(values, patient=False):
            output = server.restart()
            why = server.why_not(values)
        if why:
            words = server.last_words(values)
            host.restore(where.path)
            values = _values(where, host)
            output = server.restart() or output
            if back := server.why_not(values):
                raise ReadError(_lost(where, [why, output, back, *words]))
        host.settle(where.path)
    except WriteError as error:
        raise ReadError(*error.problems) from error
    finally:
        release()


def is_left_down(where: ConfigFile, host: Host) -> bool:
    """Did an interrupted run write the file, and may we restart the server?  Reads only."""
    return bool(where.restart) and host.owes(where.path)


def left_down(url: str) -> Problem:
    """Return what plan says of such a server: it may not start it."""
    return Problem(
        summary=f"{url} is down since an apply that was interrupted",
        detail=(
            "It had written config.toml and did not come to see the server run with it. This starts the server again,\n"
            "with the old file if it does not take the new one:\n\n    mailstack apply"
        ),
        rule="left-down",
    )


def _values(where: ConfigFile, host: Host) -> dict[str, str]:
    return read(host.read(where.path), file=where.path).values


def _is_comparable(key: str, value: str) -> bool:
    # 0.12.0 to 0.12.2 show macros expanded; and keys are asked for in a list with commas.
    return "%{" not in value and "," not in key


def _lost(where: ConfigFile, lines: Sequence[str]) -> Problem:
    return Problem(
        where=Where(file=where.path),
        summary="the server starts neither with the new config.toml nor with the old one",
        detail="\n".join(line for line in (*lines, "The old file is in place.") if line),
        rule="not-healthy",
    )
