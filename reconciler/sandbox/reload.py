"""What is in force, and /api/reload, which replaces it - or nothing at all, on any error.

A reload builds everything anew from what is stored.  One error in it, whether it is about our
change or not, and the old state stays in force although the answer is 200
(crates/common/src/manager/reload.rs, v0.15.5).  At boot the same errors are only logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.sandbox.addresses import ip_fault
from reconciler.sandbox.answers import quoted
from reconciler.sandbox.macros import expanded
from reconciler.sandbox.settings import Settings

_ALLOWED = "server.allowed-ip."
_BLOCKED = "server.blocked-ip."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadError:
    """One error, as it stands under its key in the answer; kind is parse, build or macro."""

    key: str
    kind: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """What only a reload without errors changes."""

    hostname: str
    fallback_admin: tuple[str, str] | None
    allowed_ips: frozenset[str]
    blocked_networks: frozenset[str]
    logs: bool
    sts_policy: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a server has from its machine rather than from its settings."""

    hostname: str  # of the operating system
    resolves: bool  # names on the internet can be looked up
    admin: tuple[str, str]  # the fallback administrator where config.toml names none


def merged(settings: Settings) -> tuple[dict[str, str], list[ReloadError]]:
    """Return what a reload reads: config.toml with its macros resolved over the database."""
    local, failed = expanded(settings.local)
    errors = [ReloadError(key=key, kind="macro", error=error) for key, error in failed.items()]
    return settings.listed("") | local, errors


def active(keys: Mapping[str, str], surroundings: Surroundings) -> Active:
    """Return what these settings put in force, whatever errors they hold."""
    hostname = keys.get("server.hostname")
    if hostname is None:
        hostname = keys.get("lookup.default.hostname", surroundings.hostname).lower()
    user, secret = (keys.get(f"authentication.fallback-admin.{part}") for part in ("user", "secret"))
    return Active(
        hostname=hostname,
        fallback_admin=surroundings.admin if user is None or secret is None else (user, secret),
        allowed_ips=frozenset(_below(keys, _ALLOWED)),
        blocked_networks=frozenset(ip for ip in _below(keys, _BLOCKED) if "/" in ip),
        logs=any(key.startswith("tracer.") and key.endswith(".type") and keys[key] == "log" for key in keys),
        sts_policy=tuple(sorted(keys[key] for key in keys if key.startswith("session.mta-sts.mx"))),
    )


def blocked_addresses(keys: Mapping[str, str]) -> set[str]:
    """Return the single addresses that are blocked; they are kept apart from the rest."""
    return {ip for ip in _below(keys, _BLOCKED) if "/" not in ip and not ip_fault(ip)}


def faults(keys: Mapping[str, str], surroundings: Surroundings) -> Iterator[ReloadError]:
    """Yield what a full reload finds wrong with the settings, as far as the sandbox knows them."""
    for prefix in (_ALLOWED, _BLOCKED):
        yield from ip_faults(keys, prefix)
    yield from _pyzor_faults(keys, surroundings)
    yield from _acme_faults(keys)
    yield from _limiter_faults(keys)
    yield from _certificate_faults(keys)


def ip_faults(keys: Mapping[str, str], prefix: str = _BLOCKED) -> Iterator[ReloadError]:
    """Yield the malformed addresses; in an answer they share one key, so the last one shows."""
    for ip in _below(keys, prefix):
        if fault := ip_fault(ip):
            yield ReloadError(key=prefix.removesuffix("."), kind="parse", error=fault)


def _below(keys: Mapping[str, str], prefix: str) -> list[str]:
    return sorted(key.removeprefix(prefix) for key in keys if key.startswith(prefix))


def _pyzor_faults(keys: Mapping[str, str], surroundings: Surroundings) -> Iterator[ReloadError]:
    enable = keys.get("spam-filter.pyzor.enable", "true")
    if enable not in ("true", "false"):
        error = f"Invalid boolean value {quoted(enable)}."
        yield ReloadError(key="spam-filter.pyzor.enable", kind="parse", error=error)
    if enable != "false" and not surroundings.resolves:
        yield ReloadError(
            key="spam-filter.pyzor.host",
            kind="build",
            error="Invalid address: failed to lookup address information: Name or service not known",
        )


def _acme_faults(keys: Mapping[str, str]) -> Iterator[ReloadError]:
    for key in keys:
        if not key.startswith("acme.") or not key.endswith(".directory"):
            continue
        provider = key.removesuffix(".directory")
        contacts = [
            value
            for name, value in keys.items()
            if name == f"{provider}.contact" or name.startswith(f"{provider}.contact.")
        ]
        if not keys[key].strip():
            yield _missing(key)
        elif not any(contact.strip() for contact in contacts):
            yield _missing(f"{provider}.contact")
        elif keys.get(f"{provider}.challenge", "tls-alpn-01") not in ("tls-alpn-01", "http-01", "dns-01"):
            yield ReloadError(key=f"{provider}.challenge", kind="parse", error="Invalid challenge type")


def _limiter_faults(keys: Mapping[str, str]) -> Iterator[ReloadError]:
    """A limiter exists when any of its keys does, and then needs a rate."""
    for side in ("queue.limiter.inbound.", "queue.limiter.outbound."):
        for name in dict.fromkeys(rest.partition(".")[0] for rest in _below(keys, side)):
            limiter = f"{side}{name}"
            if keys.get(f"{limiter}.enable") != "false" and f"{limiter}.rate" not in keys:
                yield _missing(f"{limiter}.rate")


def _certificate_faults(keys: Mapping[str, str]) -> Iterator[ReloadError]:
    for key in keys:
        if not key.startswith("certificate.") or not key.endswith(".cert"):
            continue
        name = key.removesuffix(".cert")
        if f"{name}.private-key" not in keys:
            yield _missing(f"{name}.private-key")
        elif "-----BEGIN CERTIFICATE-----" not in keys[key]:
            yield ReloadError(key=name, kind="build", error="No certificates found.")


def _missing(key: str) -> ReloadError:
    return ReloadError(key=key, kind="parse", error="Missing property")


def shown(errors: list[ReloadError]) -> dict[str, object]:
    """Return the data of the answer.  Of several errors under one key the last one shows."""
    return {"warnings": {}, "errors": {e.key: {"type": e.kind, "error": e.error} for e in errors}}
