"""What in a stack decides where a login goes and what is run: url, credentials, commands, `via`.

Whoever may write these lines may run programs where mailstack runs, or have the administrator's
password sent to a server of his own.  So they can be kept elsewhere (`connections`), and a pull
request that changes them is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.tree import Node, Path

_OF_DNS = ("reload", "via")


def reach(root: Node) -> Iterator[tuple[Path, Node]]:
    """Yield path and text of everything in a stack's tree that reaches out.  What is malformed is left out."""
    if not isinstance(root, dict):
        return
    if "stalwart" in root:
        server = root["stalwart"]
        if isinstance(server, dict) and server:
            yield from ((("stalwart", key), node) for key, node in server.items())
        else:
            yield ("stalwart",), server
    yield from _commands(root.get("settings"), ("settings",))
    yield from _of_body(root, ())
    yield from _of_body(root.get("defaults"), ("defaults",))
    domains = root.get("domains")
    for name, body in domains.items() if isinstance(domains, dict) else ():
        yield from _of_body(body, ("domains", name))


def _of_body(body: Node | None, at: Path) -> Iterator[tuple[Path, Node]]:
    if not isinstance(body, dict):
        return
    dns = body.get("dns")
    if isinstance(dns, dict):
        yield from (((*at, "dns", key), dns[key]) for key in _OF_DNS if key in dns)
    accounts = body.get("accounts")
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        if isinstance(account, dict):
            yield from _commands(account, (*at, "accounts", name))


def _commands(holder: Node | None, at: Path) -> Iterator[tuple[Path, Node]]:
    """Yield the commands that print secrets: those of a mapping's values."""
    for key, secret in holder.items() if isinstance(holder, dict) else ():
        if isinstance(secret, dict) and "command" in secret:
            yield (*at, key, "command"), secret["command"]
