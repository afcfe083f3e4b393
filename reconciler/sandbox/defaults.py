"""What a new server has: the config.toml of the quick start, and the settings of the first boot."""

from __future__ import annotations

import json
from typing import Final

from reconciler.sandbox.versions import Version

# As `stalwart --init` writes it, with the paths of the container (crates/common/src/manager/boot.rs:580).
_LISTENERS: Final = (
    ("smtp", "smtp", 25, False),
    ("submission", "smtp", 587, False),
    ("submissions", "smtp", 465, True),
    ("imap", "imap", 143, False),
    ("imaptls", "imap", 993, True),
    ("pop3", "pop3", 110, False),
    ("pop3s", "pop3", 995, True),
    ("sieve", "managesieve", 4190, False),
    ("https", "http", 443, True),
    ("http", "http", 8080, False),
)
_LIMITS: Final = {
    "queue.quota.size.messages": "100000",
    "queue.quota.size.size": "10737418240",
    "queue.quota.size.enable": "true",
    "queue.limiter.inbound.ip.key": "remote_ip",
    "queue.limiter.inbound.ip.rate": "5/1s",
    "queue.limiter.inbound.ip.enable": "true",
    "queue.limiter.inbound.sender.key.0": "sender_domain",
    "queue.limiter.inbound.sender.key.1": "rcpt",
    "queue.limiter.inbound.sender.rate": "25/1h",
    "queue.limiter.inbound.sender.enable": "true",
    "report.analysis.addresses": "postmaster@*",
}
_ROUTES: Final = {
    "queue.tls.invalid-tls.allow-invalid-certs": "true",
    "queue.tls.invalid-tls.description": "Allow invalid TLS certificates",
    "queue.tls.default.allow-invalid-certs": "false",
    "queue.tls.default.description": "Default TLS settings",
    "queue.route.local.type": "local",
    "queue.route.local.description": "Local delivery route",
    "queue.route.mx.type": "mx",
    "queue.route.mx.limits.multihomed": "2",
    "queue.route.mx.limits.mx": "5",
    "queue.route.mx.ip-lookup": "ipv4_then_ipv6",
    "queue.route.mx.description": "MX delivery route",
    "queue.connection.default.timeout.connect": "5m",
    "queue.connection.default.description": "Default connection settings",
}
# Name, what it is for, threads, retries, when the sender is told, when it is given up.
_QUEUES: Final = (
    ("local", "Local", "25", "2m 5m 10m 15m 30m 1h 2h", "1d 3d", ("ttl", "expire", "3d")),
    ("remote", "Remote", "50", "2m 5m 10m 15m 30m 1h 2h", "1d 3d", ("ttl", "expire", "3d")),
    ("dsn", "Delivery Status Notification", "5", "15m 30m 1h 2h", "", ("attempts", "max-attempts", "10")),
    ("report", "DMARC and TLS report", "5", "30m 1h 2h", "", ("attempts", "max-attempts", "8")),
)
_SERVER_MADE: Final = {"oauth.key": "made-by-the-sandbox", "version.spam-filter": "2.0.5"}


def config_toml(admin: str, password: str) -> str:
    """Return the text of a new server's config.toml."""
    tables = {
        "storage": {"data": "db", "fts": "db", "blob": "db", "lookup": "db", "directory": "internal"},
        "store.db": {"type": "rocksdb", "path": "/opt/stalwart/data"},
        "directory.internal": {"type": "internal", "store": "db"},
        "tracer.log": {"type": "log", "level": "info", "path": "/opt/stalwart/logs"},
        "authentication.fallback-admin": {"user": admin, "secret": password},
    }
    listeners = [_listener(*listener) for listener in _LISTENERS]
    return "\n".join([*listeners, *(_table(name, values) for name, values in tables.items())])


def _listener(name: str, protocol: str, port: int, tls: bool) -> str:
    table = _table(f"server.listener.{name}", {"protocol": protocol})
    return f'{table}bind = ["[::]:{port}"]\n' + ("tls.implicit = true\n" if tls else "")


def _table(name: str, values: dict[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def first_boot(version: Version) -> dict[str, str]:
    """Return the database keys that the server writes by itself."""
    if not version.has_queue_routes:
        return _SERVER_MADE | _LIMITS
    return _SERVER_MADE | _LIMITS | _ROUTES | _queues()


def _queues() -> dict[str, str]:
    keys = {}
    for name, purpose, threads, retries, notices, (expiry, limit, amount) in _QUEUES:
        keys[f"queue.virtual.{name}.threads-per-node"] = threads
        keys[f"queue.virtual.{name}.description"] = f"{purpose} delivery queue"
        schedule = f"queue.schedule.{name}"
        keys[f"{schedule}.queue-name"] = name
        keys[f"{schedule}.description"] = f"{purpose} delivery schedule"
        keys[f"{schedule}.expire-type"] = expiry
        keys[f"{schedule}.{limit}"] = amount
        keys |= {f"{schedule}.retry.{number}": wait for number, wait in enumerate(retries.split())}
        keys |= {f"{schedule}.notify.{number}": wait for number, wait in enumerate(notices.split())}
    return keys
