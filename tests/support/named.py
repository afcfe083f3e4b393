"""A real BIND on a loopback port, in a folder of its own."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_CONF = """\
key "test" {{ algorithm hmac-sha256; secret "bm90LWEtc2VjcmV0LWJ1dC1hLXRlc3Qta2V5LW9mLTMyIQ=="; }};
controls {{ inet 127.0.0.1 port {control} allow {{ 127.0.0.1; }} keys {{ "test"; }}; }};
options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify explicit; allow-transfer {{ any; }}; min-refresh-time 1;
}};
"""
_RNDC_CONF = """\
key "test" {{ algorithm hmac-sha256; secret "bm90LWEtc2VjcmV0LWJ1dC1hLXRlc3Qta2V5LW9mLTMyIQ=="; }};
options {{ default-key "test"; default-server 127.0.0.1; default-port {control}; }};
"""


@dataclass(kw_only=True)
class Named:
    """A running named.  port is the one that answers questions."""

    folder: Path
    port: int
    rndc_conf: Path

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def rndc(self) -> list[str]:
        return [str(_program("rndc")), "-c", str(self.rndc_conf)]

    @property
    def reload(self) -> list[str]:
        """What a stack says under dns.reload."""
        return [*self.rndc, "reload", "{zone}"]

    def tell(self, *words: str) -> str:
        """Run an rndc command; return what it says, whatever its exit code."""
        done = subprocess.run([*self.rndc, *words], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout + done.stderr

    def dig(self, name: str, rrtype: str) -> list[str]:
        """Return the data that dig shows, sorted."""
        return sorted(self._dig("+short", name, rrtype))

    def dig_ttl(self, name: str, rrtype: str) -> int:
        """Return the TTL of the first answer."""
        return int(self._dig("+noall", "+answer", name, rrtype)[0].split()[1])

    def _dig(self, *words: str) -> list[str]:
        command = ["dig", "+norecurse", "@127.0.0.1", "-p", str(self.port), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return done.stdout.splitlines()


def primary(zone: str, file: Path | str, *options: str) -> str:
    """Return the block of a zone that is kept in a file."""
    return f'zone "{zone}" {{ type primary; file "{file}"; {" ".join(options)} }};'


def secondary(zone: str, of: Named, file: str = "copy") -> str:
    return f'zone "{zone}" {{ type secondary; file "{file}"; primaries port {of.port} {{ 127.0.0.1; }}; }};'


@contextlib.contextmanager
def running(folder: Path, zones: Sequence[str]) -> Iterator[Named]:
    """Run a named with these zones while the block lasts.  It answers when the block begins."""
    program = _program("named")
    if program is None:
        pytest.skip("named is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    port, control = _free_port(), _free_port()
    conf = folder / "test.conf"
    conf.write_text(_CONF.format(folder=folder, port=port, control=control) + "\n".join(zones) + "\n")
    (folder / "rndc.conf").write_text(_RNDC_CONF.format(control=control))
    process = subprocess.Popen(
        [program, "-g", "-4", "-n", "1", "-c", str(conf)], stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stderr is not None
    try:
        told = []
        for line in process.stderr:
            told.append(line)
            if line.rstrip().endswith(" running"):
                break
        else:
            pytest.fail("named did not start:\n" + "".join(told))
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        yield Named(folder=folder, port=port, rndc_conf=folder / "rndc.conf")
    finally:
        process.terminate()
        process.wait(timeout=20)
        with contextlib.suppress(NameError):
            drain.join(timeout=20)
        process.stderr.close()


def _program(name: str) -> str | None:
    """Return where a program of BIND is; the folder is in root's PATH only."""
    return shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def _free_port() -> int:
    """Return a port of loopback that is free for UDP and TCP."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            with contextlib.suppress(OSError):
                datagram.bind(("127.0.0.1", port))
                return port
