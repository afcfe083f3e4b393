"""IP addresses, name servers, URLs and machines in their one form; UnfitError where they are none."""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias
from urllib.parse import urlsplit

from reconciler.config.dns import NameServer, Ssh
from reconciler.config.faults import UnfitError
from reconciler.config.normal import names

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# Stalwart refuses /0 to /7 and then applies nothing at all (crates/utils/src/config/ipmask.rs, v0.15.5).
PREFIX_MIN = 8

_SSH = re.compile(
    r"ssh://(?:(?P<user>[^@/:\s]+)@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^-@/:\s\[\]][^@/:\s\[\]]*)(?::(?P<port>[0-9]{1,5}))?/?"
)


def network(text: str) -> str:
    """Return an address or a network in canonical text; a network of one address is that address."""
    net = _network(text)
    _not_too_wide(net)
    if net.version == 6 and (mapped := net.network_address.ipv4_mapped):
        detail = f"The server sees such a visitor as {mapped}, so this never matches.  Write {mapped}."
        raise UnfitError("an IPv4 address in IPv6 clothes", detail, "ip")
    return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)


def _network(text: str) -> _Network:
    loose: _Network | None = None
    if "%" not in text:
        try:
            return ipaddress.ip_network(text)
        except ValueError:
            pass
        try:
            loose = ipaddress.ip_network(text, strict=False)
        except ValueError:
            pass
    if loose is None:
        detail = "Write an address such as 203.0.113.10 or a network such as 192.168.128.0/24."
        raise UnfitError("not an IP address", detail, "ip")
    _not_too_wide(loose)
    alone = text.partition("/")[0]
    detail = f"{text} is an address in the network {loose}.  Write {loose} for the network, or {alone} for the one address."
    raise UnfitError("host bits in a network", detail, "ip-host-bits")


def _not_too_wide(net: _Network) -> None:
    if net.prefixlen < PREFIX_MIN:
        detail = f"The server takes /{PREFIX_MIN} at most, and this would trust a good part of the internet."
        raise UnfitError("too wide a network", detail, "ip-too-wide")


def ip(text: str) -> str:
    """Return one address in canonical text."""
    try:
        return str(ipaddress.ip_address("" if "%" in text else text))
    except ValueError:
        pass
    detail = "Write one address such as 203.0.113.10 or 2001:db8::10, without a prefix length."
    raise UnfitError("not an IP address", detail, "ip")


def name_server(text: str) -> NameServer:
    """Return a name server written as an address or a name, with a port or without."""
    try:
        return NameServer(host=ip(text))
    except UnfitError:
        pass
    host, port = _split_port(text)
    if host is None or port is None:
        detail = "Write an address or a name, with a port where it is not 53: 127.0.0.1:5353, [::1]:5353."
        raise UnfitError("not a name server", detail, "name-server")
    try:
        return NameServer(host=ip(host), port=port)
    except UnfitError:
        return NameServer(host=names.host(host), port=port)


def _split_port(text: str) -> tuple[str | None, int | None]:
    found = re.fullmatch(r"(?:\[([^\s\[\]]+)\]|([^\s:\[\]]+))(?::([0-9]{1,5}))?", text)
    if not found:
        return None, None
    port = int(found[3] or 53)
    return found[1] or found[2], port if 0 < port < 65536 else None


def url(text: str) -> str:
    """Return the URL of the server's API: scheme, host and port, without a final slash."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.username is not None or parts.password is not None:
        detail = "A URL never holds a login: write `username:` and `password: {env: NAME}`."
        raise UnfitError("a secret in the file", detail, "secret-in-file")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = "Write scheme, host and port, such as http://127.0.0.1:8080."
        raise UnfitError("not a URL", detail, "url")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        detail = "Write scheme, host and port only: what follows is added by mailstack."
        raise UnfitError("more than a server", detail, "url")
    name = parts.hostname
    if not (name.isascii() and re.fullmatch(r"[a-z0-9._:-]+", name)):
        name = names.host(name)
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def ssh(text: str) -> Ssh:
    """Return a machine written as ssh://user@host:port; user and port may be left to OpenSSH."""
    found = _SSH.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else None
    if not found or port == 0 or (port or 0) > 65535 or (found["user"] or "").startswith("-"):
        detail = (
            "Write ssh://user@host or ssh://user@host:port.  A password has no place here: ssh uses its keys."
        )
        raise UnfitError("not an ssh address", detail, "via")
    return Ssh(host=found["host"].strip("[]"), user=found["user"], port=port)
