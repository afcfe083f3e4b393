"""The schemas that editors and consumers read are those that the code makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.schema import text_of

SCHEMAS = Path(__file__).parent.parent / "schemas"


@pytest.mark.parametrize(
    ("what", "file"),
    [
        ("connections", "connections.schema.json"),
        ("plan", "plan.schema.json"),
        ("report", "report.schema.json"),
    ],
)
def test_the_schema_in_the_repository_is_current(what: str, file: str) -> None:
    assert (SCHEMAS / file).read_text(encoding="utf-8") == text_of(what)
