"""Run the measurements, print their tables, and write each down when it is done."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.row import Row, table

# Planning comes last: it fills this very process, and a child's peak counts what its parent had.
MEASUREMENTS = ("startup", "big_plan", "first_apply", "planning", "zones")
RESULTS = Path(__file__).with_name("results.md")
_MACHINE = f"Python {platform.python_version()} with {os.cpu_count()} cores"

_HEAD = """\
# Results

Written by `make bench`. Seconds differ from machine to machine, so every target is a ratio to a peer
in the same run, or stands with much room. Each figure is the best of its repetitions, taken in turn with those of
its peer. The server is the stand-in of `mailstack sandbox`, in a process of its own.
"""


def main(names: Iterable[str]) -> int:
    """Return 0 when every target is met."""
    chosen = tuple(names) or MEASUREMENTS
    if unknown := sorted(set(chosen).difference(MEASUREMENTS)):
        sys.exit(f"there is no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    is_met = True
    for name in chosen:
        print(f"{name} ...", file=sys.stderr)
        module = importlib.import_module(f"benchmarks.{name}")
        rows: list[Row] = module.measure()
        print(table(rows), end="", flush=True)
        _write_down(name, f"{(module.__doc__ or '').strip()}\n\n{_MACHINE}:\n\n{table(rows)}")
        is_met &= all(row.is_met for row in rows)
    return 0 if is_met else 1


def _write_down(name: str, text: str) -> None:
    """Put a measurement into the results, and leave what was measured of the others."""
    written = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    parts = (part.partition("\n\n") for part in written.split("\n## ")[1:])
    sections = {title: body.strip() for title, _, body in parts} | {name: text.strip()}
    known = [one for one in MEASUREMENTS if one in sections]
    RESULTS.write_text(_HEAD + "".join(f"\n## {one}\n\n{sections[one]}\n" for one in known), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
