"""A stack and a zone as texts in, what lint says of them out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.cli import scenes
from reconciler.lint.judge import Result, lint
from reconciler.lint.rules import RULES

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

Judge = Callable[..., Result]


@pytest.fixture
def judge(tmp_path, monkeypatch) -> Judge:
    """Return what judges texts; places in the result are `stack.yaml` and `db.example.org`."""
    monkeypatch.chdir(tmp_path)

    def judged(
        stack: str | None = None,
        zone: str | None = None,
        hostname: str | None = None,
        config: str | None = None,
    ) -> Result:
        if zone is not None:
            (tmp_path / "db.example.org").write_bytes(zone.encode())
        if config is not None:
            (tmp_path / "config.toml").write_text(config, encoding="utf-8")
        written = None
        if stack is None:
            scene = scenes.of_files(zone and "db.example.org", config and "config.toml", hostname)
        else:
            (tmp_path / "stack.yaml").write_text(stack, encoding="utf-8")
            scene, written = scenes.of_stack(
                "stack.yaml", zone and "db.example.org", hostname, config and "config.toml"
            )
        ignore = written.ignore if written is not None else ()
        return lint(scene, RULES.values(), ignore=ignore, today="2026-06-01")

    return judged
