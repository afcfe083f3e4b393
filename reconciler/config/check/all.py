"""All cross-checks of a stack, in the order in which a reader meets their subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.config.check import accounts, domains, groups, targets
from reconciler.config.check.holders import holders
from reconciler.config.check.listed import forgotten, removed
from reconciler.config.check.settings import settings
from reconciler.config.check.targets import Reference
from reconciler.config.faults import Faults
from reconciler.config.normal.resources import Listed
from reconciler.config.stack import Stack


def check(
    stack: Stack, references: Sequence[Reference], listed: Mapping[str, Listed], faults: Faults
) -> None:
    """Note everything in which the parts of a stack do not fit together."""
    known = holders(stack)
    targets.targets(references, known, faults)
    targets.members(references, known, faults)
    groups.cycles(references, known, faults)
    accounts.logins(stack, known, faults)
    accounts.renames(stack, known, faults)
    domains.parked(stack, faults)
    settings(stack, faults)
    removed(listed["removed"], stack, known, faults)
    forgotten(listed["forget"], stack, known, faults)
