"""The next serial of a zone: greater than the file's and than every one that is served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from reconciler.backends.dns import activation
from reconciler.backends.dns.activation import ZoneFile
from reconciler.backends.dns.zonefile import serial
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.config.dns import NameServer
from reconciler.errors import Problem, Where, WriteError


def in_use(where: ZoneFile) -> dict[NameServer, int]:
    """Return the serials that are served, of the servers that answer.  Reads only."""
    return {server: number for server, number in activation.serials(where).items() if isinstance(number, int)}


def raised(zone: Zone, served: Mapping[NameServer, int], now: float) -> int:
    """Return the serial for the next text of the zone; now is the Unix time.  WriteError where none is left."""
    assert zone.serial is not None, "a zone without one is not read"
    try:
        return serial.next_serial(
            zone.serial, served.values(), datetime.fromtimestamp(now, UTC).date(), int(now)
        )
    except serial.NoSerialError as error:
        raise WriteError(
            Problem(
                where=Where(file=zone.file), summary="no serial left", detail=str(error), rule="no-serial"
            )
        ) from error


def is_above(zone: Zone, served: Mapping[NameServer, int]) -> bool:
    """Is the zone's serial greater than every one that is served?"""
    assert zone.serial is not None, "a zone without one is not read"
    return all(serial.is_greater(zone.serial, number) for number in served.values())
