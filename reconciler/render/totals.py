"""How many of what, in one line: a plan's headline, a report's result, what is activated.  Pure; shared by renderers."""

from __future__ import annotations

import shlex
from collections import Counter

from reconciler.diff import Verb
from reconciler.guard.servers import NEW_SERVER
from reconciler.outcome import Status
from reconciler.plan import Plan
from reconciler.render import words
from reconciler.render.characters import printable
from reconciler.report import Report
from reconciler.state import Activate

# So many zones are told one by one; more become one number.
_ZONES_TOLD = 3


def planned(plan: Plan, *, held_first: bool = False) -> list[str]:
    """Return what a plan would do, in parts: `4 to add, 2 to change, 0 to delete`, `1 held`."""
    verbs = Counter(change.verb for change in plan.changes)
    parts = [
        f"{verbs[Verb.ADD]:,} to add, {verbs[Verb.CHANGE]:,} to change, {verbs[Verb.DELETE]:,} to delete"
    ]
    rest = ((Verb.ADOPT, "adopt"), (Verb.FORGET, "forget"))
    parts += [f"{verbs[verb]:,} to {word}" for verb, word in rest if verbs[verb]]
    held = [f"{len(plan.held):,} held"] if plan.held else []
    return [*held, *parts] if held_first else [*parts, *held]


def done(report: Report) -> list[str]:
    """Return what was made true, in parts: `4 added, 2 changed, 0 deleted`, `1 adopted`."""
    verbs = Counter(outcome.verb for outcome in report.having(Status.DONE))
    parts = [f"{verbs[Verb.ADD]:,} added, {verbs[Verb.CHANGE]:,} changed, {verbs[Verb.DELETE]:,} deleted"]
    rest = ((Verb.ADOPT, "adopted"), (Verb.FORGET, "forgotten"), (Verb.ACTIVATE, "activated"))
    parts += [f"{verbs[verb]:,} {word}" for verb, word in rest if verbs[verb]]
    return parts


def not_done(report: Report) -> list[str]:
    """Return what was not made true, in parts: `1 failed`, `2 not tried`, `1 held`; nothing when all is done."""
    counts = (
        (len(report.having(Status.FAILED)), "failed"),
        (len(report.having(Status.SKIPPED)), "not tried"),
        (len(report.having(Status.STALE)), "changed meanwhile"),
        (len(report.plan.held), "held"),
    )
    return [f"{number:,} {word}" for number, word in counts if number]


def activations(plan: Plan) -> list[str]:
    """Return what is made to count: `reload Stalwart twice`; many zones become one number."""
    counts = Counter((w.activate, w.system) for w in plan.waves if w.activate is not Activate.NOTHING)
    titles = {s.label: s.title for s in plan.systems}
    told = [
        (titles.get(system, system), words.activation(how, titles.get(system, system), number))
        for (how, system), number in counts.items()
    ]
    zones = [text for title, text in told if words.is_zone(title)]
    if len(zones) <= _ZONES_TOLD:
        return [text for _, text in told]
    others = [text for title, text in told if not words.is_zone(title)]
    return [*others, f"raise the serials of {len(zones):,} zones and reload them"]


def releases(plan: Plan) -> str:
    """Return what the command line has let go, as it was written there; empty when nothing."""
    options = [
        f"--{name}" if name == NEW_SERVER.kind else f"--release {shlex.quote(name)}" for name in plan.released
    ]
    options += [f"--allow-deletes {plan.allowed_deletes}"] * (plan.allowed_deletes is not None)
    return printable(" ".join(options))


def adoption(plan: Plan) -> tuple[str, ...]:
    """Return what a plan that only adopts means, in sentences; nothing for every other plan.

    It is the first plan after an import, and the one at which somebody decides whether to go on.
    """
    adopted = [change for change in plan.changes if change.verb is Verb.ADOPT]
    if not adopted or plan.held or len(adopted) != len(plan.changes):
        return ()
    where = (
        "on the server and nothing in DNS" if any(s.kind == "zone" for s in plan.systems) else "on the server"
    )
    number = f"{len(adopted):,} {'thing is' if len(adopted) == 1 else 'things are'}"
    sentences = [
        f"Nothing changes {where}.",
        f"{number} as declared and will be marked as this stack's:",
        "what you take out of this file later is then taken away there as well.",
        "Mailboxes, aliases, lists and domains go only when they are listed under removed:.",
    ]
    if plan.unmanaged:
        sentences.append(
            "What is unmanaged stays as it is; `mailstack import --into FILE` adds what it can, and says why not."
        )
    return tuple(sentences)
