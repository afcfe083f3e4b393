"""A real Stalwart on loopback, in a folder of its own, for the contract tests.

The binaries are those on PATH and those that MAILSTACK_TEST_STALWART names (several are separated
as in PATH).  The server asks nothing of the internet: its spam rules and its web admin come from
files that this module writes.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ADMIN = "admin"
PASSWORD = "admin-pw"

_CONFIG = """\
# hand-written: this comment must survive
[server.listener.http]
bind = ["127.0.0.1:{http}"]
protocol = "http"

[server.listener.smtp]
bind = ["127.0.0.1:{smtp}"]
protocol = "smtp"

[server.listener.imaptls]
bind = ["127.0.0.1:{imaptls}"]
protocol = "imap"
tls.implicit = true

[storage]
data = "db"
blob = "db"
lookup = "db"
fts = "db"
directory = "internal"

[store.db]
type = "sqlite"
path = "{folder}/mail.db"

[directory.internal]
type = "internal"
store = "db"

[tracer.log]
type = "log"
level = "info"
path = "{folder}"
prefix = "stalwart.log"
rotate = "never"
enable = true

[authentication.fallback-admin]
user = "admin"
secret = "admin-pw"

[spam-filter]
resource = "file://{folder}/spam.toml"

[webadmin]
resource = "file://{folder}/none.zip"
auto-update = false
"""

_SPAM = 'version.spam-filter = "2.0.5"\nversion.server = "0.11.0"\n'


def binaries() -> dict[str, str]:
    """Return the version and path of every server binary that this machine has."""
    candidates = [p for p in os.environ.get("MAILSTACK_TEST_STALWART", "").split(os.pathsep) if p]
    candidates += [found for name in ("stalwart", "stalwart-mail") if (found := shutil.which(name))]
    versions = {}
    for path in candidates:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20)
        if match := re.search(r"\d+\.\d+\.\d+", answer.stdout + answer.stderr):
            versions[match[0]] = path
    return versions


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class RealStalwart:
    """One running server; config is its config.toml.  extra is put in front of it."""

    binary: str
    folder: Path
    extra: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def __enter__(self) -> RealStalwart:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = {name: free_port() for name in ("http", "smtp", "imaptls")}
        (self.folder / "spam.toml").write_text(_SPAM)
        (self.folder / "none.zip").write_bytes(b"PK\x05\x06" + bytes(18))
        self.config.write_text(self.extra + _CONFIG.format(folder=self.folder, **self.ports))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        # Its output goes to a file: a pipe that nobody reads would stop it one day.
        log = (self.folder / "output.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [self.binary, "--config", str(self.config)], stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz/live", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"the server did not come up: {(self.folder / 'output.log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
