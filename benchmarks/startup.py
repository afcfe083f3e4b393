"""How long `mailstack --version` takes, beside an interpreter that does nothing, in processor seconds."""

from __future__ import annotations

import sys

from benchmarks.process import MAILSTACK, quickest, run
from benchmarks.row import Row, ratio_row

_TIMES = 20


def measure() -> list[Row]:
    """Return one row."""
    pairs = [(run([MAILSTACK, "--version"]), run([sys.executable, "-c", "pass"])) for _ in range(_TIMES)]
    ours, bare = (quickest(runs).processor_seconds for runs in zip(*pairs, strict=True))
    return [ratio_row("`mailstack --version`", ours, bare, "`python -c pass`", 6)]
