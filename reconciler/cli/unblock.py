"""`mailstack unblock`: lift bans on the evening when nothing works."""

from __future__ import annotations

import click

from reconciler.cli import options


@click.command("unblock", short_help="Lift bans of the mail server, at once.")
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1)
@options.stack_file
@options.connections
@click.option("--debug", is_flag=True, help="Tell each request on stderr: never a body, never a secret.")
@click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for an apply to end.  [default: 0]",
)
def command(
    addresses: tuple[str, ...], file: str | None, connections: str | None, debug: bool, lock_timeout: float
) -> int:
    """Lift the bans of exactly these addresses or networks.

    Without one: those of the stack's own, which are its allowed_ips and the addresses of its hostname.
    It works from where the server sees an address that is not banned.  Loopback never is: run it on
    the server's own host, or name that host in `via:`.

    \b
    Examples:
      mailstack unblock                      what the stack itself declares
      mailstack unblock 203.0.113.10         one address
      mailstack unblock 198.51.100.0/24      a network that is blocked as such
    """
    from reconciler.backends.stalwart.connect import connect
    from reconciler.backends.stalwart.rest.unblock import unblock
    from reconciler.cli.session import server
    from reconciler.cli.signals import stoppable
    from reconciler.report import DONE, IN_PART

    asked = _networks(addresses)
    with stoppable(), server(options.find_file(file), connections=connections, debug=debug) as (loaded, wire):
        stack = loaded.stack
        own = (*stack.allowed_ips, *(a for domain in stack.domains.values() for a in domain.dns.addresses))
        traits = connect(wire)
        told = unblock(wire, asked or tuple(dict.fromkeys(own)), lock_timeout=lock_timeout)
    for network in told.lifted:
        click.echo(f"lifted      {network}")
    for network in told.absent if asked else ():
        around = told.around.get(network)
        inside = f", but is inside the blocked network {around}: mailstack unblock {around}" if around else ""
        click.echo(f"not blocked {network}{inside}")
    if not asked and not (told.lifted or told.stayed):
        click.echo("None of the stack's own addresses is blocked.")
    for line in told.trouble:
        click.echo(line, err=True)
    if advice := _advice(told.lifted, stack.allowed_ips, told.allowed, traits.version):
        click.echo("\n" + advice)
    return IN_PART if told.stayed else DONE


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    from reconciler.config.faults import UnfitError
    from reconciler.config.normal.network import network

    found = []
    for text in texts:
        try:
            found.append(network(text))
        except UnfitError as error:
            summary, detail, _ = error.told
            raise click.UsageError(f"{text}: {summary}. {detail}") from None
    return tuple(dict.fromkeys(found))


def _advice(lifted: tuple[str, ...], declared: tuple[str, ...], allowed: frozenset[str], version: str) -> str:
    """Say what keeps the ban from coming back."""
    unnamed = [network for network in lifted if network not in declared]
    pending = [network for network in lifted if network in declared and network not in allowed]
    if not unnamed and not pending:
        return ""
    lines = [
        f"It may be banned again: Stalwart {version} spares only what it allows. (To allow an address does not lift",
        "a ban: the server asks the block list first, and what stands there is refused, allowed or not.)",
    ]
    if unnamed:
        lines += [
            "If it is yours, write in the stack, and apply:",
            "",
            f"    allowed_ips: [{', '.join(unnamed)}]",
        ]
    if pending:
        lines += [
            f"The stack allows {', '.join(pending)}, the server does not yet:",
            "",
            "    mailstack apply",
        ]
    return "\n".join(lines)
