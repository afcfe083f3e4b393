"""What lint has found, for a job's summary."""

from __future__ import annotations

from collections import Counter

from reconciler.lint.judge import Result
from reconciler.render import words
from reconciler.render.markdown import lines
from reconciler.render.markdown.code import span
from reconciler.render.markdown.plan import marker
from reconciler.render.markdown.sections import Section, fitted


def findings(result: Result, *, max_bytes: int, stack: str = "") -> str:
    """Return findings as Markdown of at most max_bytes bytes, the worst first.  stack is the stack's name, if any."""
    counts = Counter(finding.severity for finding in result.findings)
    parts = [
        words.counted(counts[severity], severity)
        for severity in ("error", "warning", "hint")
        if counts[severity]
    ]
    name = f" {span(stack)}" if stack else ""
    head = f"### mailstack lint{name}: {', '.join(parts) or 'nothing found'}\n"
    if stack:
        head = f"{marker(stack)}\n{head}"
    section = Section(
        title="Findings", items=tuple(lines.findings(result.findings)), noun="findings", folds=True
    )
    told = [f"{len(result.accepted):,} ignored, each with its reason in the stack"] * bool(result.accepted)
    told += ["`mailstack explain RULE` tells more of a rule"] * bool(result.findings)
    return fitted(head, [section], "\n".join(f"{text}\n" for text in told), max_bytes)
