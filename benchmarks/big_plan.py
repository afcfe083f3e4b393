"""A plan over 10,000 accounts, beside fetching the same answers and loading the same file, in processor seconds."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks import stacks
from benchmarks.process import MAILSTACK, PASSWORD, quickest, run, server
from benchmarks.row import Row, limit_row, ratio_row

_SHAPE = stacks.Shape(accounts=10_000, domains=200, lists=500)
_TIMES = 3
_LOAD = """\
import sys, time, yaml
text = open(sys.argv[1], encoding="utf-8").read()
began = time.process_time()
yaml.load(text, Loader=yaml.CLoader)
print(time.process_time() - began)
"""


def measure() -> list[Row]:
    """Return the rows: nothing to do on a server that holds it all, and everything to do on an empty one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server("--seed", str(stacks.seed(_SHAPE, folder))) as url:
            rows = _against(url, folder, "nothing to do", at_most=1)
        with server() as url:
            # There is nothing to fetch, and 30,700 changes to plan and to print: only told.
            return rows + _against(url, folder, "everything to add")


def _against(url: str, folder: Path, what: str, at_most: float | None = None) -> list[Row]:
    stack, record = str(stacks.write(_SHAPE, url, folder)), str(folder / "requests.json")
    login = {"STALWART_PASSWORD": PASSWORD}
    run([sys.executable, "-m", "benchmarks.recorded", record, "plan", "-f", stack], login)
    plans, fetches, loads = [], [], []
    for _ in range(_TIMES):
        plans.append(run([MAILSTACK, "plan", "-f", stack], login))
        fetches.append(run([sys.executable, "-m", "benchmarks.bare", record, url]))
        loads.append(float(run([sys.executable, "-c", _LOAD, stack]).text))
    bare = quickest(fetches).processor_seconds + 2 * min(loads)
    requests = len(json.loads(Path(record).read_text(encoding="utf-8")))
    lines = Path(stack).read_text(encoding="utf-8").count("\n")
    return [
        ratio_row(
            f"plan over 10,000 accounts in {lines:,} lines, {what}",
            quickest(plans).processor_seconds,
            bare,
            f"bare fetch and two `yaml.load` ({min(loads):.2f} s each)",
            at_most,
        ),
        limit_row(f"its memory, {what}", max(p.peak_megabytes for p in plans), "MB", 400),
        Row(what=f"its requests, {what}", measured=str(requests)),
    ]
