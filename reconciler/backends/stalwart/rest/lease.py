"""One apply at a time on one server: a lease that the server keeps.

The server has no lock; but an insert with `assert_empty` is refused where the key is there already.
The lease names its holder and its end, which is told by the server's clock, because those of two
holders may differ.  After its end, or at once where the holder was a process of this very host that
is no more, another run succeeds: not by writing over it, which two could do in turn, but by a key
that can come into being once.  So the lease is a chain, and the end of the chain has it:

    mailstack.lease             {"token": "a1…", …}     killed; its time is over
    mailstack.lease.a1…         {"token": "b2…", …}     has it

`assert_empty` is a question and then a write: of two inserts in the same instant both may be told
"done", and the later one stays (124 of 300 on 0.15.5, 54 on 0.12.2).  So it is read back after the
insert, and once more before the first write: what the other one wrote is to be seen by then.

A thread renews the lease while the run goes on, for a zone may take minutes to be served.  Where
the lease is lost all the same, because this machine slept or the network was away, nothing more is
written to the server.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from reconciler.backends.stalwart.http import Refused, Uncertain, Wire
from reconciler.backends.stalwart.rest.holder import age_of, is_gone, this_process
from reconciler.errors import BusyError, Problem, ReadError, WriteError

KEY: Final = "mailstack.lease"
SECONDS: Final = 120.0
_PAUSE: Final = 0.5
# A lease that ends sooner than this is not renewed in place: somebody may be about to succeed.
_MARGIN: Final = 15.0

# So often somebody else may be faster, before he is told as the holder.
_TRIES: Final = 3

_LINK: Final = re.compile(rf"{re.escape(KEY)}(?:\.[0-9a-f]{{32}})?")


class Lease:
    """The right to write to one server.  Renewed while it is held, given back on every exit."""

    def __init__(self, wire: Wire, stack: str = "", *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._wire = wire
        self._sleep = sleep
        self._me = {**this_process(), "stack": stack}
        self._since = 0.0
        self._until = 0.0
        self._token = ""
        self._link = ""
        self._is_confirmed = False
        self._is_lost = False
        self._guard = threading.RLock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, timeout: float) -> None:
        """Take the lease, waiting up to timeout seconds.  BusyError names the holder."""
        deadline = self._wire.now() + timeout
        try:
            while (holder := self._try(self._wire)) is not None:
                if self._wire.now() >= deadline:
                    raise BusyError(self._busy(holder))
                self._sleep(_PAUSE)
        except BaseException:
            self.give_back()
            raise
        self._thread = threading.Thread(target=self._keep_renewing, name="lease", daemon=True)
        self._thread.start()

    def must_hold(self) -> None:
        """Raise WriteError unless this run still may write.  Asks the server first, and where time has run out."""
        if not self._token:
            return
        with self._guard:
            if self._wire.server_now() >= self._until - _MARGIN:
                self.renew(self._wire)
            elif not self._is_confirmed:
                self._is_lost = _end(self._wire)[1].get("token") != self._token
            self._is_confirmed = True
            if self._is_lost:
                raise WriteError(self._lost())

    def renew(self, wire: Wire) -> None:
        """Make the lease last again, or note that somebody else has it."""
        with self._guard:
            link, holder, _ = _end(wire)
            if holder.get("token") != self._token:
                self._is_lost = True
            elif wire.server_now() < self._until - _MARGIN:
                self._insert(wire, link, assert_empty=False)
            else:
                self._is_lost = not self._succeed(wire, link, holder)

    def give_back(self) -> None:
        """Let others write.  Does nothing where somebody else has the lease."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._guard:
            try:
                self._delete()
            except (ReadError, WriteError):
                # The server went away: the lease ends by itself, and what became of the run must still be told.
                pass
            self._token = ""

    def _delete(self) -> None:
        if not self._token:
            return
        _, holder, links = _end(self._wire)
        if holder.get("token") != self._token:
            return
        body = [{"type": "delete", "keys": links}]
        try:
            self._wire.write("POST", "/api/settings", body)
        except Uncertain:
            self._wire.write("POST", "/api/settings", body)

    def _keep_renewing(self) -> None:
        wire: Wire | None = None
        while not self._done.wait(SECONDS / 4) and not self._is_lost:
            wire = wire or self._wire.twin()
            try:
                self.renew(wire)
            except (ReadError, WriteError):
                continue  # it lasts a while yet; the next write looks at it again
        if wire is not None:
            wire.close()

    def _try(self, wire: Wire) -> dict[str, Any] | None:
        """Take the lease if it may be taken and return None, else return its holder."""
        holder: dict[str, Any] = {}
        for _ in range(_TRIES):
            link, holder, _ = _end(wire)
            self._since = wire.server_now()
            if link and self._is_held(holder, self._since):
                return holder
            if self._succeed(wire, link, holder) if link else self._claim(wire, KEY):
                return None
        return holder

    def _succeed(self, wire: Wire, link: str, holder: dict[str, Any]) -> bool:
        """Take what is over; False where somebody else was faster."""
        further = f"{KEY}.{holder.get('token')}"
        if _LINK.fullmatch(further):
            return self._claim(wire, further)
        # Nobody can say whose it is, so it is nobody's.
        wire.write("POST", "/api/settings", [{"type": "delete", "keys": [link]}])
        return self._claim(wire, link)

    def _claim(self, wire: Wire, link: str) -> bool:
        """Make a link that is not there yet.  Is the lease this run's now?"""
        self._token = uuid.uuid4().hex
        try:
            self._insert(wire, link, assert_empty=True)
        except Refused as error:
            if error.code != "assertFailed":
                raise
            return False
        except Uncertain:
            pass  # what became of it is read now
        return bool(_end(wire)[1].get("token") == self._token)

    def _insert(self, wire: Wire, link: str, *, assert_empty: bool) -> None:
        until = wire.server_now() + SECONDS
        text = json.dumps(
            {**self._me, "token": self._token, "since": self._since, "until": until}, separators=(",", ":")
        )
        body = {"type": "insert", "prefix": None, "values": [[link, text]], "assert_empty": assert_empty}
        wire.write("POST", "/api/settings", [body])
        self._until = until

    def _is_held(self, holder: dict[str, Any], now: float) -> bool:
        until = holder.get("until")
        is_over = not isinstance(until, (int, float)) or until < now
        return not is_over and not is_gone(holder, self._me)

    def _busy(self, holder: dict[str, Any]) -> Problem:
        stack = f"for the stack {holder['stack']} " if holder.get("stack") else ""
        return Problem(
            summary=f"another apply is writing to {self._wire.url}",
            detail=(
                f"It runs {stack}on {holder.get('host', 'an unknown host')} as process {holder.get('pid', '?')}, "
                f"since {age_of(holder.get('since'), self._wire.server_now())}. "
                "Wait for it with --lock-timeout SECONDS.\n"
                f"Were it dead, its lease would end by itself after {int(SECONDS)} seconds."
            ),
            rule="busy",
        )

    def _lost(self) -> Problem:
        return Problem(
            summary=f"this run no longer has the right to write to {self._wire.url}",
            detail=(
                f"It could not renew its lease for {int(SECONDS)} seconds, or somebody deleted it, and another apply "
                "may be writing.\nWhat is done stays done. Apply again."
            ),
            rule="lease-lost",
        )


def _end(wire: Wire) -> tuple[str, dict[str, Any], list[str]]:
    """Return the key at the end of the chain, what it says of its holder, and all keys of leases, also stray ones."""
    found = wire.get("/api/settings/keys", {"keys": KEY, "prefixes": KEY})
    links = [key for key in found if _LINK.fullmatch(key)]
    link, holder = (KEY, _parsed(found[KEY])) if KEY in found else ("", {})
    for _ in links:
        further = f"{KEY}.{holder.get('token')}"
        if further not in links:
            break
        link, holder = further, _parsed(found[further])
    return link, holder, links


def _parsed(text: str) -> dict[str, Any]:
    try:
        holder = json.loads(text)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}
