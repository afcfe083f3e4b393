"""A rule, made from its function: the docstring is the page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.errors import Where
from reconciler.lint.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a rule has found.  name is what it is about: a DNS name, an address, a network, a key.

    severity is given where this case is milder than the rule usually is.
    """

    text: str
    fix: str
    name: str
    where: Where | None = None
    severity: str = ""


Check: TypeAlias = Callable[[Scene], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """stage says where it can be judged: Y the stack, Z a zone file, C config.toml, S the server,
    P the plan, N nowhere yet.

    check is None for a rule that others tell, such as the reading of the server, and for one of stage N.
    """

    id: str
    severity: str
    stage: str
    title: str
    looks_at: tuple[str, ...]
    what: str
    why: str
    mend: str
    source: str
    check: Check | None

    def can_judge(self, scene: Scene) -> bool:
        """Say whether the scene holds all that the rule looks at."""
        return self.check is not None and all(_HOLDS[part](scene) for part in self.looks_at)

    @property
    def is_about_the_file(self) -> bool:
        """Is it about what the stack says, rather than about what is or will be true?"""
        return "stack file" in self.looks_at


_HOLDS: dict[str, Callable[[Scene], bool]] = {
    "stack file": lambda scene: scene.is_written and (scene.stack is not None or bool(scene.refused)),
    "stack": lambda scene: scene.stack is not None,
    "records": lambda scene: bool(scene.lines),
    "zone file": lambda scene: bool(scene.zones),
    "mailboxes": lambda scene: any(map(scene.knows_mailboxes, scene.domains)),
    "hostname": lambda scene: scene.hostname is not None or bool(scene.refused),
    "config file": lambda scene: scene.config is not None,
    "settings": lambda scene: scene.config is not None or bool(scene.resources),
    "server": lambda scene: scene.is_server_read,
    "resources": lambda scene: bool(scene.resources or scene.refused),
}
# What no scene holds: plan and apply judge these themselves, or nobody does yet.
_NOWHERE = frozenset({"network", "backups"})
_STAGES = {
    "stack file": "Y",
    "stack": "Y",
    "records": "YZ",
    "zone file": "Z",
    "mailboxes": "YS",
    "hostname": "YZ",
    "config file": "C",
    "settings": "YC",
    "server": "S",
    "resources": "YS",
    "plan": "P",
    **dict.fromkeys(_NOWHERE, "N"),
}
_HEAD = re.compile(r"([A-Z]+-[0-9]{2}): (.+)\.")
_NAMED = re.compile(r"(Severity|Why|Fix|Source):")


def rule_of(function: Check, *, is_told: bool = False) -> Rule:
    """Return the rule that a function is.  is_told: others judge it, and the function holds the page only."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(function.__doc__ or ""))
    head = _HEAD.fullmatch(" ".join(paragraphs[0].split()))
    assert head is not None, f"{function.__name__}: the first line is `ID: Title.`"
    parts: dict[str, str] = {}
    what = []
    for paragraph in paragraphs[1:]:
        named = _NAMED.match(paragraph)
        if named is None:
            what.append(paragraph)
            continue
        for line in paragraph.splitlines() if named[1] == "Severity" else (paragraph,):
            name, _, rest = line.partition(":")
            parts[name] = rest.strip()
    looks_at = tuple(parts["Looks at"].split(", "))
    return Rule(
        id=head[1],
        title=head[2],
        severity=parts["Severity"],
        stage="".join(sorted(set("".join(_STAGES[part] for part in looks_at)), key="YZCSPN".index)),
        looks_at=looks_at,
        what="\n\n".join(what),
        why=parts["Why"],
        mend=parts["Fix"],
        source=parts["Source"],
        check=None if is_told else function,
    )


def page(rule: Rule) -> str:
    """Return the rule's page, as Markdown."""
    return "\n".join(
        (
            f"# {rule.id}: {rule.title}",
            "",
            f"Severity: {rule.severity} · looks at: {', '.join(rule.looks_at)}",
            "",
            rule.what,
            "",
            *(
                (f"Not checked by this version: nothing that it reads tells of the {rule.looks_at[0]}.", "")
                if rule.stage == "N"
                else ()
            ),
            f"**Why it matters.** {rule.why}",
            "",
            f"**How to mend it.** {rule.mend}",
            "",
            f"Source: {rule.source}",
            "",
        )
    )
