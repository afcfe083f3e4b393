"""Rules about the ports on which the server listens, as its config.toml says."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from reconciler.kinds.record import absolute
from reconciler.lint.client import services
from reconciler.lint.config_text import Listener, listeners
from reconciler.lint.lines import bare
from reconciler.lint.networks import Network, is_public
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene
from reconciler.mail import srv

# What listeners call the services.  Web services are not among them: a proxy often stands in front of those.
_PROTOCOLS: Final = {
    "submissions": "smtp",
    "submission": "smtp",
    "imaps": "imap",
    "imap": "imap",
    "pop3s": "pop3",
    "pop3": "pop3",
    "sieve": "managesieve",
}
_TLS: Final = {service.name: service.tls for service in srv.SERVICES}
_TRUSTED: Final = re.compile(r"server\.(?:listener\.[^.]+\.)?proxy\.trusted-networks(?:\.|\Z)")

# Wider than this, nobody owns all of a network of the internet.
_WIDEST: Final = {4: 16, 6: 32}


def advertised(scene: Scene) -> Iterator[Found]:
    """SRV-01: What SRV records name is there.

    Severity: warning
    Looks at: records, config file, hostname

    For each SRV record of mail programs that points to the hostname, config.toml has a listener on that
    port, with that protocol, and with TLS from the first octet where the service says so. Web services
    (jmap, caldavs, carddavs) are not judged: a proxy in front often answers for them.

    Why: Mail programs that set themselves up find a closed port, and their people think that the server is
    down.

    Fix: Change the port of the record, or add the listener. Where something in front maps the port, ignore
    the finding and say so.

    Source: RFC 6186 §3.4, RFC 8314 §5.1
    """
    if scene.config is None or scene.hostname is None:
        return
    all_of = tuple(listeners(scene.config))
    if not all_of or any(listener.ports is None for listener in all_of):
        return
    for line, service, record in services(scene):
        if line.target != absolute(scene.hostname) or service not in _PROTOCOLS:
            continue
        wrong = _wrong(service, record.port, all_of)
        if wrong:
            yield Found(
                text=f"{bare(line.owner)} names port {record.port} of {scene.hostname}, and in config.toml {wrong}",
                fix=_instead(line.owner, service, all_of, scene.hostname),
                name=bare(line.owner),
                where=line.where,
            )


def _wrong(service: str, port: int, all_of: tuple[Listener, ...]) -> str:
    there = [listener for listener in all_of if port in (listener.ports or ())]
    if not there:
        return "nothing listens there"
    listener = there[0]
    if listener.protocol != _PROTOCOLS[service]:
        return f"that is the listener {listener.id}, which speaks {listener.protocol}"
    if listener.is_tls != _TLS[service]:
        begins = "with TLS" if listener.is_tls else "in clear text"
        return f"that is the listener {listener.id}, which begins {begins}"
    return ""


def _instead(owner: str, service: str, all_of: tuple[Listener, ...], host: str) -> str:
    """Return the record with the port that would fit, or the one that says "not offered"."""
    fitting = [
        port
        for listener in all_of
        if (listener.protocol, listener.is_tls) == (_PROTOCOLS[service], _TLS[service])
        for port in sorted(listener.ports or ())
    ]
    return f"{owner} IN SRV 0 1 {fitting[0]} {host}." if fitting else f"{owner} IN SRV 0 0 0 ."


def trusted_networks(scene: Scene) -> Iterator[Found]:
    """STW-14: Only the proxy's own network may say who the client is.

    Severity: warning
    Looks at: settings

    The networks under `proxy.trusted-networks`, of one listener or of all, are those of the proxy or tunnel.
    From there the server expects a PROXY header and believes it; a connection without one is closed. Whether
    the proxy does send one is not known offline.

    Why: From half the internet anybody names any client address that he likes: bans, limits, SPF and the logs
    go by what he says. And whoever connects directly from there is turned away.

    Fix: `proxy.trusted-networks = ["192.168.128.2"]`

    Source: Stalwart 0.11 to 0.15, crates/common/src/listener/listen.rs; PROXY protocol §4
    """
    for key, value, where in scene.settings:
        found = _TRUSTED.match(key)
        network = _network(value) if found else None
        if network is None or not is_public(network) or network.prefixlen >= _WIDEST[network.version]:
            continue
        yield Found(
            text=f"{key} trusts {network}: from there anybody may claim any address, and who connects directly is turned away",
            fix="name the address of the proxy",
            name=key,
            where=where,
        )


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


RULES: Final[tuple[Check, ...]] = (advertised, trusted_networks)
