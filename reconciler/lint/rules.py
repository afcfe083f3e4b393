"""All rules by id, in the order of the areas.  Whoever adds a rule writes one function in its area."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.errors import InputError, Problem
from reconciler.lint import (
    addresses,
    certificates,
    client,
    dkim,
    dkim_names,
    dmarc,
    dmarc_others,
    handovers,
    host,
    kept,
    listeners,
    lookalikes,
    mx,
    publishing,
    server,
    settings,
    spf,
    told,
    transport,
    unchecked,
    zone,
    zone_text,
    zone_times,
)
from reconciler.lint.refused import KEPT_BY_LOADER
from reconciler.lint.rule import Rule, rule_of

_AREAS: Final = (
    host,
    zone,
    zone_text,
    zone_times,
    mx,
    spf,
    dkim,
    dkim_names,
    dmarc,
    dmarc_others,
    transport,
    certificates,
    client,
    listeners,
    addresses,
    lookalikes,
    handovers,
    server,
    settings,
    publishing,
    told,
    kept,
    unchecked,
)
# Of these, others judge, or nobody yet: their functions hold the pages only.
_PAGES_ONLY: Final = (told, kept, unchecked)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.id: rule
        for area in _AREAS
        for rule in (rule_of(function, is_told=area in _PAGES_ONLY) for function in area.RULES)
    }
)


# The short names by which the stack's loader and the plan's holds call what is a rule here.
SHORT_NAMES: Final[Mapping[str, str]] = MappingProxyType({**KEPT_BY_LOADER, **kept.HELD})


def find(name: str) -> Rule:
    """Return the rule with that id, in any case of letters, or with that short name; InputError where there is none."""
    rule = RULES.get(SHORT_NAMES.get(name.lower(), name).upper())
    if rule is not None:
        return rule
    near = difflib.get_close_matches(name.upper(), RULES, n=1)
    hint = f"Did you mean {near[0]}?" if near else "All of them: mailstack explain"
    raise InputError(Problem(summary=f"there is no rule {name}", detail=hint, rule="unknown-rule"))
