"""Run the measurements, print the table, and write it down when all of them ran."""

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

_HEAD = """\
# Results

Written by `make bench`, on {machine}. Seconds differ from machine to machine, so every target
is a ratio to a peer in the same run, or stands with much room. Each figure is the best of its repetitions,
taken in turn with those of its peer. The server is the stand-in of `mailstack sandbox`, in a process of its own.

"""


def main(names: Iterable[str]) -> int:
    """Return 0 when every target is met."""
    chosen = tuple(names) or MEASUREMENTS
    if unknown := sorted(set(chosen).difference(MEASUREMENTS)):
        sys.exit(f"there is no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    rows: list[Row] = []
    for name in chosen:
        print(f"{name} ...", file=sys.stderr)
        rows += importlib.import_module(f"benchmarks.{name}").measure()
    print(table(rows), end="")
    if chosen == MEASUREMENTS:
        machine = f"Python {platform.python_version()} with {os.cpu_count()} cores"
        RESULTS.write_text(_HEAD.format(machine=machine) + table(rows), encoding="utf-8")
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
