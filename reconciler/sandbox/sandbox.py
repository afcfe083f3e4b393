"""A stand-in Stalwart, from memory, over HTTP: for trying things, for the demo, for tests."""

from __future__ import annotations

import queue
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from reconciler.sandbox.answers import Answer, internal_error
from reconciler.sandbox.config_toml import ConfigError
from reconciler.sandbox.defaults import config_toml
from reconciler.sandbox.faults import Hook, Phase, Record, WriteFault
from reconciler.sandbox.http import HttpServer
from reconciler.sandbox.reload import ReloadError, Surroundings
from reconciler.sandbox.request import Request
from reconciler.sandbox.routes import answer
from reconciler.sandbox.seed import read_seed, sow
from reconciler.sandbox.state import State
from reconciler.sandbox.versions import version_named

CONTAINER: Final = "0a1b2c3d4e5f"  # the hostname of a server that nobody has given one


class Sandbox:
    """One server.  `with Sandbox() as server:` listens on `server.url` until the block ends.

    version   a row of versions.VERSIONS
    port      0 takes a free one, and keeps it over restarts
    seed      a mapping or the path of a JSON file: domains, principals, settings, config_toml
    config    the path of a config.toml: read at each start, rewritten by API writes of local keys,
              made when it is missing; without it, the text is kept in memory
    admin, password   the fallback administrator, where config.toml names none
    hostname  the operating system's name, in use while no setting says better
    resolves  False: names cannot be looked up, so every reload has the error that blocks all reloads
    latency   seconds that each request takes longer
    now       the clock of which its answers tell

    May be changed at any time: `latency`; `close_connections`, which ends every new connection
    at once and without an answer, as the server does with a banned address; `on_request`, see
    `faults.Hook`.  `state` is the server's state, to be looked into with `state.lock` held.
    """

    def __init__(
        self,
        version: str = "0.15.5",
        port: int = 0,
        seed: Path | str | Mapping[str, Any] | None = None,
        admin: str = "admin",
        password: str = "admin-pw",
        hostname: str | None = None,
        resolves: bool = True,
        latency: float = 0.0,
        config: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make the server; it listens after `start`.  Raises ConfigError and, for the seed, ValueError."""
        sown = read_seed(seed)
        text = config_toml(admin, password) if sown.config_toml is None else sown.config_toml
        if config and not config.exists():
            config.write_text(text, encoding="utf-8")
        self.latency = latency
        self.close_connections = False
        self.on_request: Hook | None = None
        self.state = State(
            version_named(version),
            text,
            Surroundings(hostname=hostname or CONTAINER, resolves=resolves, admin=(admin, password)),
            config,
        )
        sow(self.state, sown)
        self._port = port
        self._now = now
        self._record = Record()
        self._http: HttpServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; before the first start, the one that was asked for."""
        return self._http.port if self._http else self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[tuple[str, str]]:
        """What was asked so far: (method, path with query)."""
        return list(self._record.requests)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Those of the requests that write, whether or not they were granted; POST /api/oauth is none."""
        return list(self._record.writes)

    def start(self) -> None:
        """Read config.toml and listen.  Raises ConfigError when it cannot be read; then nothing listens."""
        if self._http:
            return
        with self.state.lock:
            self.state.boot()
        self._http = HttpServer(self._port, self._carried_out, lambda: not self.close_connections, self._now)
        self._port = self._http.port

    def stop(self) -> None:
        """Stop listening and cut all connections.  What is stored stays for the next start."""
        if self._http:
            self._http.close()
            self._http = None

    def restart(self) -> None:
        """Stop and start on the same port: the only way to make it read config.toml again."""
        self.stop()
        self.start()

    def fail_write(
        self, number: int = 1, when: Phase = "before", how: Literal["500", "close"] = "500"
    ) -> None:
        """Let the number-th write from now on fail: with a 500, or with no answer.

        "before" changes nothing, "after" changes what was asked for and fails then.
        """
        with self.state.lock:
            self._record.plan(number, WriteFault(when=when, how=how))

    def reload_error(self, key: str, text: str | None) -> None:
        """Let every reload from now on have this error, so that none applies; None takes it away."""
        with self.state.lock:
            self.state.injected.pop(key, None)
            if text is not None:
                self.state.injected[key] = ReloadError(key=key, kind="build", error=text)

    def ban(self, ip: str) -> None:
        """Block an address as the server does after too many failures: in force and stored at once.

        Connections come from loopback, which the server never bans; see `close_connections`.
        """
        with self.state.lock:
            self.state.settings.insert([(f"server.blocked-ip.{ip}", "")])
            self.state.blocked.add(ip)

    def _carried_out(self, request: Request) -> Answer | None:
        """Return the answer, or None where the connection is to be closed without one."""
        if self.latency:
            time.sleep(self.latency)
        with self.state.lock:
            number, fault = self._record.note(request)
        if self._is_dropped(number, "before"):
            return None
        if fault and fault.when == "before":
            return _failed(fault)
        with self.state.lock:
            result = answer(self.state, request, self.port)
        if self._is_dropped(number, "after"):
            return None
        return _failed(fault) if fault else result

    def _is_dropped(self, number: int, phase: Phase) -> bool:
        method, path = self._record.requests[number]
        return bool(self.on_request and self.on_request(number, method, path, phase))


def _failed(fault: WriteFault) -> Answer | None:
    return internal_error() if fault.how == "500" else None


def serve(sandbox: Sandbox, tell: Callable[[str], None]) -> None:
    """Run the sandbox until SIGINT or SIGTERM.  SIGHUP restarts it, which reads config.toml again.

    `tell` gets one line when it listens, and one when config.toml cannot be read: then the
    server is down until the next SIGHUP, as a container would be.  For the main thread only.
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    before = {
        number: signal.signal(number, lambda received, _: signals.put(received))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        sandbox.start()
        tell(f"listening on {sandbox.url}")
        while signals.get() == signal.SIGHUP:
            try:
                sandbox.restart()
                tell(f"listening on {sandbox.url}")
            except ConfigError as error:
                tell(f"Invalid configuration file: {error}")
    finally:
        sandbox.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
