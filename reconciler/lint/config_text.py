"""A server's config.toml as the rules see it: flat keys, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigText:
    """A config.toml that was read.  Values may be secrets: no repr shows them.

    is_local tells whether the server keeps a key in this file, rather than in its database.
    """

    file: str
    values: Mapping[str, str] = field(repr=False)
    is_local: Callable[[str], bool]
    where: Callable[[str], Where]

    def under(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield the keys and values of a list: `key`, `key.0000`, and so on, or of all that begins so."""
        return (
            (name, value) for name, value in self.values.items() if name == key or name.startswith(f"{key}.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One listener of config.toml.  ports is None where a variable stands in the place of one."""

    id: str
    protocol: str
    is_tls: bool
    ports: frozenset[int] | None


def listeners(config: ConfigText) -> Iterator[Listener]:
    """Yield the listeners, which exist as soon as they have a protocol (Stalwart 0.11 to 0.15)."""
    for key, protocol in config.values.items():
        if not (key.startswith("server.listener.") and key.endswith(".protocol")):
            continue
        base = key.removesuffix(".protocol")
        ports = [value.rpartition(":")[2] for _, value in config.under(f"{base}.bind")]
        yield Listener(
            id=base.removeprefix("server.listener."),
            protocol=protocol.lower(),
            is_tls=config.values.get(f"{base}.tls.implicit") == "true",
            ports=frozenset(map(int, ports)) if all(port.isdecimal() for port in ports) else None,
        )
