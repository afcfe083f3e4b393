"""TTL texts: seconds, or numbers with the units w, d, h, m and s (BIND 9 ARM, "TTL")."""

from __future__ import annotations

import functools
import re
from typing import Final

from .names import BadData, shown

MAX_TTL: Final = 2**31 - 1  # RFC 2181 §8

_UNITS: Final = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_SHAPE: Final = re.compile(r"[0-9]+|(?:[0-9]+[wdhms])+", re.IGNORECASE)
_PART: Final = re.compile(r"([0-9]+)([wdhms])", re.IGNORECASE)


@functools.cache
def seconds(text: str) -> int:
    """Return the TTL in seconds, as large as it was written.  Raises BadData.

    A number without a unit after one with a unit (``1h30``) is refused, as BIND 9.18 does.
    """
    if not _SHAPE.fullmatch(text):
        raise BadData(f"{shown(text)} is not a TTL; write seconds, or numbers with units such as 1h30m.")
    value = int(text) if text.isdigit() else sum(int(n) * _UNITS[u.lower()] for n, u in _PART.findall(text))
    if value > 0xFFFFFFFF:
        raise BadData(f"The TTL {shown(text)} does not fit into 32 bits.")
    return value


def effective(value: int) -> int:
    """Return the TTL that is served: BIND 9.18 takes 0 for what is over 2^31-1, with a warning."""
    return 0 if value > MAX_TTL else value
