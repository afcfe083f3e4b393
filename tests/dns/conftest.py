"""A hand-kept zone, a real BIND that serves it, a stand-in mail server, and a stack for both."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import cli
import named
from zone_site import Site

from reconciler.sandbox import Sandbox

ZONE = """\
; example.org, kept by hand since 2009
$TTL 1h
@       IN SOA  ns1 hostmaster (
                2026010101 ; serial
                1d 2h 4w 1h )
        IN NS   ns1
ns1     IN A    203.0.113.2

; the web
www     IN A    203.0.113.20   ; the old server, keep!
shop    IN CNAME www
"""


@pytest.fixture
def mail_server() -> Iterator[Sandbox]:
    """A stand-in server that has the domain."""
    with cli.sandbox(seed={"domains": ["example.org"]}) as server:
        yield server


@pytest.fixture
def unserved(tmp_path, mail_server) -> Site:
    """A zone file, and nobody who serves it."""
    zonefile = tmp_path / "zones" / "db.example.org"
    zonefile.parent.mkdir()
    zonefile.write_text(ZONE)
    return Site(cli.Project(tmp_path, mail_server.url, mail_server), zonefile)


@pytest.fixture
def site(unserved, tmp_path) -> Iterator[Site]:
    """The zone file, served by a real BIND."""
    zone = named.primary("example.org", unserved.zonefile)
    with named.running(tmp_path / "named", [zone]) as server:
        unserved.named = server
        yield unserved


@pytest.fixture
def served(unserved, tmp_path):
    """Return what serves the zone file with other options: served("dnssec-policy default;") is a context."""

    @contextlib.contextmanager
    def serve(*options: str) -> Iterator[Site]:
        zone = named.primary("example.org", unserved.zonefile, *options)
        with named.running(tmp_path / "named", [zone]) as server:
            unserved.named = server
            yield unserved

    return serve
