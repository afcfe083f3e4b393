"""An exception that is over, or that can never apply, is told."""

from __future__ import annotations

import pytest
from lint_texts import STACK, ZONE

IGNORE = "lint: {ignore: [{id: %s, reason: moves next week, until: %s}]}\n"


def told(judge, identifier: str, until: str) -> list[str]:
    found = judge(STACK + IGNORE % (identifier, until), ZONE).findings
    return [f"{f.file}:{f.line} {f.severity} {f.rule}: {f.text} | {f.fix}" for f in found]


def test_an_exception_that_is_over_is_told_with_its_day_and_its_reason(judge):
    assert told(judge, "ZONE-12", "2026-05-31") == [
        "stack.yaml:10 hint LINT-01: the exception for ZONE-12 ended on 2026-05-31: moves next week"
        " | delete it, or give it a new day"
    ]


@pytest.mark.parametrize("until", ["2026-06-01", "2030-01-01"], ids=["its last day", "a later day"])
def test_an_exception_that_still_holds_is_not_told(until, judge):
    assert told(judge, "ZONE-12", until) == []


def test_an_exception_for_a_rule_that_is_none_is_told_with_the_nearest(judge):
    assert told(judge, "ZONE-99", "2030-01-01") == [
        "stack.yaml:10 warning LINT-01: the exception for ZONE-99 ignores nothing: there is no such rule"
        " | id: ZONE-19"
    ]
