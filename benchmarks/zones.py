"""Plans over long zone files, whole process, beside what else reads such a file, in processor seconds.

The zone is served by a real BIND, which every plan asks; without one, nobody is asked.  Records are a mix
of what zones hold; one in ten thousand is ours.  octodns is installed into a folder that goes again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import process
from benchmarks.nameserver import serving
from benchmarks.process import MAILSTACK, PASSWORD, Took, lightest
from benchmarks.row import Row, limit_row, ratio_row

_SIZES = (1_000, 10_000, 100_000)
_TIMES = 5
_ENVIRONMENT = {"STALWART_PASSWORD": PASSWORD}
_READ = "import dns.zone, sys; dns.zone.from_file(sys.argv[1], 'example.org')"
_PARSE = """\
import sys, time
from reconciler.backends.dns.zonefile.zone import Zone
data = open(sys.argv[1], "rb").read()
began = time.process_time()
zone = Zone.parse(data, name="example.org", file="")
zone.find("host1.example.org.", "A"), zone.marked
print(time.process_time() - began)
"""
_OCTODNS = """\
providers:
  yaml: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/yaml}}
  file: {{class: octodns_bind.ZoneFileSource, directory: {folder}, file_extension: .}}
  target: {{class: octodns_bind.ZoneFileProvider, directory: {folder}/written}}
zones:
  example.org.: {{sources: [{source}], targets: [target]}}
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
        rows: list[Row] = []
        for size in _SIZES:
            with _case(size, url, folder) as case:
                rows += _rows(case, size)
                if size > _SIZES[0]:
                    rows += _beside_octodns(case, size, folder)
        return rows + list(_growth(folder))


def _rows(case: _Case, size: int) -> Iterator[Row]:
    check, same, ten = _in_turn(
        [
            lambda: process.run(["named-checkzone", "-q", "example.org", str(case.zone)]),
            lambda: _plan(case.same),
            lambda: _plan(case.ten),
        ]
    )
    at_most = 1.5 if size == _SIZES[-1] else None
    for what, took in (("nothing to do", same), ("ten to add", ten)):
        title = f"plan over {size:,} records, {what}"
        seconds, peer = took.processor_seconds, check.processor_seconds
        yield ratio_row(title, seconds, peer, "named-checkzone", at_most)
    read = process.run([sys.executable, "-c", _READ, str(case.zone)]).processor_seconds
    title = f"the same, against dnspython's zone.from_file, {size:,} records"
    yield ratio_row(title, ten.processor_seconds, read, "dnspython", None)
    if at_most:
        yield limit_row(f"memory of a plan over {size:,} records", ten.peak_megabytes, "MB", 300)


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


def _beside_octodns(case: _Case, size: int, folder: Path) -> Iterator[Row]:
    """Yield rows beside octodns with the same records: in its YAML, as it is used, and in the zone file."""
    title = f"plan over {size:,} records, ten to add, against octodns"
    folder = folder / f"octodns.{size}"
    program = _octodns(folder)
    if program is None:
        yield Row(what=title, measured="octodns could not be installed")
        return
    for name in ("yaml", "written"):
        (folder / name).mkdir()
    shutil.copy(case.zone, folder / "example.org.")
    configs = {source: folder / f"from-{source}.yaml" for source in ("yaml", "file")}
    for source, path in configs.items():
        path.write_text(_OCTODNS.format(folder=folder, source=source), encoding="utf-8")
    dump = [str(program.with_name("octodns-dump")), "--config-file", str(configs["file"])]
    process.run([*dump, "--output-dir", str(folder / "yaml"), "example.org.", "file"])
    sync = [str(program), "--quiet", "--config-file"]
    ours, from_yaml, from_file = _in_turn(
        [
            lambda: _plan(case.ten),
            lambda: process.run([*sync, str(configs["yaml"])]),
            lambda: process.run([*sync, str(configs["file"])]),
        ],
        times=_TIMES if size == 10_000 else 1,
    )
    seconds = ours.processor_seconds
    yield ratio_row(
        title, seconds, from_yaml.processor_seconds, "octodns-sync from YAML to octodns-bind", 0.1
    )
    peer = "octodns-sync from the zone file to octodns-bind"
    yield ratio_row(title, seconds, from_file.processor_seconds, peer, None)


def _octodns(folder: Path) -> Path | None:
    """Return octodns-sync in an environment of its own; None where it cannot be had."""
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "octodns", "octodns-bind"]
    done = subprocess.run(pip, capture_output=True, check=False)
    return folder / "venv/bin/octodns-sync" if done.returncode == 0 else None


def _in_turn(runs: Sequence[Callable[[], Took]], times: int = _TIMES) -> list[Took]:
    """Return the lightest of each, run in turn so that the machine is the same to all."""
    rounds = [[run() for run in runs] for _ in range(times)]
    return [lightest(column) for column in zip(*rounds, strict=True)]


def _plan(stack: Path) -> Took:
    return process.run([MAILSTACK, "plan", "-f", str(stack)], _ENVIRONMENT)


@contextmanager
def _case(size: int, url: str, folder: Path) -> Iterator[_Case]:
    """Write zone and stacks, and apply once, so that what is declared is ours; serve while the block lasts."""
    zone = folder / f"db.{size}"
    zone.write_text("\n".join(_lines(size)) + "\n", encoding="ascii")
    declared = [f"{{name: own{n}, type: A, value: 203.0.113.{n}}}" for n in range(max(1, size // 10_000))]
    new = [f"{{name: new{n}, type: TXT, value: text {n}}}" for n in range(10)]
    case = _Case(zone=zone, same=folder / f"same{size}.yaml", ten=folder / f"ten{size}.yaml")
    case.same.write_text(_stack(url, zone, "", declared), encoding="utf-8")
    process.run([MAILSTACK, "apply", "--yes", "-f", str(case.same)], _ENVIRONMENT)
    with serving(folder, zone) as server:
        for path, records in ((case.same, declared), (case.ten, declared + new)):
            path.write_text(_stack(url, zone, server, records), encoding="utf-8")
        yield case


def _stack(url: str, zone: Path, server: str, records: list[str]) -> str:
    servers = f'servers: ["{server}"], ' if server else ""
    return f"""\
version: 1
stack: bench
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
dns: {{zonefile: {zone}, reload: ["true"], {servers}mail: [], records: [{", ".join(records)}]}}
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
