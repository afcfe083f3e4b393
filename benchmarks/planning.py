"""Planning itself, without file and network: desire, compare, make."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks import stacks
from benchmarks.row import Row, limit_row
from reconciler.cli.run import calm_collector
from reconciler.config.load import Loaded, load
from reconciler.desired import desire
from reconciler.diff import compare
from reconciler.live import merged
from reconciler.plan import make
from reconciler.resource import Address, Resource
from reconciler.state import Activate, Live, Placement, Reading, System

_SIZES = (1_000, 10_000, 30_000, 100_000)
_TIMES = 3


def measure() -> list[Row]:
    """Return a row for each size: on an empty server, where most is to be ordered, and one where little differs."""
    with tempfile.TemporaryDirectory() as name:
        loaded = {size: _loaded(size, Path(name)) for size in _SIZES}
    calm_collector()  # as in every run of a command
    rows = []
    for what, every in (("all to add", 1), ("a tenth to add", 10)):
        seconds = {size: min(_plan(loaded[size], every) for _ in range(_TIMES)) for size in _SIZES}
        for size in _SIZES:
            title = f"planning {size:,} resources, {what}"
            if size == 30_000:
                rows.append(limit_row(title, seconds[size], "s", 1))
            else:
                rows.append(Row(what=title, measured=f"{seconds[size]:.3f} s"))
        # A quadratic step would show as 10 times; memory that no cache holds any more costs a little.
        growth = (seconds[100_000] / 100_000) / (seconds[10_000] / 10_000)
        rows.append(limit_row(f"time per resource, 100,000 against 10,000, {what}", growth, "times", 2))
    return rows


def _loaded(size: int, folder: Path) -> Loaded:
    # Each account is three resources: itself and two aliases.
    shape = stacks.Shape(accounts=size // 3, domains=max(1, size // 150))
    return load(str(stacks.write(shape, "http://127.0.0.1:8080", folder)))


def _plan(loaded: Loaded, every: int) -> float:
    """Return the seconds for a plan on a server that lacks every so many-th resource."""
    there = list(desire(loaded.stack, loaded.where).resources.items())
    live = _live({address: resource for number, (address, resource) in enumerate(there) if number % every})
    began = time.process_time()
    desired = desire(loaded.stack, loaded.where)
    make(compare(desired, live), desired, live)
    return time.process_time() - began


def _live(resources: dict[Address, Resource]) -> Live:
    reading = Reading(
        system=System(label="stalwart", title="Stalwart", kind="stalwart"),
        resources=resources,
        place=lambda _: Placement(system="stalwart", activate=Activate.RELOAD),
        names={address.name: address for address in resources if address.kind == "account"},
    )
    return merged([reading])
