"""`docs/rules/` is what the rules say.  `MAILSTACK_WRITE=1 pytest tests/lint/test_lint_pages.py` writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reconciler.lint.rule import page
from reconciler.lint.rules import RULES

NO_RULES = {"UTF-16", "UTF-32"}
FOLDER = Path(__file__).parents[2] / "docs" / "rules"


@pytest.fixture(scope="module", autouse=True)
def _written():
    if os.environ.get("MAILSTACK_WRITE"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in FOLDER.glob("*.md"):
            path.unlink()
        for rule in RULES.values():
            (FOLDER / f"{rule.id}.md").write_text(page(rule), encoding="utf-8")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_page_of_a_rule_is_current(rule):
    assert (FOLDER / f"{rule.id}.md").read_text(encoding="utf-8") == page(rule)


def test_there_is_no_page_without_a_rule():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(RULES)


def test_every_rule_that_the_program_names_has_a_page():
    package = FOLDER.parents[1] / "reconciler"
    named = {
        found
        for path in package.rglob("*.py")
        for found in re.findall(r'"([A-Z]+-[0-9]{2})"', path.read_text(encoding="utf-8"))
    }

    assert sorted(named - set(RULES) - NO_RULES) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_why_how_and_whence(rule):
    assert rule.severity in ("error", "warning", "hint")
    assert all(len(text) > 10 for text in (rule.title, rule.what, rule.why, rule.mend, rule.source))
