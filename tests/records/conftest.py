"""What prints the records of a stack, in any form."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.cli import records

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

Printed = Callable[..., str]


@pytest.fixture
def printed(tmp_path, monkeypatch) -> Printed:
    """Return what runs `mailstack records` on a stack and gives back what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(stack: str, *arguments: str) -> str:
        (tmp_path / "mailstack.yaml").write_text(stack, encoding="utf-8")
        done = CliRunner().invoke(records.command, arguments, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        assert done.return_value == 0
        return done.stdout

    return run
