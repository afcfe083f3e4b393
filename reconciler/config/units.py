"""The units of sizes and lengths of time, and the texts that people write with them."""

from __future__ import annotations

from typing import Final

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
BYTES: Final = {"b": 1} | {
    f"{letter}{infix}b": base**power
    for base, infix in ((1000, ""), (1024, "i"))
    for power, letter in enumerate("kmgtp", start=1)
}
BYTES_MAX: Final = 2**63 - 1
_DIGITS_MAX = 18  # what the file may say of a size (models/scalars.py)


def size_text(size: int) -> str:
    """Return a number of bytes with the greatest unit that leaves no rest; nothing where no text says it."""
    sizes = sorted(((factor, unit) for unit, factor in BYTES.items()), reverse=True)
    factor, unit = next(((f, u) for f, u in sizes if size % f == 0), (1, "b"))
    number = str(size // factor)
    if not 0 < size <= BYTES_MAX or len(number) > _DIGITS_MAX:
        return ""
    return number + unit.upper().replace("I", "i").replace("KB", "kB")


def duration_text(seconds: int) -> str:
    """Return a length of time with the greatest unit that leaves no rest."""
    unit, factor = next((u, f) for u, f in reversed(SECONDS.items()) if seconds % f == 0)
    return f"{seconds // factor}{unit}" if seconds else "0s"
