"""What a machine tells by itself, as defaults for the questions of `init`.  Reads only, and asks nobody outside.

Running containers by `docker ps`, listening ports by /proc, zone files by their SOA.  What cannot be
read is no answer: a person is asked anyway.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import MailstackError

# Where name servers and people keep zone files: Debian, Red Hat, containers, and here.
FOLDERS = (
    *(".", "zones", "/var/lib/bind", "/etc/bind", "/etc/bind/zones", "/var/cache/bind"),
    *("/var/named", "/srv/bind", "/etc/nsd", "/etc/knot"),
)
# What every Debian has in /etc/bind.
_NOT_MINE = frozenset({"db.local", "db.127", "db.0", "db.255", "db.empty", "db.root"})
_PATTERNS = ("db.*", "*.zone", "*.db")
_SIZE_MAX = 4 << 20  # bytes: what somebody keeps by hand is smaller
_SECONDS = 10
_PORTS = (8080, 443, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A running container; ports maps those inside to those of this machine."""

    name: str
    image: str
    ports: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFound:
    """A zone file with what its records say of a mail server.  path is absolute, names are without a dot."""

    path: str
    zone: str
    hostname: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The defaults; what is not known is empty."""

    url: str = ""
    restart: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    zones: tuple[ZoneFound, ...] = ()
    account: str = ""


def look(environ: Mapping[str, str], folders: Iterable[str] = FOLDERS) -> Found:
    """Return what this machine tells."""
    program = next((name for name in ("docker", "podman") if shutil.which(name)), "")
    containers = list(running(program)) if program else []
    server = next((c for c in containers if "stalwart" in c.image), None)
    bind = next((c for c in containers if "bind" in c.image or "named" in c.image), None)
    reload: tuple[str, ...] = ("rndc", "reload", "{zone}") if shutil.which("rndc") else ()
    if bind is not None:
        reload = (program, "exec", bind.name, "rndc", "reload", "{zone}")
    mounted = mounts(program, bind.name) if bind is not None else ()
    user = environ.get("SUDO_USER") or environ.get("USER") or ""
    return Found(
        url=_url(server, listening()),
        restart=(program, "restart", server.name) if server is not None else (),
        reload=reload,
        zones=tuple(zones((*mounted, *folders))),
        account="" if user == "root" else user,
    )


def running(program: str) -> Iterator[Container]:
    """Yield the containers that run; none where the daemon does not answer."""
    for line in _said([program, "ps", "--format", "{{json .}}"]).splitlines():
        try:
            told = json.loads(line)
            yield Container(
                name=str(told["Names"]).partition(",")[0],
                image=str(told["Image"]).lower(),
                ports=dict(_ports(str(told.get("Ports", "")))),
            )
        except (ValueError, KeyError, TypeError):
            continue


def _ports(text: str) -> Iterator[tuple[int, int]]:
    """Yield (inside, outside) of `0.0.0.0:8080->8080/tcp, [::]:8080->8080/tcp`."""
    for part in text.split(","):
        outside, arrow, inside = part.strip().partition("->")
        port, _, protocol = inside.partition("/")
        host = outside.rpartition(":")[2]
        if arrow and protocol == "tcp" and port.isdigit() and host.isdigit():
            yield int(port), int(host)


def mounts(program: str, name: str) -> tuple[str, ...]:
    """Return the folders of this machine that a container sees."""
    text = _said([program, "inspect", "--type", "container", "--format", "{{json .Mounts}}", name])
    try:
        found = [str(one["Source"]) for one in json.loads(text or "[]") if one.get("Source")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(folder if os.path.isdir(folder) else os.path.dirname(folder) for folder in found)


def _said(argv: Sequence[str]) -> str:
    try:
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout if ran.returncode == 0 else ""


def listening(tables: Iterable[str] = ("/proc/net/tcp", "/proc/net/tcp6")) -> frozenset[int]:
    """Return the TCP ports on which something listens here, as Linux tells; none elsewhere."""
    found = set()
    for table in tables:
        try:
            lines = Path(table).read_text(encoding="ascii", errors="replace").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if len(words) > 3 and words[3] == "0A":  # LISTEN
                found.add(int(words[1].rpartition(":")[2], 16))
    return frozenset(found)


def _url(server: Container | None, ports: frozenset[int]) -> str:
    outside = dict(server.ports) if server is not None else {port: port for port in ports}
    for port in _PORTS:
        if port in outside:
            return f"{'https' if port == 443 else 'http'}://127.0.0.1:{outside[port]}"
    return ""


def zones(folders: Iterable[str]) -> Iterator[ZoneFound]:
    """Yield the zone files in these folders, each zone once."""
    seen: set[str] = set()
    for folder in dict.fromkeys(map(os.path.abspath, folders)):
        for pattern in _PATTERNS:
            for path in sorted(glob.glob(os.path.join(glob.escape(folder), pattern))):
                found = _zone(path)
                if found is not None and found.zone not in seen:
                    seen.add(found.zone)
                    yield found


def _zone(path: str) -> ZoneFound | None:
    from reconciler.backends.dns.zonefile.zone import Zone

    name = os.path.basename(path)
    try:
        if name in _NOT_MINE or os.path.getsize(path) > _SIZE_MAX:
            return None
        data = Path(path).read_bytes()
        if b"SOA" not in data:
            return None
        try:
            zone = Zone.parse(data, name=None, file=path)
        except MailstackError:
            zone = Zone.parse(
                data, name=name.removeprefix("db.").removesuffix(".zone").removesuffix(".db"), file=path
            )
        if (
            zone.problems
            or zone.serial is None
            or "." not in zone.name.rstrip(".")
            or zone.name.endswith(".arpa.")
        ):
            return None
        hosts = [record.value.split()[-1] for record in zone.find(zone.name, "MX")]
        host = hosts[0] if hosts and hosts[0] != "." else f"mail.{zone.name}"
        addresses = [record.value for rrtype in ("A", "AAAA") for record in zone.find(host, rrtype)]
        is_known = bool(hosts or addresses)
        return ZoneFound(
            path=path,
            zone=zone.name.rstrip("."),
            hostname=host.rstrip(".") if is_known else "",
            addresses=tuple(addresses),
        )
    except (OSError, ValueError, MailstackError):
        return None
