"""A config.toml -> what it holds of interest, and what must be changed in it and nowhere else.  Pure.

What is local lives in the file; what the file sets beside that wins over the database for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.backends.stalwart.config_toml.tree import ConfigToml
from reconciler.backends.stalwart.local_keys import local_test
from reconciler.backends.stalwart.rest import marks, settings
from reconciler.desired import Desired
from reconciler.kinds import allowed_ip, ban, hostname, setting
from reconciler.kinds.activation import Activation
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.resource import Address, Resource
from reconciler.state import Activate, Finding, Placement

LABEL: Final = "config.toml"

_NOTE = "This restarts Stalwart: connections drop for some seconds."
_NO_RESTART = (
    "It takes effect when the server starts, and the stack does not say how to restart it (stalwart.restart)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """One file as it was read.  memories is what the server remembers of what we have set."""

    config: ConfigToml
    values: Mapping[str, str]
    memories: Mapping[str, marks.Memory]
    is_local: Callable[[str], bool]

    @classmethod
    def of(cls, config: ConfigToml, memories: Mapping[str, marks.Memory]) -> Contents:
        values = config.values
        return cls(config=config, values=values, memories=memories, is_local=local_test(values))

    @property
    def hostname_key(self) -> str | None:
        """The key that makes the hostname; None where the file leaves it to the database."""
        return next((key for key in marks.HOSTNAME_KEYS if key in self.values), None)

    @property
    def remembered(self) -> dict[str, marks.Memory]:
        """What we have set of the keys that this file keeps, also where the key is gone from it."""
        return {key: memory for key, memory in self.memories.items() if self.keeps(key)}

    @property
    def unwritten(self) -> list[str]:
        """The local keys that we have set and that are not in the file."""
        return sorted(key for key in self.memories if self.is_local(key) and key not in self.values)

    def keeps(self, key: str) -> bool:
        """Is this key changed here?"""
        return self.is_local(key) or key in self.values

    def key_of(self, address: Address) -> str:
        """Return the key by which the file holds a resource that is placed here."""
        match address.kind:
            case Hostname.KIND:
                assert self.hostname_key is not None, "placed by it"
                return self.hostname_key
            case Ban.KIND:
                return settings.key_as_stored(self.values, settings.BLOCKED, address.name)
            case _:
                return address.name

    def resources(self, desired: Desired) -> Iterator[Resource]:
        """Yield what the stack names, what we have set, and the addresses that the file lets in or keeps out."""
        named = {a.name for a in (*desired.resources, *desired.removed) if a.kind == Setting.KIND}
        hostname_key = self.hostname_key
        for key, value in self.values.items():
            if network := settings.network_of(key, settings.ALLOWED):
                yield AllowedIp(address=allowed_ip.address_of(network))
            elif network := settings.network_of(key, settings.BLOCKED):
                yield Ban(address=ban.address_of(network))
            elif key == hostname_key:
                yield Hostname(address=hostname.ADDRESS, value=value.lower())
            elif key in named or key in self.memories:
                yield settings.of_key(key, value, desired, self.memories.get(key))

    def owned(self) -> Iterator[Address]:
        for key in self.remembered:
            yield hostname.ADDRESS if key in marks.HOSTNAME_KEYS else setting.address_of(key)

    def former(self, desired: Desired) -> Iterator[Resource]:
        """Yield what comes back where we take back what we have set."""
        for key, memory in self.remembered.items():
            resource = settings.former_of(key, memory, desired)
            if resource is not None:
                yield resource

    def place(self, resource: Resource, *, may_restart: bool) -> Placement | None:
        """Return what a change of it here needs; None for what is changed elsewhere."""
        kind, name = resource.address
        if kind == Activation.KIND:
            is_mine = name.endswith(f"/{LABEL}")
            return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE) if is_mine else None
        is_kept_here = (
            (kind == Hostname.KIND and self.hostname_key is not None)
            or (kind == Setting.KIND and self.keeps(name))
            or (kind == Ban.KIND and self.key_of(resource.address) in self.values)
        )
        if not is_kept_here:
            return None
        danger = "" if may_restart else _NO_RESTART
        return Placement(system=LABEL, activate=Activate.RESTART, note=_NOTE, danger=danger)

    def shadows(self, desired: Desired) -> Iterator[Finding]:
        """Yield the declared settings that belong in the database and stand in the file."""
        for key, entry in self.config.entries.items():
            is_named = setting.address_of(key) in desired.resources or (
                key == "lookup.default.hostname" and hostname.ADDRESS in desired.resources
            )
            if is_named and not self.is_local(key):
                place = self.config.where(entry)
                yield Finding(
                    rule="STW-07",
                    severity="hint",
                    text=f"{key} stands in config.toml, which wins over the database for ever: it is changed there",
                    fix="take it out of config.toml to have it changed by a reload, without a restart",
                    file=place.file,
                    line=place.line,
                    column=place.column,
                )
