"""What a real server makes of the corpus: what it shows after a boot is what we read, and what it refuses we refuse.

A server needs about a second to start, so the files that can stand in one file do, in front of the
settings that it needs.  Those that end without a newline each come last in one of their own.
"""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from real_stalwart import ADMIN, PASSWORD, RealStalwart, binaries

from reconciler.backends.stalwart.config_toml.reader import read

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Server:
    """One binary, and what the corpus says of its version."""

    version: tuple[int, ...]
    binary: str

    def files(self, field):
        """Return (bytes, that field of the expectation) of the files of the corpus that have it, by name."""
        found = {}
        for path in sorted(CORPUS.glob("*.toml")):
            spec = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            if self.version <= (0, 13, 0):
                spec = spec.get("up to 0.13.0", spec)
            if field in spec:
                found[path.stem] = (path.read_bytes(), spec[field])
        return found

    def shown(self):
        """Return the same for what the server shows: at first 0.12 kept the file with its macros expanded."""
        is_expanding = (0, 12, 0) <= self.version <= (0, 12, 2)
        return self.files("keys") | (self.files("shown by 0.12.0 to 0.12.2") if is_expanding else {})


SERVERS = [
    pytest.param(Server(tuple(map(int, version.split("."))), path), id=version)
    for version, path in sorted(binaries().items())
] or [pytest.param(None, marks=pytest.mark.skip(reason="no stalwart binary"), id="none")]

pytestmark = pytest.mark.parametrize("server", SERVERS)


def boot(server, folder, *, front=b"", end=b""):
    """Return the settings of the corpus that a server shows with these bytes around its own settings."""
    with RealStalwart(server.binary, folder, extra=front.decode()) as real:
        if end:
            real.stop()
            real.config.write_bytes(real.config.read_bytes() + end)
            real.start()
        request = urllib.request.Request(f"{real.url}/api/settings/list")
        login = base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            items = json.load(answer)["data"]["items"]
    # A header may have kept its first letter as it was written.
    return {key: value for key, value in items.items() if key.lower().startswith("corpus.")}


def test_what_we_read_is_what_the_server_shows_after_a_boot(server, tmp_path):
    whole = [(data, keys) for data, keys in server.shown().values() if data.endswith(b"\n")]
    # Lines without a header would fall into the last table of the file before.
    whole.sort(key=lambda file: len(read(file[0], file="corpus").sections) > 1)

    shown = boot(server, tmp_path, front=b"".join(data for data, _ in whole))

    assert {key: value for _, keys in whole for key, value in keys.items()} == shown


@pytest.mark.parametrize("name", ["last-line-comment", "last-line-header"])
def test_what_ends_without_a_newline_is_shown_after_a_boot(server, tmp_path, name):
    data, keys = server.shown()[name]

    assert keys == boot(server, tmp_path, end=data)


def test_no_file_is_left_out(server):
    names = [name for name, (data, _) in server.shown().items() if not data.endswith(b"\n")]

    assert ["empty", "last-line-comment", "last-line-header"] == names


def start(server, folder, data):
    """Return how a server ends that has nothing but this file; where it can read it, it has nothing to do."""
    (folder / "config.toml").write_bytes(data)
    argv = [server.binary, "--config", str(folder / "config.toml")]
    ran = subprocess.run(argv, capture_output=True, cwd=folder, timeout=30)
    return ran.returncode, b"Invalid configuration file" in ran.stdout + ran.stderr


def test_what_the_server_refuses_we_refuse(server, tmp_path):
    stricter = server.files("server")
    refused = {name: data for name, (data, _) in server.files("refused").items() if name not in stricter}

    assert dict.fromkeys(refused, (1, True)) == {
        name: start(server, tmp_path, data) for name, data in refused.items()
    }


def test_where_we_are_stricter_the_server_reads_the_file(server, tmp_path):
    stricter = {name: data for name, (data, _) in server.files("server").items()}

    assert dict.fromkeys(stricter, (0, False)) == {
        name: start(server, tmp_path, data) for name, data in stricter.items()
    }
