"""Every rule fires where it must: with its place, its words and its fix, and nothing else is told.

A case in `cases/` says how the zone, the stack and the config.toml of `lint_texts` are changed (`zone -` takes a line
out, `zone +` puts one in its place or at the end), and after `=>` all that is told.  Where only the
rule and the place stand there, the words are those of the stack's loader or of the reader of zone
files, and are tested there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from lint_texts import CONFIG, STACK, ZONE

from reconciler.lint.judge import Result
from reconciler.lint.rules import RULES

FOLDER = Path(__file__).parent / "cases"
BASES = {"zone": ZONE, "stack": STACK, "config": CONFIG}


@dataclass(frozen=True, kw_only=True)
class Case:
    """None: there is no such file."""

    stack: str | None
    zone: str | None
    config: str | None
    hostname: str | None
    expected: list[str]


def changed(base: str, edits: list[str]) -> str:
    """Return the text with lines taken out and put in."""
    lines = base.splitlines()
    at = len(lines)
    for edit in edits:
        sign, line = edit[0], edit[2:]
        if sign == "-":
            at = lines.index(line)
            del lines[at]
        else:
            lines.insert(at, line)
            at += 1
    return "\n".join(lines) + "\n"


def case_of(text: str) -> Case:
    before, _, after = text.partition("\n=>\n")
    lines = before.splitlines()
    given = {
        what: changed(base, [line.removeprefix(f"{what} ") for line in lines if line.startswith(f"{what} ")])
        if what in lines
        else None
        for what, base in BASES.items()
    }
    hostname = next((line.partition(" ")[2] for line in lines if line.startswith("hostname ")), None)
    return Case(**given, hostname=hostname, expected=after.strip("\n").splitlines())


CASES = {
    text.partition("\n")[0]: case_of(text.partition("\n")[2])
    for path in sorted(FOLDER.glob("*.txt"))
    for text in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
}


def told(result: Result, expected: list[str]) -> list[str]:
    """Return the findings as lines; without their words where the case has none."""
    lines = []
    for finding in result.findings:
        place = f"{finding.file}:{finding.line}: " if finding.file else ""
        head = f"{place}{finding.severity} {finding.rule}"
        if head in expected and finding.fix:
            lines.append(head)
        else:
            lines += [f"{head}: {finding.text}", *(f"    {line}" for line in finding.fix.splitlines())]
    return lines


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_fault_is_told_with_its_place_and_its_fix(case, judge):
    result = judge(case.stack, case.zone, case.hostname, case.config)

    assert told(result, case.expected) == case.expected


def test_every_rule_that_is_judged_offline_has_a_case():
    # test_lint_server.py and test_lint_judge.py have those that look at a server.
    checked = [rule for rule in RULES.values() if rule.check is not None]
    offline = {rule.id for rule in checked if "server" not in rule.looks_at}

    assert {re.split(r"[: ]", name)[0] for name in CASES} == offline
