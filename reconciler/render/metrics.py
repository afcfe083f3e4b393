"""A run -> metrics in the text format of Prometheus, for node_exporter's textfile collector.  Pure.

Every series carries the stack and the command, because the collector refuses two files that hold the
same series.  Of a run that failed, what it would have counted is left out: unknown is not zero.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, version 0.0.4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff import Verb
from reconciler.outcome import Outcome, Status
from reconciler.plan import Plan

LAST_SUCCESS = "mailstack_last_success_timestamp_seconds"

_SEVERITIES = ("error", "warning", "hint")
_HELP = {
    "mailstack_changes": "Changes that are still to be made, by what they do.",
    "mailstack_held": "Changes that apply leaves until they are released.",
    "mailstack_findings": "Findings, by severity.",
    "mailstack_unmanaged": "What is live and not declared, by kind.",
    "mailstack_complete": "1 where everything could be read, 0 where something could not.",
    "mailstack_run_success": "1 where the last run ended without an error, 0 where it did not.",
    "mailstack_run_duration_seconds": "How long the last run took.",
    "mailstack_last_run_timestamp_seconds": "When the last run ended.",
    LAST_SUCCESS: "When a run last ended without an error.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run.  Times are seconds since 1970; plan is None where there is none to count."""

    stack: str
    command: str
    started: float
    ended: float
    is_success: bool
    last_success: float | None  # the run before this one's, where it is known
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] = ()


def metrics(run: Measured) -> str:
    """Return the metrics of a run; the same run gives the same bytes."""
    labels = {"stack": run.stack, "command": run.command}
    lines: list[str] = []
    for name, samples in _families(run):
        lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels({**labels, **more})} {_number(value)}" for more, value in samples]
    return "".join(f"{line}\n" for line in lines)


def last_success_in(text: str) -> float | None:
    """Return when the run before was a success, from the metrics that it left; None where they do not tell."""
    found = re.search(rf"^{LAST_SUCCESS}\{{.*\}} ([0-9.]+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def _families(run: Measured) -> Iterator[tuple[str, list[tuple[Mapping[str, str], float]]]]:
    if run.plan is not None:
        yield from _counts(run.plan, run.outcomes)
    yield "mailstack_run_success", [({}, int(run.is_success))]
    yield "mailstack_run_duration_seconds", [({}, run.ended - run.started)]
    yield "mailstack_last_run_timestamp_seconds", [({}, run.ended)]
    last = run.ended if run.is_success else run.last_success
    if last is not None:
        yield LAST_SUCCESS, [({}, last)]


def _counts(
    plan: Plan, outcomes: tuple[Outcome, ...]
) -> Iterator[tuple[str, list[tuple[Mapping[str, str], float]]]]:
    done = {outcome.address for outcome in outcomes if outcome.status is Status.DONE}
    verbs = Counter(change.verb for change in plan.changes if change.address not in done)
    severities = Counter(finding.severity for finding in plan.findings)
    unmanaged = Counter({kind: len(names) for kind, names in plan.unmanaged.items()}) + Counter(plan.beside)
    yield "mailstack_changes", [({"verb": verb.value}, verbs[verb]) for verb in Verb]
    yield "mailstack_held", [({}, len(plan.held))]
    yield "mailstack_findings", [({"severity": name}, severities[name]) for name in _SEVERITIES]
    if unmanaged:
        yield "mailstack_unmanaged", [({"kind": kind}, unmanaged[kind]) for kind in sorted(unmanaged)]
    yield "mailstack_complete", [({}, int(plan.complete))]


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
