"""`make demo` shows the whole round on one screen and leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[1] / "examples" / "demo.py"


def test_the_demo_tells_its_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, DEMO], env=environ, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line[0] for line in lines if re.match(r"\d\. ", line)] == list("123456")
    assert lines.count("Nothing to do: everything is as declared.") == 2
    assert "    ~ account  alice@example.org       quota 1 GiB -> 5 GiB" in lines
    assert len(lines) <= 64
    assert not re.search("admin-pw|correct horse", done.stdout)
    assert list(tmp_path.iterdir()) == []
