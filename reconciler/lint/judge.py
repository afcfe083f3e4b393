"""Scene -> findings; and two scenes -> what a plan mends, leaves as it was, or brings.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.config.stack import Ignore
from reconciler.errors import Where
from reconciler.lint.refused import KEPT_BY_LOADER
from reconciler.lint.rule import Found, Rule
from reconciler.lint.scene import Scene
from reconciler.state import Finding

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
class Judgement:
    """What a plan does to the findings.  blocking, among them, are errors that the plan would bring."""

    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A finding with the name that it is about."""

    finding: Finding
    name: str

    @property
    def fault(self) -> tuple[str, str]:
        """What makes two findings the same fault: the rule and what it is about, not words or places."""
        return self.finding.rule, self.name


def lint(scene: Scene, rules: Iterable[Rule], *, ignore: Iterable[Ignore] = (), today: str) -> Result:
    """Return what the rules find in a scene.  today is an ISO date: an ignore ends after its `until`."""
    told, skipped = _judged(scene, rules)
    valid = [one for one in ignore if one.until is None or one.until >= today]
    kept, accepted = [], []
    for one in told:
        reason = next((i.reason for i in valid if _covers(i, one)), None)
        if reason is None:
            kept.append(one.finding)
        else:
            accepted.append((one.finding, reason))
    return Result(findings=_ordered(kept), skipped=skipped, accepted=tuple(accepted))


def judge(
    before: Scene,
    after: Scene,
    rules: Mapping[str, Rule],
    *,
    touched: Collection[str],
    ignore: Iterable[Ignore] = (),
    today: str,
) -> Judgement:
    """Return what a plan does to the findings that are about anything touched.

    touched are domains, addresses, networks and keys.  A fault that is gone afterwards is told as
    mended, one that was there before warns at most, and an error that is new blocks.
    """
    valid = [one for one in ignore if one.until is None or one.until >= today]

    def told(scene: Scene) -> tuple[dict[tuple[str, str], list[_Told]], tuple[str, ...]]:
        all_told, skipped = _judged(scene, rules.values())
        found: dict[tuple[str, str], list[_Told]] = {}
        for one in all_told:
            if _is_touched(one.name, touched) and not any(_covers(i, one) for i in valid):
                found.setdefault(one.fault, []).append(one)
        return found, skipped

    were, _ = told(before)
    will_be, skipped = told(after)
    mended = [
        _mended(one.finding) for fault, all_of in were.items() if fault not in will_be for one in all_of
    ]
    stays = [_stays(one.finding) for fault, all_of in will_be.items() if fault in were for one in all_of]
    brought = [one.finding for fault, all_of in will_be.items() if fault not in were for one in all_of]
    return Judgement(
        findings=_ordered((*brought, *stays, *(f for f in mended if f is not None))),
        blocking=_ordered(finding for finding in brought if finding.severity == "error"),
        skipped=skipped,
    )


def _judged(scene: Scene, rules: Iterable[Rule]) -> tuple[list[_Told], tuple[str, ...]]:
    told, skipped = [], []
    rules = tuple(rules)
    for rule in rules:
        if rule.check is None or not rule.can_judge(scene):
            skipped.append(rule.id)
            continue
        told += [_told(rule, found) for found in rule.check(scene)]
    told += _without_rule(scene, {rule.id for rule in rules})
    return list({(one.finding, one.name): one for one in told}.values()), tuple(sorted(skipped))


def _told(rule: Rule, found: Found) -> _Told:
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
    return _Told(finding=finding, name=found.name)


def _without_rule(scene: Scene, known: set[str]) -> Iterable[_Told]:
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
        yield _Told(finding=finding, name=str(where))


def _covers(ignore: Ignore, told: _Told) -> bool:
    return ignore.id == told.finding.rule and (
        ignore.name is None or ignore.name.lower().removesuffix(".") == told.name.lower()
    )


def _is_touched(name: str, touched: Collection[str]) -> bool:
    """Is a name one of them, or inside one?"""
    domain = name.rpartition("@")[2]
    labels = domain.split(".")
    return name in touched or any(".".join(labels[at:]) in touched for at in range(len(labels)))


def _mended(finding: Finding) -> Finding | None:
    if finding.severity == "hint":
        return None
    return replace(finding, severity="hint", text=f"mended by this plan: {finding.text}", fix="")


def _stays(finding: Finding) -> Finding:
    """A fault that was there before is no reason to refuse a plan that has nothing to do with it."""
    if finding.severity != "error":
        return finding
    return replace(finding, severity="warning", text=f"there before this plan: {finding.text}")


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda f: (_RANK[f.severity], f.file, f.line, f.column, f.rule, f.text, f.fix))
    )
