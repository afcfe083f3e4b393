"""More than one name server: each must serve the change, and each must be able to take it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

import named
import pytest

API = ("api", "A", "203.0.113.30")
COPY = "$TTL 1h\n@ SOA ns1 h 2099010100 1 1 4w 1h\n@ NS ns1\nns1 A 203.0.113.2\nwww A 203.0.113.20\n"


@pytest.fixture
def copy(site, tmp_path):
    """A secondary of the site, which has a copy with a much higher serial."""
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "copy").write_text(COPY)
    zone = named.secondary("example.org", site.named).replace(
        "type secondary;", "type secondary; masterfile-format text;"
    )
    with named.running(folder, [zone]) as server:
        yield server


def test_the_new_serial_is_greater_than_that_of_a_secondary_that_is_ahead(site, copy):
    assert copy.dig("example.org", "SOA")[0].split()[2] == "2099010100"
    site.records(
        API,
        servers=[site.named.server, copy.server],
        reload=[
            "sh",
            "-c",
            f"{' '.join(site.named.rndc)} reload $0; {' '.join(copy.rndc)} refresh $0",
            "{zone}",
        ],
    )

    ended = site.apply()
    assert ended.code == 0
    assert "Zone example.org has the serial 2099010101, before 2026010101." in ended.out
    assert copy.dig("api.example.org", "A") == ["203.0.113.30"]
    assert site.plan("--detailed-exitcode").code == 0


def test_one_server_that_does_not_follow_is_enough_to_go_back(site, copy):
    site.records(API, servers=[site.named.server, copy.server], timeout="1s")
    before = site.text

    ended = site.apply()
    assert ended.code == 1
    assert f"127.0.0.1 port {copy.port} should serve api.example.org." in ended.out
    assert f"127.0.0.1 port {site.named.port} should serve" not in ended.out
    # The records are the old ones; the serial is above the one that was served in between.
    gone, new = site.difference(before)
    assert [len(gone), len(new), "; serial" in new[0]] == [1, 1, True]
    assert site.named.dig("api.example.org", "A") == []


def test_a_server_that_answers_over_tcp_only_proves_too(site):
    with tcp_only(site.named.port) as port:
        site.records(API, ("two", "A", "203.0.113.31"), servers=[f"127.0.0.1:{port}"])

        assert site.apply().code == 0


@contextlib.contextmanager
def tcp_only(target: int):
    """Listen on a port that has no UDP, and hand each question over TCP on to another port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_hand_on, args=(listener, target), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _hand_on(listener: socket.socket, target: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client, socket.create_connection(("127.0.0.1", target)) as server:
            server.sendall(_message(client))
            client.sendall(_message(server))


def _message(stream: socket.socket) -> bytes:
    """Read one message with its length (RFC 1035 §4.2.2)."""
    with stream.makefile("rb") as file:
        head = file.read(2)
        return head + file.read(*struct.unpack("!H", head))
