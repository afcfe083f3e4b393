"""Rules about the mail server's own settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds import hostname, setting
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.lint.config_text import ConfigText
from reconciler.lint.networks import is_public
from reconciler.lint.refused import by_loader
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

# Whole private ranges (RFC 1918 §3, RFC 6598): every container, neighbour and guest is in them.
_WHOLE_RANGES: Final = frozenset(
    {"100.64.0.0/10", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fd00::/8"}
)
_PUBLIC_ERROR4, _PUBLIC_ERROR6 = 16, 32
_PUBLIC_WIDE4, _PUBLIC_WIDE6 = 22, 44
_MACRO: Final = re.compile(r"%\{(?:env|file|cfg):[^}]*\}%")
_SHELL: Final = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?")


def front_banned(scene: Scene) -> Iterator[Found]:
    """STW-04: The server has not banned its own front.

    Severity: error
    Looks at: server

    None of the allowed addresses, and none of the hostname's, is on the server's list of banned ones.

    Why: All mail and all logins that come through the proxy or tunnel are refused, for everybody. An
    allowed address does not override a ban.

    Fix: `mailstack apply` lifts the ban.

    Source: Stalwart 0.11 to 0.15, `is_ip_blocked` in listener/blocked.rs
    """
    allowed = {address.name for address in scene.resources if address.kind == AllowedIp.KIND}
    for ban in scene.of_kind(Ban.KIND):
        name = ban.address.name
        if name in allowed or name in scene.egress:
            yield Found(
                text=f"the server has banned {name}, its own front: nothing gets through there",
                fix="mailstack apply lifts the ban",
                name=name,
            )


def front_allowed(scene: Scene) -> Iterator[Found]:
    """STW-05: The front's address can never be banned.

    Severity: hint
    Looks at: stack, resources

    The addresses of the hostname are among `allowed_ips`. Where mail comes through a proxy or tunnel, so is
    that one's address, as the server sees it.

    Why: Somebody who guesses passwords through the front gets the front banned, and with it everybody.

    Fix: `allowed_ips: [203.0.113.10]`

    Source: Stalwart 0.11 to 0.15 bans the address of the connection, which is the proxy's
    """
    if scene.stack is None or scene.stack.stalwart is None:
        return
    networks = [
        ipaddress.ip_network(address.name) for address in scene.resources if address.kind == AllowedIp.KIND
    ]
    for text in scene.egress:
        address = ipaddress.ip_address(text)
        if not any(address.version == n.version and address in n for n in networks):
            yield Found(
                text=f"{text}, an address of the hostname, is not among allowed_ips: it may get banned",
                fix=f"allowed_ips: [{text}]",
                name=text,
                where=scene.place(hostname.ADDRESS),
            )


def allowed_too_wide(scene: Scene) -> Iterator[Found]:
    """STW-06: What is never banned is small.

    Severity: error
    Looks at: resources

    Allowed networks are those of the proxy, the tunnel and the own people. A network with its host bits set,
    or wider than /8, is refused; a public one of /16 or wider is an error, and a wide one or a whole private
    range is a warning.

    Why: Whoever comes from an allowed network may guess passwords without end.

    Fix: Name the proxy's own address or its small network.

    Source: Stalwart 0.11 to 0.15, crates/utils/src/config/ipmask.rs
    """
    yield from by_loader(scene, "STW-06")
    for allowed in scene.of_kind(AllowedIp.KIND):
        name = allowed.address.name
        network = ipaddress.ip_network(name)
        limit, usual = (
            (_PUBLIC_ERROR4, _PUBLIC_WIDE4) if network.version == 4 else (_PUBLIC_ERROR6, _PUBLIC_WIDE6)
        )
        if not is_public(network):
            if name not in _WHOLE_RANGES:
                continue
            text = f"{name} is a whole private range: no container, neighbour or guest in it is ever banned"
            severity = "warning"
        elif network.prefixlen < usual:
            text = f"{name} holds {network.num_addresses} addresses of the internet, and none of them is ever banned"
            severity = "error" if network.prefixlen <= limit else "warning"
        else:
            continue
        yield Found(
            text=text,
            fix="name the address of the proxy, or its small network",
            name=name,
            where=scene.place(allowed.address),
            severity=severity,
        )


def shell_variable(scene: Scene) -> Iterator[Found]:
    """STW-09: Settings hold no variables of a shell.

    Severity: error
    Looks at: settings

    Stalwart puts in environment variables as `%{env:NAME}%`. `${NAME}` and `$NAME` are plain text to it. So is
    `%{env:NAME}%` outside of config.toml, which is a warning where that file was read.

    Why: The server then uses the very text, as a password or a path, and what depends on it fails.

    Fix: `%{env:NAME}%`, or `{env: NAME}` in the stack.

    Source: Stalwart 0.11 to 0.15, crates/utils/src/config/parser.rs (macros)
    """
    config = scene.config
    for key, value, where in scene.settings:
        found = _SHELL.fullmatch(value.strip())
        if found and setting.holds_secret(key):
            # It may be a password that begins so.
            text = f"the setting {key} looks like a variable of a shell, which Stalwart does not replace"
            fix, severity = "%{env:NAME}%", "warning"
        elif found:
            text = f"the setting {key} is the text {found[0]}, which Stalwart does not replace"
            fix, severity = f"%{{env:{found[0].strip('${}')}}}%", ""
        elif config and _is_in_database(key, config) and (macro := _MACRO.search(value)):
            text = f"the setting {key} is kept in the database, where Stalwart does not replace {macro[0]}"
            fix, severity = "{env: NAME}, or set it in config.toml", "warning"
        else:
            continue
        yield Found(text=text, fix=fix, name=key, where=where, severity=severity)


def _is_in_database(key: str, config: ConfigText) -> bool:
    return key not in config.values and not config.is_local(key)


RULES: Final[tuple[Check, ...]] = (front_banned, front_allowed, allowed_too_wide, shell_variable)
