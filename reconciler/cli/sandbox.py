"""`mailstack sandbox`: a stand-in Stalwart on loopback, from memory, and a small name server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import click

from reconciler.errors import InputError, Problem, WriteError

_PORT = click.IntRange(0, 65535)


@click.command("sandbox", short_help="Run a stand-in Stalwart on loopback.")
@click.option(
    "--version",
    "server_version",
    type=click.Choice(["0.11.8", "0.12.2", "0.13.4", "0.15.5"]),
    default="0.15.5",
    show_default=True,
)
@click.option("--port", type=_PORT, default=8080, show_default=True, help="0 takes a free one.")
@click.option("--seed", metavar="FILE", help="JSON with domains, principals and settings to begin with.")
@click.option(
    "--no-dns", is_flag=True, help="As a server without name resolution: no reload applies anything."
)
@click.option("--zone", metavar="NAME=FILE", help="Serve this zone file too.")
@click.option("--dns-port", type=_PORT, default=5300, show_default=True, help="Where the zone is served.")
@click.option("--reload", is_flag=True, help="Make a sandbox that runs read its zone file again, and end.")
def command(
    server_version: str,
    port: int,
    seed: str | None,
    no_dns: bool,
    zone: str | None,
    dns_port: int,
    reload: bool,
) -> int:
    """Run a stand-in Stalwart that speaks its management interface.  Nothing is kept; Ctrl-C ends it.

    With --zone it serves a zone file as well, so that a whole round can be tried without root.

    \b
    Examples:
      mailstack sandbox                        admin, admin-pw, http://127.0.0.1:8080
      mailstack sandbox --version 0.12.2 --port 0
      mailstack sandbox --zone example.org=db.example.org
      mailstack sandbox --reload --zone example.org       what dns.reload then says
    """
    if reload:
        _reload(zone or "", dns_port)
        return 0
    from reconciler.sandbox.sandbox import Sandbox, serve

    server = Sandbox(version=server_version, port=port, seed=seed, resolves=not no_dns)
    with _port(port):
        server.start()
    try:
        click.echo(f"Stalwart {server_version} (a stand-in) on {server.url}, login admin, password admin-pw")
        with _name_server(zone, dns_port):
            serve(server, lambda text: click.echo(text, err=True))
    finally:
        server.stop()
    return 0


@contextlib.contextmanager
def _name_server(zone: str | None, port: int) -> Iterator[None]:
    """Serve a zone file, if one is named, while the block lasts."""
    if zone is None:
        yield
        return
    name, _, file = zone.partition("=")
    if not name or not Path(file).is_file():
        raise InputError(
            Problem(
                summary="--zone names no file",
                detail="Write the zone and its file, such as --zone example.org=db.example.org.",
                rule="usage",
            )
        )
    from reconciler.sandbox.nameserver import NameServer

    with _port(port):
        server = NameServer(name, file, port, lambda text: click.echo(text, err=True))
    server.start()
    click.echo(f"Zone {name} on 127.0.0.1:{server.port}, from {file}")
    try:
        yield
    finally:
        server.stop()


@contextlib.contextmanager
def _port(port: int) -> Iterator[None]:
    """Say in words that a port is not to be had."""
    try:
        yield
    except OSError as error:
        raise InputError(
            Problem(
                summary=f"the port {port} of 127.0.0.1 cannot be used",
                detail=f"The system says: {os.strerror(error.errno or 0)}. Take another one; 0 takes one that is free.",
                rule="port",
            )
        ) from error


def _reload(zone: str, port: int) -> None:
    from reconciler.sandbox.nameserver import load_again

    name = zone.partition("=")[0]
    if not load_again(name, port):
        raise WriteError(
            Problem(
                summary=f"the zone {name} was not loaded",
                detail=f"Does a sandbox serve it on port {port}? It tells on its own terminal what it cannot read.",
                rule="not-loaded",
            )
        )
    click.echo(f"zone {name} loaded")
