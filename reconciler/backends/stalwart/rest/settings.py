"""The server's settings as resources: allowed IPs, bans, hostname, TLS, DKIM keys and single settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping

from reconciler.backends.stalwart.public_key import public_half
from reconciler.backends.stalwart.rest import marks
from reconciler.desired import Desired
from reconciler.kinds import allowed_ip, ban, dkim_key, hostname, setting, tls
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.kinds.tls import Tls
from reconciler.resource import UNSET, Address, Resource, Sealed, digest_of
from reconciler.state import Finding

ALLOWED = "server.allowed-ip."
BLOCKED = "server.blocked-ip."

# Everything that is read by prefix; what the stack names by key comes beside it.
PREFIXES = ("signature", "server.allowed-ip", "server.blocked-ip", "acme", "config.local-keys", marks.PREFIX)

_UNIT_SECONDS = {"": 0.001, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def keys_to_ask(desired: Desired) -> tuple[str, ...]:
    """Return the keys that the stack names, and those that make the hostname."""
    named = {a.name for a in desired.resources if a.kind == "setting"}
    named |= {a.name for a in (*desired.removed, *desired.forgotten) if a.kind == "setting"}
    return (*marks.HOSTNAME_KEYS, "report.domain", *sorted(named))


def resources_of(settings: Mapping[str, str], desired: Desired, effective: str) -> Iterator[Resource]:
    """Yield the resources that the settings are.

    effective is the hostname by which the server goes now; it stands for the stored one where none
    is stored.
    """
    for key in settings:
        if network := network_of(key, ALLOWED):
            yield AllowedIp(address=allowed_ip.address_of(network))
        elif network := network_of(key, BLOCKED):
            yield Ban(address=ban.address_of(network))
    if value := stored_hostname(settings) or effective:
        yield Hostname(address=hostname.ADDRESS, value=value)
    yield from _settings(settings, desired)
    yield from _dkim_keys(settings)
    yield from _tls(settings)


def findings_of(settings: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what makes every reload fail, or will one day."""
    for prefix in (ALLOWED, BLOCKED):
        for key in settings:
            if key.startswith(prefix) and network_of(key, prefix) is None:
                yield Finding(
                    rule="STW-10",
                    severity="error",
                    text=f"{key} is no IP address: it makes every reload fail, so nothing stored takes effect",
                    fix=f"delete the setting {key}",
                )
    identifiers = sorted(identifier for identifier, _, _ in signatures_in(settings))
    for shorter in identifiers:
        for longer in identifiers:
            # The server gives each key of the table to the last `….algorithm` before it in sorted
            # order (common/src/config/smtp/auth.rs, 0.11 to 0.15).
            rest = longer.removeprefix(f"{shorter}.")
            if rest != longer and "algorithm" < rest < "selector":
                yield Finding(
                    rule="DKIM-09",
                    severity="error",
                    text=f"the DKIM key {shorter} does not sign: the server mixes it up with {longer}",
                    fix="give one of the two another id, and name both in the setting auth.dkim.sign",
                )


def stored_hostname(settings: Mapping[str, str]) -> str:
    """Return the hostname that a reload would use; the file's key wins over the database's."""
    return next((settings[key].lower() for key in marks.HOSTNAME_KEYS if settings.get(key)), "")


def key_as_stored(settings: Mapping[str, str], prefix: str, network: str) -> str:
    """Return the key under which the server has this network; people write the same one differently."""
    return next(
        (key for key in settings if network_of(key, prefix) == network),
        prefix + network,
    )


def network_of(key: str, prefix: str) -> str | None:
    """Return the canonical network that a key names, None where it is no such key or malformed for the server."""
    if not key.startswith(prefix):
        return None
    try:
        network = ipaddress.ip_network(key.removeprefix(prefix), strict=False)
    except ValueError:
        return None
    if network.prefixlen < 8:
        return None  # a parse error for the server (utils/config/ipmask.rs, 0.11 to 0.15)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _settings(settings: Mapping[str, str], desired: Desired) -> Iterator[Resource]:
    memories = memories_in(settings, desired.stack)
    named = {a.name for a in (*desired.resources, *desired.removed) if a.kind == "setting"}
    for key in sorted(named | memories.keys()):
        if key in settings and key not in marks.HOSTNAME_KEYS:
            yield of_key(key, settings[key], desired, memories.get(key))


