"""Scene -> findings; and two scenes -> what a plan mends, leaves as it was, or brings.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from reconciler.config.stack import Ignore
from reconciler.errors import Where
from reconciler.lint import exceptions
from reconciler.lint.refused import KEPT_BY_LOADER
from reconciler.lint.rule import Found, Rule
from reconciler.lint.scene import Scene
from reconciler.state import Finding

# File, line and column.
Place: TypeAlias = tuple[str, int, int]

_RANK = {"error": 0, "warning": 1, "hint": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """findings by severity, then place; skipped are the ids of rules that could not be judged.

    accepted are findings that `lint.ignore` takes out, each with the reason that somebody gave.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    accepted: tuple[tuple[Finding, str], ...] = ()

    def having(self, severity: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A finding with the name that it is about."""

    finding: Finding
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes two findings the same fault: the rule and what it is about, not words or places."""
        return self.finding.rule, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a plan does to the faults.  blocking, told among the findings too, are errors that it would bring."""

    findings: tuple[Finding, ...]
    blocking: tuple[Fault, ...]


def lint(scene: Scene, rules: Iterable[Rule], *, ignore: Iterable[Ignore] = (), today: str) -> Result:
    """Return what the rules find in a scene.  today is an ISO date: an ignore ends after its `until`."""
    rules, ignore = tuple(rules), tuple(ignore)
    told, skipped = _judged(scene, rules)
    over = exceptions.ended(ignore, {rule.id for rule in rules}, scene.find, today)
    valid = [one for one in ignore if one.until is None or one.until >= today]
    kept, accepted = [], []
    for one in told:
        reason = next((i.reason for i in valid if _covers(i, one)), None)
        if reason is None:
            kept.append(one.finding)
        else:
            accepted.append((one.finding, reason))
    return Result(findings=_ordered((*kept, *over)), skipped=skipped, accepted=tuple(accepted))


def judge(
    before: Scene,
    after: Scene,
    rules: Mapping[str, Rule],
    *,
    touched: Collection[str],
    is_written: Callable[[Place], bool] = lambda _: False,
    ignore: Iterable[Ignore] = (),
) -> Judgement:
    """Return what a plan does to the faults that are about anything touched.

    touched are domains, addresses, networks and keys; is_written says whether the plan makes true
    what stands at a place of the stack's file.  An error that is gone afterwards is told as mended,
    one that was there before warns, and one that is new blocks.  What else was there before, and
    hints, are for `mailstack lint` to tell: a plan would repeat them for ever.  So is an exception
    whose day has passed: a plan has no clock, and what was reviewed on Friday is the same on Monday.
    """
    accepted = tuple(ignore)

    def told(scene: Scene) -> dict[tuple[str, str], list[Fault]]:
        found: dict[tuple[str, str], list[Fault]] = {}
        files = {zone.file for zone in scene.zones}
        for one in _judged(scene, rules.values())[0]:
            # What stands in a zone file may be about a name elsewhere, such as the target of an MX.
            is_near = one.finding.file in files or _is_touched(one.name, touched)
            if is_near and not any(_covers(i, one) for i in accepted):
                found.setdefault(one.key, []).append(one)
        return found

    def is_brought(fault: Fault) -> bool:
        rule = rules.get(fault.finding.rule)
        if rule is not None and rule.can_judge(after) and not rule.can_judge(before):
            return not rule.is_about_the_file or is_written(_place(fault.finding))
        return fault.key not in were

    were, will_be = told(before), told(after)
    mended = [_mended(one.finding) for key, all_of in were.items() if key not in will_be for one in all_of]
    stays: list[Fault] = []
    brought: list[Fault] = []
    for fault in (one for all_of in will_be.values() for one in all_of):
        (brought if is_brought(fault) else stays).append(fault)
    return Judgement(
        findings=_ordered(
            (
                *(fault.finding for fault in brought if fault.finding.severity != "hint"),
                *(_stays(fault.finding) for fault in stays if fault.finding.severity == "error"),
                *(finding for finding in mended if finding is not None),
            )
        ),
        blocking=tuple(fault for fault in brought if fault.finding.severity == "error"),
    )


def faults(scene: Scene, rule: Rule) -> frozenset[tuple[str, str]]:
    """Return the keys of all faults that one rule finds."""
    return frozenset(one.key for one in _judged(scene, (rule,), is_alone=True)[0])


def _place(finding: Finding) -> Place:
    return finding.file, finding.line, finding.column


def _judged(
    scene: Scene, rules: Iterable[Rule], *, is_alone: bool = False
) -> tuple[list[Fault], tuple[str, ...]]:
    """Return what the rules find, and those that could not look; is_alone: nothing else is told."""
    told, skipped = [], []
    rules = tuple(rules)
    for rule in rules:
        if rule.check is None or not rule.can_judge(scene):
            skipped.append(rule.id)
            continue
        told += [_told(rule, found) for found in rule.check(scene)]
    if not is_alone:
        told += _without_rule(scene, {rule.id for rule in rules})
    return list({(one.finding, one.name): one for one in told}.values()), tuple(sorted(skipped))


def _told(rule: Rule, found: Found) -> Fault:
    where = found.where or Where(file="")
    finding = Finding(
        rule=rule.id,
        severity=found.severity or rule.severity,
        text=found.text,
        fix=found.fix,
        file=where.file,
        line=where.line,
        column=where.column,
    )
    return Fault(finding=finding, name=found.name)


def _without_rule(scene: Scene, known: set[str]) -> Iterable[Fault]:
    """Yield what loader and zone reader say of their own accord, beyond the rules of the catalogue."""
    for problem in (*scene.refused, *(p for zone in scene.zones for p in zone.problems)):
        if problem.rule in known or problem.rule in KEPT_BY_LOADER:
            continue
        where = problem.where or Where(file="")
        finding = Finding(
            rule=problem.rule,
            severity="error",
            text=problem.summary,
            fix=problem.detail,
            file=where.file,
            line=where.line,
            column=where.column,
        )
        yield Fault(finding=finding, name=str(where))


def _covers(ignore: Ignore, told: Fault) -> bool:
    return ignore.id == told.finding.rule and (
        ignore.name is None or ignore.name.lower().removesuffix(".") == told.name.lower()
    )


def _is_touched(name: str, touched: Collection[str]) -> bool:
    """Is a name one of them, or inside one?"""
    domain = name.rpartition("@")[2]
    labels = domain.split(".")
    return name in touched or any(".".join(labels[at:]) in touched for at in range(len(labels)))


def _mended(finding: Finding) -> Finding | None:
    if finding.severity != "error":
        return None
    return replace(finding, severity="hint", text=f"apply mends this: {finding.text}", fix="")


def _stays(finding: Finding) -> Finding:
    """A fault that was there before is no reason to refuse a plan that has nothing to do with it."""
    return replace(finding, severity="warning", text=f"there already: {finding.text}")


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda f: (_RANK[f.severity], f.file, f.line, f.column, f.rule, f.text, f.fix))
    )
