"""Where the server keeps a resource, what makes a change of it count, and what is dangerous about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.backends.stalwart.local_keys import local_test
from reconciler.backends.stalwart.rest.read import PRINCIPAL_KINDS, SETTING_KINDS
from reconciler.backends.stalwart.rest.write_settings import hostname_key
from reconciler.backends.stalwart.versions import Traits
from reconciler.resource import Resource
from reconciler.state import Activate, Placement

# Read when the server starts and at no other time (common/src/manager/reload.rs, 0.11 to 0.15).
_AT_START_ONLY = ("server.listener.", "cache.", "cluster.", "store.", "tracer.")


def placement_in(
    settings: Mapping[str, str], traits: Traits, label: str
) -> Callable[[Resource], Placement | None]:
    """Return the function that places resources on a server with these settings."""
    is_local = local_test(settings)

    def place(resource: Resource) -> Placement | None:
        kind, name = resource.address
        if kind == "activation":
            return Placement(system=label, activate=Activate.RELOAD) if name.endswith(f"/{label}") else None
        if kind not in PRINCIPAL_KINDS | SETTING_KINDS:
            return None
        key = hostname_key(settings) if kind == "hostname" else name
        if kind in ("hostname", "setting") and is_local(key):
            return _in_the_file(key, traits, label)
        note = _start_note(key) if kind == "setting" else ""
        return Placement(system=label, activate=Activate.RELOAD, note=note)

    return place


def _in_the_file(key: str, traits: Traits, label: str) -> Placement:
    note = (
        f"{key} lives in config.toml: the server will rewrite that file flat, and its comments will be lost."
    )
    danger = ""
    if traits.local_write_breaks_boot:
        danger = (
            f"{key} lives in config.toml, and Stalwart {traits.version} rewrites that file without the quotes "
            "that IPv6 and network keys need: with such a key in it the server does not start again."
        )
    return Placement(
        system=label, activate=Activate.RELOAD, note=f"{note} {_start_note(key)}".strip(), danger=danger
    )


def _start_note(key: str) -> str:
    if key.startswith(_AT_START_ONLY):
        return f"{key} takes effect when the server starts: restart it."
    return ""
