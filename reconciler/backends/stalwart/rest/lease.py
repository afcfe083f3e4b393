"""One apply at a time on one server: a lease that the server keeps.

The server has no lock; but an insert with `assert_empty` fails where the key is there already.  The
lease names its holder and its end.  It is taken over only after that, or at once where the holder
was a process of this very host that is no more, so a killed apply does not stand in its own way.
"""

from __future__ import annotations

import json
import os
import platform
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from reconciler.backends.stalwart.http import Refused, Wire
from reconciler.errors import BusyError, Problem, ReadError, WriteError

KEY: Final = "mailstack.lease"
_SECONDS: Final = 120.0
_PAUSE: Final = 0.5


class Lease:
    """The right to write to one server.  Renewed while it is used, given back on every exit."""

    def __init__(
        self,
        wire: Wire,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = wire
        self._now = now
        self._sleep = sleep
        self._until = 0.0
        self._me = {
            "host": platform.node(),
            "boot": _boot(),
            "pid": os.getpid(),
            "token": uuid.uuid4().hex,
        }

    def take(self, timeout: float) -> None:
        """Take the lease, waiting up to timeout seconds.  BusyError names the holder."""
        deadline = self._now() + timeout
        while True:
            holder = self._try()
            if holder is None:
                return
            if self._now() >= deadline:
                raise BusyError(self._busy(holder))
            self._sleep(_PAUSE)

    def renew(self) -> None:
        """Make the lease last again; does nothing while it lasts long enough."""
        if self._until and self._until - self._now() < _SECONDS / 2:
            self._insert(assert_empty=False)

    def give_back(self) -> None:
        """Let others write.  Does nothing where somebody else has the lease."""
        try:
            if self._until and self._holder().get("token") == self._me["token"]:
                self._wire.write("POST", "/api/settings", [{"type": "delete", "keys": [KEY]}])
        except (ReadError, WriteError):
            # The server went away: the lease ends by itself, and what became of the run must still be told.
            pass
        self._until = 0.0

    def _try(self) -> dict[str, Any] | None:
        """Take the lease if it is free and return None, else return its holder."""
        try:
            self._insert(assert_empty=True)
        except Refused as error:
            if error.code != "assertFailed":
                raise
            holder = self._holder()
            if holder.get("token") != self._me["token"] and not self._is_over(holder):
                return holder
            self._insert(assert_empty=False)
        # Two may take over the same dead lease in the same instant: whoever is to be read has it.
        holder = self._holder()
        return None if holder.get("token") == self._me["token"] else holder

    def _insert(self, *, assert_empty: bool) -> None:
        until = self._now() + _SECONDS
        text = json.dumps({**self._me, "since": self._now(), "until": until}, separators=(",", ":"))
        body = {"type": "insert", "prefix": None, "values": [[KEY, text]], "assert_empty": assert_empty}
        self._wire.write("POST", "/api/settings", [body])
        self._until = until

    def _holder(self) -> dict[str, Any]:
        text = self._wire.get("/api/settings/keys", {"keys": KEY}).get(KEY, "{}")
        try:
            holder = json.loads(text)
        except ValueError:
            return {}
        return holder if isinstance(holder, dict) else {}

    def _is_over(self, holder: dict[str, Any]) -> bool:
        until = holder.get("until")
        if not isinstance(until, (int, float)) or until < self._now():
            return True
        is_here = (holder.get("host"), holder.get("boot")) == (self._me["host"], self._me["boot"])
        return is_here and self._me["boot"] != "" and not _is_alive(holder.get("pid"))

    def _busy(self, holder: dict[str, Any]) -> Problem:
        age = max(0, int(self._now() - float(holder.get("since", self._now()))))
        return Problem(
            summary=f"another apply is writing to {self._wire.url}",
            detail=(
                f"It runs on {holder.get('host', 'an unknown host')} as process {holder.get('pid', '?')}, "
                f"since {age} seconds. Wait for it with --lock-timeout SECONDS.\n"
                f"Were it dead, its lease would end by itself after {int(_SECONDS)} seconds."
            ),
            rule="busy",
        )


def _boot() -> str:
    """Return what tells this start of this host from others; empty where it cannot be told."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
