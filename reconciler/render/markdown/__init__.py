"""Plan, report and findings -> Markdown for a comment in a pull request or a job's summary.  Pure.

What comes from outside stands in code only: GitHub finds mentions, links and HTML everywhere else,
and a backslash does not stop it.  So nothing is escaped here that code would show as it is.

    code      outside text made safe: code spans, lines for a fence
    sections  what is told, in sections that fit a size, cut between two things and never inside one
    plan      a plan; report  what became of it; drift  what changed under us; findings  what lint has found
"""

from __future__ import annotations

from reconciler.render.markdown.drift import drift
from reconciler.render.markdown.findings import findings
from reconciler.render.markdown.plan import plan
from reconciler.render.markdown.report import report

__all__ = ["drift", "findings", "plan", "report"]