def memories_in(settings: Mapping[str, str], stack: str) -> dict[str, marks.Memory]:
    """Return what this stack's marks remember, by the key of the setting."""
    return {
        mark.name: marks.Memory.parse(mark.text)
        for mark in marks.marks_in(settings)
        if mark.stack == stack and mark.what == "setting"
    }


def former_in(settings: Mapping[str, str], desired: Desired) -> dict[Address, Resource]:
    """Return what comes back when what we wrote is unwritten, by the address of what it was."""
    found = (former_of(key, memory, desired) for key, memory in memories_in(settings, desired.stack).items())
    return {resource.address: resource for resource in found if resource is not None}


def former_of(key: str, memory: marks.Memory, desired: Desired) -> Resource | None:
    """Return the setting or hostname from before our first write; None where there was none."""
    if memory.was is None:
        return None
    if key in marks.HOSTNAME_KEYS:
        return Hostname(address=hostname.ADDRESS, value=memory.was)
    return of_key(key, memory.was, desired, None)


def of_key(key: str, value: str, desired: Desired, memory: marks.Memory | None) -> Setting:
    """Return a setting as it is live; sealed where its key or its declaration says so."""
    wanted = desired.resources.get(setting.address_of(key))
    by_revision = isinstance(wanted, Setting) and isinstance(wanted.secret, Sealed)
    if not by_revision and not setting.holds_secret(key):
        return Setting(address=setting.address_of(key), value=value)
    known = memory or marks.Memory()
    digest = digest_of(value)
    sealed = Sealed(digest=digest, revision=known.revision, intact=known.digest == digest)
    return Setting(address=setting.address_of(key), secret=sealed)


def _dkim_keys(settings: Mapping[str, str]) -> Iterator[Resource]:
    """Yield the keys; the one that the default `auth.dkim.sign` picks, `rsa-<domain>`, takes the plain address.

    A further key of the same domain and algorithm is known by its id as well.
    """
    for identifier, address in _signature_addresses(settings):
        yield DkimKey(
            address=address,
            selector=settings.get(f"signature.{identifier}.selector", ""),
            public_key=public_half(settings.get(f"signature.{identifier}.private-key", "")) or UNSET,
        )


def ids_of(address: Address, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the server's id of a DKIM key; none where it is not there."""
    return tuple(identifier for identifier, found in _signature_addresses(settings) if found == address)


def _signature_addresses(settings: Mapping[str, str]) -> Iterator[tuple[str, Address]]:
    seen: set[Address] = set()
    for signature in sorted(signatures_in(settings), key=lambda s: (not is_default_id(*s), s)):
        identifier, domain, algorithm = signature
        address = dkim_key.address_of(domain, algorithm)
        if address in seen:
            address = Address(address.kind, f"{address.name}/{identifier}")
        seen.add(address)
        yield identifier, address


def signatures_in(settings: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (id, domain, algorithm) of each DKIM signature; the algorithm is `rsa` or `ed25519`."""
    for key, domain in settings.items():
        if key.startswith("signature.") and key.endswith(".domain"):
            identifier = key.removeprefix("signature.").removesuffix(".domain")
            algorithm = settings.get(f"signature.{identifier}.algorithm", "").partition("-")[0]
            if algorithm and domain:
                yield identifier, domain.lower(), algorithm


def is_default_id(identifier: str, domain: str, algorithm: str) -> bool:
    return identifier == f"{algorithm}-{domain}"


def _tls(settings: Mapping[str, str]) -> Iterator[Resource]:
    for key, directory in settings.items():
        match = re.fullmatch(r"acme\.(.+)\.directory", key)
        if match is None:
            continue
        name = match[1]
        yield Tls(
            address=tls.address_of(name),
            directory=directory,
            challenge=settings.get(f"acme.{name}.challenge", "tls-alpn-01"),
            contact=_listed(settings, f"acme.{name}.contact"),
            domains=_listed(settings, f"acme.{name}.domains"),
            renew_before=_seconds(settings.get(f"acme.{name}.renew-before", "30d")),
        )


def _listed(settings: Mapping[str, str], key: str) -> frozenset[str]:
    """Return a list setting: `key.0000`, `key.0001`, … or the single `key`."""
    values = [
        v
        for k, v in settings.items()
        if k == key or (k.startswith(key + ".") and k[len(key) + 1 :].isdigit())
    ]
    return frozenset(values)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*(ms|s|m|h|d|)", text.strip())
    return int(int(match[1]) * _UNIT_SECONDS[match[2]]) if match else -1
