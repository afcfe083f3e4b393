"""What we write for dnscontrol, word for word as its release 4.15.0 has read and validated it.

dnscontrol is to be had as source only, and takes minutes to build; where a binary is, it is asked again.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from record_stacks import DERIVED

READ = Path(__file__).parent / "dnsconfig.js"
HEAD = 'var NONE = NewRegistrar("none");\nD("example.org", NONE);\n'


def test_the_javascript_is_what_dnscontrol_has_read(printed):
    assert HEAD + printed(DERIVED["everything"], "--format", "dnscontrol") == READ.read_text(encoding="utf-8")


@pytest.mark.parametrize("stack", DERIVED.values(), ids=DERIVED)
def test_dnscontrol_finds_nothing_wrong(stack, printed, tmp_path):
    program = shutil.which("dnscontrol")
    if program is None:
        pytest.skip("no dnscontrol binary")
    (tmp_path / "dnsconfig.js").write_text(HEAD + printed(stack, "--format", "dnscontrol"), encoding="utf-8")

    done = subprocess.run([program, "check"], capture_output=True, text=True, check=False)

    assert (done.returncode, "No errors." in done.stdout) == (0, True), done.stdout
