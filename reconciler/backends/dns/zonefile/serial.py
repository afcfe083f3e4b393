"""The zone's serial: which habit the file has, and the next number in it.

Serials live on a circle of 32 bits (RFC 1982): a is greater than b when a lies less than half the
circle ahead of b.  A secondary takes a zone only when its serial is greater than the one it has,
and BIND 9.18 refuses an inline-signed zone otherwise, so the next number must be greater than the
file's and than every one that is served.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import date
from typing import Final

CIRCLE: Final = 2**32
MAX_STEP: Final = 2**31 - 1

# Unix times of this millennium; date serials of 2000 and later are all greater.
_UNIX: Final = range(946_684_800, 2_000_000_000)


class Style(enum.Enum):
    """The habit by which a file counts."""

    DATE = "date"  # YYYYMMDDnn
    UNIX = "unix time"
    COUNTER = "counter"


class NoSerialError(ValueError):
    """No number is greater than all that are in use.  The message says what to do."""


def style_of(serial: int) -> Style:
    """Return the habit that a serial shows.

    A number that is both a date of the nineties and a Unix time of 2033 is taken for the date.
    """
    if _is_date(serial):
        return Style.DATE
    return Style.UNIX if serial in _UNIX else Style.COUNTER


def _is_date(serial: int) -> bool:
    day = serial // 100
    try:
        return 1990 <= date(day // 10000, day // 100 % 100, day % 100).year < 2100
    except ValueError:
        return False


def is_greater(serial: int, than: int) -> bool:
    """Say whether a serial is greater than another (RFC 1982 §3.2); the opposite point of the circle is not."""
    return 0 < (serial - than) % CIRCLE <= MAX_STEP


def next_serial(current: int, served: Iterable[int], today: date | None, now: int | None) -> int:
    """Return the serial for the next text of a file whose serial is current.

    served are the serials that servers answer with, now the Unix time in seconds.  In the date
    style the first number of a day ends in 00, as with BIND's `serial-update-method date`; after
    99 it runs on into the next number.  A clock that is missing or behind counts one up.
    Raises NoSerialError.
    """
    in_use = {current, *served}
    style = style_of(current)
    preferred: int | None = None
    if style is Style.DATE and today is not None:
        preferred = (today.year * 10000 + today.month * 100 + today.day) * 100
    elif style is Style.UNIX:
        preferred = now
    if preferred is not None and preferred < CIRCLE and _is_above(preferred, in_use):
        return preferred
    for serial in sorted(in_use):
        following = (serial + 1) % CIRCLE
        # 0 is a serial like any other in RFC 1982, but BIND itself steps over it.
        for candidate in (following or 1, following):
            if _is_above(candidate, in_use):
                return candidate
    raise NoSerialError(
        "No number is greater than the serial of the file and all that are served: "
        + ", ".join(map(str, sorted(in_use)))
        + ". They lie half the circle of RFC 1982 apart; transfer the zone anew on the servers that "
        "are wrong, then run again."
    )


def _is_above(candidate: int, in_use: Iterable[int]) -> bool:
    return all(is_greater(candidate, serial) for serial in in_use)
