"""What differs between the versions of the REST generation, in one table.

Only what changes our own behaviour stands here.  Single-element lists as strings (0.11), empty
lists, and the order of aliases are evened out when answers are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.errors import Problem, ReadError


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """How one version behaves.

    keeps_passwords: a further password is stored beside the old one, and both log in (to 0.13).
    local_write_breaks_boot: after an API write of a local key, keys of config.toml that needed
    quotes stand there without them and the server does not start again (to 0.13.0).
    """

    version: str
    keeps_passwords: bool
    local_write_breaks_boot: bool


def traits_of(version: str) -> Traits:
    """Return the traits of a version such as ``0.15.5``.  ReadError where it is not of this generation."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    number = tuple(int(part) for part in match.groups()) if match else (0, 0, 0)
    if not (0, 11, 0) <= number < (0, 16, 0):
        raise ReadError(
            Problem(
                summary=f"Stalwart {version} is not supported",
                detail="This version of mailstack manages Stalwart 0.11 to 0.15.",
                rule="server-version",
            )
        )
    return Traits(
        version=version,
        keeps_passwords=number < (0, 14, 0),
        local_write_breaks_boot=number <= (0, 13, 0),
    )
