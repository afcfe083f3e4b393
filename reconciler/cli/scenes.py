"""What lint looks at, put together: from a stack and zone files to Scenes."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.backends.dns.zone_text import zone_text
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.local_keys import local_test
from reconciler.cli.certificates import with_certificates
from reconciler.config.load import load
from reconciler.config.stack import Stack
from reconciler.desired import desire
from reconciler.errors import InputError, Problem, Where
from reconciler.kinds.record import absolute
from reconciler.lint.config_text import ConfigText
from reconciler.lint.lines import ZoneText, lines_of, merged
from reconciler.lint.scene import Scene
from reconciler.outlook.states import parked, without_records

_FILE_NAME = re.compile(r"(?:db\.)?((?:[a-z0-9-]+\.)+[a-z0-9-]+?)(?:\.(?:zone|db|hosts|txt))?", re.IGNORECASE)


def of_files(zonefile: str | None, config: str | None, hostname: str | None) -> Scene:
    """Return the scene of a zone file, a config.toml or both, for people who have no stack."""
    if zonefile is None:
        scene = Scene(hostname=hostname)
    else:
        zone = _parsed(_bytes(zonefile), zonefile, hostname)
        text = zone_text(zone)
        scene = Scene(hostname=hostname, domains=(zone.name.rstrip("."),), zones=(text,), lines=text.lines)
    return scene if config is None else _with_config(scene, config)


def of_stack(
    file: str, zonefile: str | None, hostname: str | None, config: str | None = None
) -> tuple[Scene, Stack | None]:
    """Return the scene that a stack describes, with the zone files and the config.toml that can be read here.

    What the loader refuses is part of the scene: the rules tell it.
    """
    try:
        loaded = with_certificates(load(file), needed=False)
        desired = desire(loaded.stack, loaded.where)
    except InputError as error:
        return Scene(refused=error.problems), None
    stack = loaded.stack
    zones = tuple(_zones(stack, zonefile))
    declared = lines_of(desired.resources, desired.where, desired.resources)
    scene = Scene(
        hostname=hostname or stack.hostname,
        domains=tuple(stack.domains),
        parked=parked(stack),
        resources=without_records(desired.resources),
        lines=merged((line for zone in zones for line in zone.lines), declared),
        zones=zones,
        stack=stack,
        egress=tuple(sorted(desired.own_addresses)),
        place=desired.where,
        find=loaded.where,
    )
    config = config or _config_here(stack)
    return (_with_config(scene, config) if config else scene), stack


def _config_here(stack: Stack) -> str | None:
    """Return the path of the server's config.toml, where the stack names one that can be read here."""
    where = stack.stalwart.config if stack.stalwart else None
    if where is None or where.container or (stack.stalwart and stack.stalwart.via):
        return None
    return where.path if os.path.isfile(where.path) else None


def _with_config(scene: Scene, file: str) -> Scene:
    """Return a scene with the server's config.toml in it; what cannot be understood there is told by its rules."""
    try:
        found = read(_bytes(file), file=file)
    except InputError as error:
        return replace(scene, refused=(*scene.refused, *error.problems))
    config = ConfigText(
        file=file,
        values=found.values,
        is_local=local_test(found.values),
        where=lambda key: found.where(found.entries[key]),
    )
    return replace(scene, config=config)


def _zones(stack: Stack, given: str | None) -> Iterable[ZoneText]:
    """Yield the zone files that are here; one that the command line names takes the main domain's place."""
    seen: set[str] = set()
    for number, domain in enumerate(stack.domains.values()):
        place = domain.dns.zonefile
        path = place.path if place is not None and not place.container and not domain.dns.via else None
        if given is not None and number == 0:
            path = given
        zone = absolute(domain.dns.zone)
        if path is None or zone in seen or (path != given and not os.path.isfile(path)):
            continue
        seen.add(zone)
        yield zone_text(Zone.parse(_bytes(path), name=domain.dns.zone, file=path))


def _parsed(data: bytes, file: str, hostname: str | None) -> Zone:
    """Return the zone of a file; where it does not say its name, the file's name or the hostname does."""
    guesses: Sequence[str | None] = (None, *_guesses(file, hostname))
    for name in guesses:
        try:
            return Zone.parse(data, name=name, file=file)
        except InputError as error:
            if error.problems[0].rule not in ("zone-nameless", "zone-misnamed"):
                raise
    raise InputError(
        Problem(
            where=Where(file=file),
            summary="it is not clear which zone this is",
            detail="The file does not say it. Call it db.example.org, or write $ORIGIN example.org. above the SOA.",
            rule="zone-nameless",
        )
    )


def _guesses(file: str, hostname: str | None) -> Iterable[str]:
    found = _FILE_NAME.fullmatch(os.path.basename(file))
    if found:
        yield found[1].lower()
    if hostname and hostname.count(".") > 1:
        yield hostname.partition(".")[2]


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                where=Where(file=file),
                summary="this file cannot be read",
                detail=f"The system says: {error.strerror}.",
                rule="file",
            )
        ) from error
