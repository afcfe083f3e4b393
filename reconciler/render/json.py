"""Plan and report -> JSON, `format: 1`, as `schemas/plan.schema.json` and `schemas/report.schema.json` describe it.  Pure.

The same plan gives the same bytes.  No secret and no clock is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reconciler import __version__
from reconciler.diff import Change, FieldChange, Verb
from reconciler.plan import Plan
from reconciler.render.json_text import json_text
from reconciler.report import Report, Run
from reconciler.resource import UNSET, Address, Pending, plain

FORMAT = 1


def plan(plan: Plan) -> str:
    """Return a plan as JSON text with a final line end."""
    return json_text(plan_data(plan))


def report(report: Report) -> str:
    """Return a report as JSON text with a final line end."""
    return json_text(report_data(report))


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain data."""
    systems = {change.address: wave.system for wave in plan.waves for change in wave.changes}
    verbs = Counter(change.verb for change in plan.changes)
    return {
        "format": FORMAT,
        "mailstack": __version__,
        "stack": {"name": plan.stack, "domains": list(plan.domains)},
        "systems": [
            {"name": s.label, "title": s.title, "kind": s.kind, "version": s.version, "where": s.where}
            for s in plan.systems
        ],
        "changes": [_change(change, systems[change.address]) for change in plan.changes],
        "held": [
            {
                "address": str(held.change.address),
                "verb": held.change.verb.value,
                "rule": held.rule,
                "why": held.why,
                "release": held.release,
                "how": held.how,
                "reason": held.change.reason,
                "fields": [_field(field) for field in held.change.fields],
                **_renamed(held.change),
            }
            for held in plan.held
        ],
        "waves": [
            {
                "phase": wave.phase.name.lower().replace("_", "-"),
                "system": wave.system,
                "addresses": [str(change.address) for change in wave.changes],
                "activation": wave.activate.value,
            }
            for wave in plan.waves
        ],
        "findings": [
            {
                "rule": f.rule,
                "severity": f.severity,
                "file": f.file,
                "line": f.line,
                "column": f.column,
                "text": f.text,
                "fix": f.fix,
            }
            for f in plan.findings
        ],
        "notes": list(plan.notes),
        "unmanaged": {kind: list(names) for kind, names in plan.unmanaged.items()},
        "beside": dict(plan.beside),
        "summary": {
            **{verb.value: verbs[verb] for verb in (Verb.ADD, Verb.CHANGE, Verb.DELETE, Verb.ADOPT)},
            "held": len(plan.held),
        },
        "plan_id": plan.plan_id,
        "complete": plan.complete,
        "released": list(plan.released),
        "allowed_deletes": plan.allowed_deletes,
    }


def report_data(report: Report) -> dict[str, Any]:
    """Return a report as plain data: the plan, and what became of each of its changes."""
    return _report(report.plan, report, report.exit_code)


def audit(run: Run, plan: Plan | None, report: Report | None) -> str:
    """Return the report of a run as JSON text: also of one that failed before it had a plan, or goes on."""
    return json_text(_report(plan, report, run.exit_code, run.stored) | {"run": _run(run)})


def _report(
    plan: Plan | None,
    report: Report | None,
    exit_code: int | None,
    stored: Mapping[Address, str] | None = None,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "mailstack": __version__,
        "plan": None if plan is None else plan_data(plan),
        "outcomes": [
            {
                "address": str(outcome.address),
                "verb": outcome.verb.value,
                "status": outcome.status.value,
                "detail": outcome.detail,
                **({"stored": stored[outcome.address]} if stored and outcome.address in stored else {}),
            }
            for outcome in (report.outcomes if report is not None else ())
        ],
        "facts": list(report.facts) if report is not None else [],
        "exit_code": exit_code,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "command": run.command,
        "stack": run.stack,
        "file": run.file,
        "started": run.started,
        "ended": run.ended,
        "actor": run.actor,
        "host": run.host,
        "commit": run.commit,
        "modified": run.is_modified,
        "job": run.job,
        "problems": [
            {
                "rule": problem.rule,
                "summary": problem.summary,
                "detail": problem.detail,
                "where": str(problem.where or ""),
            }
            for problem in run.problems
        ],
    }


def _change(change: Change, system: str) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "verb": change.verb.value,
        "system": system,
        "reason": change.reason,
        "fields": [_field(field) for field in change.fields],
        **_renamed(change),
    }


def _renamed(change: Change) -> dict[str, Any]:
    return {} if change.renamed_from is None else {"renamed_from": str(change.renamed_from)}


def _field(field: FieldChange) -> dict[str, Any]:
    if field.secret:
        return {"path": field.path, "secret": True}
    data: dict[str, Any] = {"path": field.path}
    if field.before is not UNSET:
        data["before"] = plain(field.before)
    if isinstance(field.after, Pending):
        data["pending"] = True
    elif field.after is not UNSET:
        data["after"] = plain(field.after)
    return data
