"""The judge: what BIND's own named-compilezone makes of a zone file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

# One record as (owner, TTL, type, rdata), in named-compilezone's words.
Row = tuple[str, int, str, str]
Compile = Callable[[bytes], list[Row] | None]


def _no_integrity_checks(name: str) -> list[str]:
    return ["-i", "none", "-k", "ignore", "-n", "ignore", "-m", "ignore", "-r", "ignore", "-o", "-", name]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Return the records that BIND loads from a text, sorted; None when it does not load it."""
    tool = shutil.which("named-compilezone")
    if tool is None:
        pytest.skip("named-compilezone is not installed")
    folder: Path = tmp_path_factory.mktemp("zones")

    def run(data: bytes) -> list[Row] | None:
        (folder / "zone").write_bytes(data)
        command = [tool, "-q", "-s", "full", *_no_integrity_checks("example.org")]
        result = subprocess.run([*command, "zone"], cwd=folder, capture_output=True, timeout=60, check=False)
        if result.returncode:
            return None
        rows = []
        for line in result.stdout.decode("latin-1").splitlines():
            if line.startswith(";"):
                continue  # when a signature is to be renewed
            owner, seconds, _, rrtype, *rdata = line.split(None, 4)
            rows.append((owner.lower(), int(seconds), rrtype, rdata[0] if rdata else ""))
        return sorted(rows)

    return run
