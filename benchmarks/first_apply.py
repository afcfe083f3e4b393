"""The first apply of 1,000 accounts, beside posting the same bodies one after the other."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks import stacks
from benchmarks.process import MAILSTACK, PASSWORD, run, server
from benchmarks.row import Row, limit_row, ratio_row

_SHAPE = stacks.Shape(accounts=1_000, domains=1, has_passwords=True)
_TIMES = 3
_CREATION = 0.01  # seconds: what a real 0.15.5 takes for one account, as measured
_SECRETS = {"STALWART_PASSWORD": PASSWORD, "BENCH_PASSWORD": stacks.PASSWORD}


def measure() -> list[Row]:
    """Return the rows, on a server as quick as a real one and on one that takes no time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = folder / "requests.json"
        with server() as url:
            arguments = ["apply", "--yes", "-f", str(stacks.write(_SHAPE, url, folder))]
            run([sys.executable, "-m", "benchmarks.recorded", str(record), *arguments], _SECRETS)
        real = [(_apply(folder, _CREATION), _post(record, _CREATION)) for _ in range(_TIMES)]
        quick = [(_apply(folder, 0), _post(record, 0)) for _ in range(_TIMES)]
        paths = [request["path"] for request in json.loads(record.read_text(encoding="utf-8"))]
    ours, bare = (min(runs) for runs in zip(*real, strict=True))
    quick_ours, quick_bare = (min(runs) for runs in zip(*quick, strict=True))
    reloads = paths.count("/api/reload")  # with a query it is a question: dry-run
    return [
        ratio_row("first apply of 1,000 accounts, 10 ms each on the server", ours, bare, "bare POSTs", 1.2),
        ratio_row("the same, where the server takes no time", quick_ours, quick_bare, "bare POSTs", None),
        limit_row("its reloads: one wave", reloads, "", 1),
        Row(what="its requests", measured=str(len(paths))),
    ]


def _apply(folder: Path, creation: float) -> float:
    with server("--creation", str(creation)) as url:
        stack = str(stacks.write(_SHAPE, url, folder))
        return run([MAILSTACK, "apply", "--yes", "-f", stack], _SECRETS).seconds


def _post(record: Path, creation: float) -> float:
    with server("--creation", str(creation)) as url:
        return float(run([sys.executable, "-m", "benchmarks.bare", str(record), url, "--creations"]).text)
