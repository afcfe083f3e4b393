"""What a sandbox begins with: domains, principals and settings, from a mapping or a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import RefusedError
from reconciler.sandbox.permissions import permissions_of
from reconciler.sandbox.principal_create import create_principal, read_new_principal
from reconciler.sandbox.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The parts of a seed.  Principals are bodies of POST /api/principal, in an order that works."""

    domains: list[str] = field(default_factory=list)
    principals: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    config_toml: str | None = None


def read_seed(source: Path | str | Mapping[str, Any] | None) -> Seed:
    """Return the seed that a JSON file or a mapping holds.  Raises ValueError where it is no seed."""
    if source is None:
        return Seed()
    if isinstance(source, Path | str):
        source = json.loads(Path(source).read_text(encoding="utf-8"))
    known = {"domains", "principals", "settings", "config_toml"}
    if not isinstance(source, Mapping) or not known.issuperset(source):
        raise ValueError(f"a seed is a mapping with some of the keys {', '.join(sorted(known))}")
    return Seed(**source)


def sow(state: State, seed: Seed) -> None:
    """Store the seed, with all the checks of the API; the first start puts it in force.

    Raises ValueError when a principal is refused.
    """
    caller = Caller(principal=None, permissions=permissions_of("admin", state.version))
    bodies = [{"type": "domain", "name": name} for name in seed.domains] + seed.principals
    for body in bodies:
        try:
            create_principal(state.directory, read_new_principal(body, state.version), caller)
        except RefusedError as refused:
            reason = refused.answer.body.decode()
            raise ValueError(f"the seed's principal {body.get('name')!r} is refused: {reason}") from refused
    if seed.domains and state.settings.get("report.domain") is None:
        state.settings.insert([("report.domain", seed.domains[0])])
    state.settings.insert(seed.settings.items())
