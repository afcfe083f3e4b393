"""Findings -> text, JSON, SARIF 2.1.0.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from reconciler import __version__
from reconciler.lint.judge import Result
from reconciler.lint.rule import Rule
from reconciler.render.characters import printable, printable_lines, unobeyed
from reconciler.render.json_text import json_text
from reconciler.state import Finding

FORMAT = 1

Paint: TypeAlias = Callable[[str, str], str]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "hint": "note"}
_SIGNS = {"error": "-", "warning": "warn", "hint": "faint"}


def plain(_: str, text: str) -> str:
    """Paint nothing."""
    return text


def as_text(result: Result, rules: Mapping[str, Rule] | None = None, *, paint: Paint = plain) -> str:
    """Return the findings as a person reads them: where, what, how to mend it; then what was not looked at.

    rules tell which of those skipped lint could judge if it had what they look at.
    """
    lines = []
    for finding in result.findings:
        head = paint(_SIGNS[finding.severity], f"{finding.severity} {printable(finding.rule)}")
        place = f"{_place(finding)}: " if finding.file else ""
        lines.append(f"{printable(place)}{head}  {printable(finding.text)}")
        lines += [f"    {line}".rstrip() for line in printable_lines(finding.fix)]
    for finding, reason in result.accepted:
        lines.append(
            paint(
                "faint", f"ignored {printable(finding.rule)}  {printable(finding.text)} ({printable(reason)})"
            )
        )
    if lines:
        lines.append("")
    lines.append(_summary(result, rules))
    lines += [paint("faint", line) for line in _not_checked(result.skipped, rules or {})]
    return unobeyed("\n".join(lines) + "\n")


def _not_checked(skipped: Sequence[str], rules: Mapping[str, Rule]) -> Iterator[str]:
    never = [name for name in skipped if name in rules and rules[name].check is None]
    for_want = [name for name in skipped if name not in never]
    nobodys = [name for name in never if rules[name].stage == "N"]
    if for_want:
        yield f"not checked, for want of what they look at: {', '.join(for_want)}"
    if never:
        others = len(never) - len(nobodys)
        parts = [f"{others} that plan and apply judge"] * bool(others)
        parts += [f"{len(nobodys)} that need the network"] * bool(nobodys)
        yield f"not checked here: {' and '.join(parts)}; mailstack explain lists them"


def _place(finding: Finding) -> str:
    parts = [finding.file, *(str(n) for n in (finding.line, finding.column) if n)]
    return ":".join(parts)


def _summary(result: Result, rules: Mapping[str, Rule] | None) -> str:
    counts = Counter(finding.severity for finding in result.findings)
    if not counts:
        return "Nothing found."
    said = [
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in ("error", "warning", "hint")
        if counts[severity]
    ]
    # What loader and readers say beyond the rules has no page.
    first = next((f.rule for f in result.findings if rules is None or f.rule in rules), "")
    more = f" · mailstack explain {printable(first)} says more" if first else ""
    return f"{', '.join(said)}{more}"


def as_json(result: Result) -> str:
    """Return the findings as JSON text, `format: 1`."""
    data = {
        "format": FORMAT,
        "mailstack": __version__,
        "findings": [_finding(finding) for finding in result.findings],
        "ignored": [{**_finding(finding), "reason": reason} for finding, reason in result.accepted],
        "skipped": list(result.skipped),
    }
    return json_text(data)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "text": finding.text,
        "fix": finding.fix,
    }


def as_sarif(result: Result, rules: Mapping[str, Rule], place: Callable[[str], str] = str) -> str:
    """Return the findings as SARIF 2.1.0, which code scanning reads.  place says what the repository calls a file."""
    used = [rules[name] for name in dict.fromkeys(f.rule for f in result.findings) if name in rules]
    driver = {
        "name": "mailstack",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.why},
                "help": {"text": rule.mend},
                "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
            }
            for rule in used
        ],
    }
    data = {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(_sarif_results(result, place))}],
    }
    return json_text(data)


def _sarif_results(result: Result, place: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    for finding in result.findings:
        text = finding.text if not finding.fix else f"{finding.text}\n{finding.fix}"
        one: dict[str, Any] = {
            "ruleId": finding.rule,
            "level": _SARIF_LEVELS[finding.severity],
            "message": {"text": text},
        }
        if finding.file:
            region = {"startLine": finding.line or 1}
            if finding.column:
                region["startColumn"] = finding.column
            # A URI reference (SARIF 2.1.0 §3.4.3), so what means something else in one is written as %xx.
            uri = quote(place(finding.file), errors="replace")
            one["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]
        yield one
