"""A command that restarts a server of this very process, and a stand-in server that may refuse its config.toml.

The command is a small script, as `docker restart` is a command: it asks through one named pipe, and
ends when it has the answer through another.  So whoever runs it may be killed while it is under way.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import cli

from reconciler.sandbox import Sandbox
from reconciler.sandbox.config_toml import ConfigError, parse

_SCRIPT = """\
#!/bin/sh
echo $PPID > "{folder}/asked"
answer=$(cat "{folder}/answered")
[ -z "$answer" ] || {{ echo "$answer"; exit 1; }}
"""

# As people write it: comments, a table, bare words, a key with dots in quotes.
CONFIG = """\
# The mail server in the cellar.  Ask Ada before you touch it.
server.hostname = "old.example.org"   # was the old box
server.allowed-ip."192.0.2.9" = ""    # the printer

[authentication.fallback-admin]
user = "admin"
secret = "canary-admin-9d41"

[server.listener.smtp]   # port 25, from outside
bind = "[::]:25"
protocol = "smtp"

[storage]
data = "db"

[store.db]
type = "rocksdb"
path = "/opt/stalwart/data"
"""


class RestartCommand:
    """argv calls act with the id of the process that runs it, and fails with the text that act returns."""

    def __init__(self, folder: Path, act: Callable[[int], str]) -> None:
        self._folder = folder
        self._act = act
        for name in ("asked", "answered"):
            os.mkfifo(folder / name)
        script = folder / "restart"
        script.write_text(_SCRIPT.format(folder=folder))
        script.chmod(0o755)
        self.argv = [str(script)]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        (self._folder / "asked").write_text("end")
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        while (asked := (self._folder / "asked").read_text().strip()) != "end":
            (self._folder / "answered").write_text(self._act(int(asked)))


class Restartable:
    """A stand-in server with a config.toml.  Like the real one it does not start without its data store.

    kill_at is "before" or "after": whoever asks for the next restart is killed then; before it, the
    restart does not happen either.  status is what `docker inspect` would say.
    """

    def __init__(self, folder: Path, version: str = "0.15.5", text: str = CONFIG) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text(text)
        seed = {"domains": ["example.org"]}
        self.server: Sandbox = cli.sandbox(version, config=self.config, seed=seed)
        self.version = version
        self.restarts = 0
        self.kill_at = ""
        self._command = RestartCommand(folder, self._restarted)

    def __enter__(self) -> Restartable:
        self.server.start()
        self._note("running")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self._command.close()

    @property
    def restart(self) -> list[str]:
        return self._command.argv

    def stack(self, body: str = "", more: str = "") -> str:
        """Return a stack for this server; more goes into its `stalwart:`."""
        return (
            "version: 1\nstack: home\ndomain: example.org\n"
            f'stalwart: {{url: "{self.server.url}", username: admin, password: {{env: STALWART_PASSWORD}}, '
            f"timeout: 2s{more}}}\n{body}"
        )

    def here(self) -> str:
        """Return what `stalwart:` says of a file and a command of this machine."""
        return f", config: {self.config}, restart: {self.restart}"

    def _restarted(self, asker: int) -> str:
        moment, self.kill_at = self.kill_at, ""
        if moment == "before":
            os.kill(asker, signal.SIGKILL)
            return ""
        self.restarts += 1
        self.server.stop()
        self._note("exited")
        try:
            values = parse(self.config.read_text(), odd_keys=True)
            if f"store.{values['storage.data']}.type" in values:
                self.server.start()
                self._note("running")
        except ConfigError:
            pass  # it is down, as a container would be
        if moment == "after":
            os.kill(asker, signal.SIGKILL)
        return ""

    def _note(self, status: str) -> None:
        (self.folder / "status").write_text(status + "\n")
