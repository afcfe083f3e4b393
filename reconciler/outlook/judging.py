"""Changes -> what is told of the faults of mail, and the changes that are held because they bring one.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.config.stack import Stack
from reconciler.config.tree import Path
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.errors import Where
from reconciler.guard.context import Held
from reconciler.guard.context import held as by_rule
from reconciler.lint.judge import Fault, judge
from reconciler.lint.lines import ZoneText
from reconciler.lint.rule import Rule
from reconciler.lint.rules import RULES
from reconciler.outlook.causes import causes
from reconciler.outlook.states import States
from reconciler.resource import Address
from reconciler.state import Finding, Live

# An MX that the stack does not declare is a change of the plan itself, held until somebody lists it.
_OF_A_PLAN: Final = {name: rule for name, rule in RULES.items() if name != "MX-03"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan is judged by.  find turns a path of the stack's file into its place.

    zones returns the zone files with these names (absolute, with a dot), as far as they were read.
    """

    stack: Stack
    find: Callable[[Path], Where]
    zones: Callable[[frozenset[str]], tuple[ZoneText, ...]] = lambda _: ()
    rules: Mapping[str, Rule] = field(default_factory=lambda: _OF_A_PLAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """findings are what a person is told; held, by address, are changes that would bring an error."""

    findings: tuple[Finding, ...] = ()
    held: Mapping[Address, Held] = field(default_factory=dict)


def outlook(basis: Basis, desired: Desired, live: Live, going: Iterable[Change]) -> Outlook:
    """Return what becomes of mail when these changes are made.

    An error that nobody holds - its change was released, or it comes with a new domain - is told as a
    warning.
    """
    states = States(basis.stack, basis.find, desired, live, going, basis.zones)
    if not states.changes:
        return Outlook()
    judgement = judge(
        states.before(),
        states.after(),
        basis.rules,
        touched=states.touched,
        is_written=states.is_written,
        ignore=basis.stack.ignore,
    )
    held: dict[Address, Held] = {}
    milder: set[Finding] = set()
    for fault in judgement.blocking:
        stopped = _stopped(fault, basis, states, desired)
        if not stopped:
            milder.add(fault.finding)
        for change in stopped:
            held.setdefault(change.address, by_rule(change, fault.finding.rule, fault.finding.text))
    findings = tuple(replace(f, severity="warning") if f in milder else f for f in judgement.findings)
    return Outlook(findings=findings, held=held)


def _stopped(fault: Fault, basis: Basis, states: States, desired: Desired) -> tuple[Change, ...]:
    rule = basis.rules.get(fault.finding.rule)
    found = causes(fault, rule, states) if rule is not None else ()
    return () if any(change.address in desired.released for change in found) else found
