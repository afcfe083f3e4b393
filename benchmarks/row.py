"""One line of the results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_TITLES = ("what", "measured", "peer", "ratio", "target", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured, beside what, and whether that is good enough.

    is_met is True where there is nothing to reach: such a row only informs, and its target is empty.
    """

    what: str
    measured: str
    peer: str = ""
    ratio: str = ""
    target: str = ""
    is_met: bool = True


def ratio_row(what: str, seconds: float, peer_seconds: float, peer: str, at_most: float | None) -> Row:
    """Return the row of a duration that may be at_most times another one; None only tells."""
    ratio = seconds / peer_seconds
    return Row(
        what=what,
        measured=f"{seconds:.3f} s",
        peer=f"{peer_seconds:.3f} s, {peer}",
        ratio=f"{ratio:.2f}",
        target="" if at_most is None else f"at most {at_most:g} times",
        is_met=at_most is None or ratio <= at_most,
    )


def limit_row(what: str, value: float, unit: str, limit: float) -> Row:
    """Return the row of a value that may not be greater than a limit."""
    return Row(
        what=what,
        measured=f"{value:.4g} {unit}".strip(),
        target=f"at most {limit:g} {unit}".strip(),
        is_met=value <= limit,
    )


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table whose columns line up."""
    cells = [_TITLES, *((r.what, r.measured, r.peer, r.ratio, r.target, _verdict(r)) for r in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TITLES))]
    lines = [
        "| " + " | ".join(f"{c:{w}}" for c, w in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _verdict(row: Row) -> str:
    if not row.target:
        return ""
    return "met" if row.is_met else "MISSED"
