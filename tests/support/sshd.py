"""A real sshd on loopback, with keys that were made for it and a client configuration that knows only these."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PidFile none
UsePAM no
PasswordAuthentication no
# What the person who runs the tests has in his .bashrc is none of their business; `bin` is for programs of theirs.
SetEnv HOME={folder} PATH={folder}/bin:{path}
"""

_CLIENT = """\
Host *
  IdentityFile {folder}/{key}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/{known}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  LogLevel ERROR
"""


def program() -> str | None:
    """Return the path of sshd; it is started by its path only."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@dataclass
class Sshd:
    """One sshd.  `via` is how a stack names it, `command` what MAILSTACK_SSH_COMMAND must be."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def via(self) -> str:
        return f"ssh://127.0.0.1:{self.port}"

    @property
    def command(self) -> str:
        return f"ssh -F {self.folder}/client"

    def command_with(self, *, key: str = "key", known: str = "known_hosts") -> str:
        """Return the command for a client with another key, or one that knows other hosts."""
        path = self.folder / f"client-{key}-{known}"
        path.write_text(_CLIENT.format(folder=self.folder, key=key, known=known))
        return f"ssh -F {path}"

    def __enter__(self) -> Sshd:
        for name in ("host", "key", "stranger", "restricted"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.folder / name)],
                check=True,
            )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        host = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host}")
        (self.folder / "empty").write_text("")
        other = (self.folder / "stranger.pub").read_text()
        (self.folder / "changed").write_text(f"[127.0.0.1]:{self.port} {other}")
        restricted = f'command="echo this key may only say this",restrict {(self.folder / "restricted.pub").read_text()}'
        (self.folder / "authorized_keys").write_text((self.folder / "key.pub").read_text() + restricted)
        (self.folder / "bin").mkdir()
        server = _SERVER.format(folder=self.folder, port=self.port, path=os.environ["PATH"])
        (self.folder / "server").write_text(server)
        (self.folder / "client").write_text(
            _CLIENT.format(folder=self.folder, key="key", known="known_hosts")
        )
        self.start()
        return self

    def start(self) -> None:
        path = program()
        assert path is not None
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [path, "-D", "-e", "-f", str(self.folder / "server")], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except ConnectionError:
                time.sleep(0.02)
        raise RuntimeError((self.folder / "log").read_text())

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=10)
