"""`mailstack sandbox`: a stand-in Stalwart on loopback, from memory."""

from __future__ import annotations

import click


@click.command("sandbox", short_help="Run a stand-in Stalwart on loopback.")
@click.option(
    "--version",
    "server_version",
    type=click.Choice(["0.11.8", "0.12.2", "0.13.4", "0.15.5"]),
    default="0.15.5",
    show_default=True,
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one."
)
@click.option("--seed", metavar="FILE", help="JSON with domains, principals and settings to begin with.")
@click.option(
    "--no-dns", is_flag=True, help="As a server without name resolution: no reload applies anything."
)
def command(server_version: str, port: int, seed: str | None, no_dns: bool) -> int:
    """Run a stand-in Stalwart that speaks its management interface.  Nothing is kept; Ctrl-C ends it.

    \b
    Examples:
      mailstack sandbox                        admin, admin-pw, http://127.0.0.1:8080
      mailstack sandbox --version 0.12.2 --port 0
    """
    from reconciler.sandbox.sandbox import Sandbox, serve

    server = Sandbox(version=server_version, port=port, seed=seed, resolves=not no_dns)
    server.start()
    click.echo(f"Stalwart {server_version} (a stand-in) on {server.url}, login admin, password admin-pw")
    serve(server, lambda text: click.echo(text, err=True))
    return 0
