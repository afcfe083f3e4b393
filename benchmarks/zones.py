"""Plans over long zone files, whole process, beside what else reads such a file.

The mail server is the stand-in; nobody serves the zone.  Records are a mix of what zones hold; one in
ten thousand is ours.  octodns is installed into a folder that goes again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import process
from benchmarks.process import MAILSTACK, PASSWORD, Took, quickest
from benchmarks.row import Row, limit_row, ratio_row

_SIZES = (1_000, 10_000, 100_000)
_TIMES = 5
_ENVIRONMENT = {"STALWART_PASSWORD": PASSWORD}
_READ = "import dns.zone, sys; dns.zone.from_file(sys.argv[1], 'example.org')"
_PARSE = """\
import sys, time
from reconciler.backends.dns.zonefile.zone import Zone
data = open(sys.argv[1], "rb").read()
began = time.perf_counter()
zone = Zone.parse(data, name="example.org", file="")
zone.find("host1.example.org.", "A"), zone.marked
print(time.perf_counter() - began)
"""
_OCTODNS = """\
providers:
  source: {{class: octodns_bind.ZoneFileSource, directory: {folder}/octodns, file_extension: .}}
  target: {{class: octodns_bind.ZoneFileProvider, directory: {folder}/written}}
zones:
  example.org.: {{sources: [source], targets: [target]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One size: the zone file, and a stack for each kind of plan."""

    zone: Path
    same: Path
    ten: Path


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name, process.server() as url:
        folder = Path(name)
        cases = {size: _case(size, url, folder) for size in _SIZES}
        rows = [row for size in _SIZES for row in _rows(cases[size], size)]
        rows += _growth(folder)
        rows += _beside_octodns(cases[10_000], folder)
    return rows


def _rows(case: _Case, size: int) -> Iterator[Row]:
    check, same, ten = _in_turn(
        [
            lambda: process.run(["named-checkzone", "-q", "example.org", str(case.zone)]),
            lambda: _plan(case.same),
            lambda: _plan(case.ten),
        ]
    )
    read = process.run([sys.executable, "-c", _READ, str(case.zone)])
    for what, took in (("nothing to do", same), ("ten to add", ten)):
        title = f"plan over {size:,} records, {what}"
        if size == _SIZES[-1]:
            yield ratio_row(title, took.seconds, check.seconds, "named-checkzone", 1.5)
        else:
            peer = f"{check.seconds:.3f} s, named-checkzone"
            yield Row(what=title, measured=f"{took.seconds:.3f} s", peer=peer)
    if size == _SIZES[-1]:
        yield limit_row(f"memory of a plan over {size:,} records", ten.peak_megabytes, "MB", 300)
    yield Row(what=f"dnspython reads {size:,} records", measured=f"{read.seconds:.3f} s")


def _growth(folder: Path) -> Iterator[Row]:
    """Yield how the time for a record changes with the length of the file: 1 is linear.

    A whole process takes most of its time before the first record, so the file is read within one.
    """
    took = {}
    for size in (100_000, 400_000):
        zone = folder / f"long.{size}"
        zone.write_text("\n".join(_lines(size)) + "\n", encoding="ascii")
        runs = [process.run([sys.executable, "-c", _PARSE, str(zone)]) for _ in range(_TIMES)]
        took[size] = min(float(run.text) for run in runs) / size
    title = "time for one record, in a file of 400,000 against one of 100,000"
    yield limit_row(title, took[400_000] / took[100_000], "times", 1.5)


def _beside_octodns(case: _Case, folder: Path) -> Iterator[Row]:
    program = _octodns(folder)
    title = "plan over 10,000 records, against octodns"
    if program is None:
        yield Row(what=title, measured="octodns could not be installed")
        return
    (folder / "octodns").mkdir()
    (folder / "written").mkdir()
    shutil.copy(case.zone, folder / "octodns" / "example.org.")
    config = folder / "octodns.yaml"
    config.write_text(_OCTODNS.format(folder=folder), encoding="utf-8")
    theirs, ours = _in_turn(
        [
            lambda: process.run([str(program), "--quiet", "--config-file", str(config)]),
            lambda: _plan(case.ten),
        ]
    )
    yield ratio_row(title, ours.seconds, theirs.seconds, "octodns-sync with octodns-bind", 0.1)


def _octodns(folder: Path) -> Path | None:
    """Return octodns-sync in an environment of its own; None where it cannot be had."""
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "octodns", "octodns-bind"]
    done = subprocess.run(pip, capture_output=True, check=False)
    return folder / "venv/bin/octodns-sync" if done.returncode == 0 else None


def _in_turn(runs: Sequence[Callable[[], Took]]) -> list[Took]:
    """Return the quickest of each, run in turn so that the machine is the same to all."""
    rounds = [[run() for run in runs] for _ in range(_TIMES)]
    return [quickest(column) for column in zip(*rounds, strict=True)]


def _plan(stack: Path) -> Took:
    return process.run([MAILSTACK, "plan", "-f", str(stack)], _ENVIRONMENT)


def _case(size: int, url: str, folder: Path) -> _Case:
    """Write zone and stacks, and apply once, so that what is declared is ours."""
    zone = folder / f"db.{size}"
    zone.write_text("\n".join(_lines(size)) + "\n", encoding="ascii")
    declared = [f"{{name: own{n}, type: A, value: 203.0.113.{n}}}" for n in range(max(1, size // 10_000))]
    new = [f"{{name: new{n}, type: TXT, value: text {n}}}" for n in range(10)]
    case = _Case(zone=zone, same=folder / f"same{size}.yaml", ten=folder / f"ten{size}.yaml")
    for path, records in ((case.same, declared), (case.ten, declared + new)):
        path.write_text(_stack(url, zone, records), encoding="utf-8")
    process.run([MAILSTACK, "apply", "--yes", "-f", str(case.same)], _ENVIRONMENT)
    return case


def _stack(url: str, zone: Path, records: list[str]) -> str:
    return f"""\
version: 1
stack: bench
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
dns: {{zonefile: {zone}, reload: ["true"], mail: [], records: [{", ".join(records)}]}}
"""


def _lines(size: int) -> Iterator[str]:
    yield "$TTL 3600"
    yield "@ IN SOA ns1 hostmaster 2026010101 86400 7200 2419200 3600"
    yield "@ IN NS ns1"
    yield "ns1 IN A 203.0.113.2"
    for n in range(size - 3):
        ten = n // 10 * 10
        match n % 10:
            case 6:
                yield f"host{n} IN AAAA 2001:db8::{n >> 16:x}:{n & 0xFFFF:x}"
            case 7:
                yield f"host{n} IN CNAME host{ten}"
            case 8:
                yield f"host{n} 600 IN MX 10 host{ten}.example.org."
            case 9:
                yield f'host{n} IN TXT "v=site{n}; a text" ; with a comment'
            case _:
                yield f"host{n} IN A 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
