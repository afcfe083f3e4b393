"""All rules by id, in the order of the areas.  Whoever adds a rule writes one function in its area."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.errors import InputError, Problem
from reconciler.lint import (
    addresses,
    client,
    dkim,
    dmarc,
    host,
    mx,
    server,
    spf,
    told,
    transport,
    zone,
    zone_text,
    zone_times,
)
from reconciler.lint.rule import Rule, rule_of

_AREAS: Final = (
    host,
    zone,
    zone_text,
    zone_times,
    mx,
    spf,
    dkim,
    dmarc,
    transport,
    client,
    addresses,
    server,
    told,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.id: rule
        for area in _AREAS
        for rule in (rule_of(function, is_told=area is told) for function in area.RULES)
    }
)


def find(name: str) -> Rule:
    """Return the rule with that id, in any case of letters; InputError where there is none."""
    rule = RULES.get(name.upper())
    if rule is not None:
        return rule
    near = difflib.get_close_matches(name.upper(), RULES, n=1)
    hint = f"Did you mean {near[0]}?" if near else "All of them: mailstack explain"
    raise InputError(Problem(summary=f"there is no rule {name}", detail=hint, rule="unknown-rule"))
