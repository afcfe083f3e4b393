"""Which change brings a fault: the one without which the fault would not be there.  Pure.

Asked of the rule itself, by looking at the state after the plan without the change: so no rule needs
to know of changes, and nothing is held that has no part in the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from reconciler.diff import Change, Verb
from reconciler.kinds.record import Record
from reconciler.lint.judge import Fault, faults
from reconciler.lint.lines import bare
from reconciler.lint.rule import Rule
from reconciler.outlook.states import States
from reconciler.resource import Address

_IsGone = Callable[[Collection[Change]], bool]

# So many are tried one by one, the likeliest first.
_TRIED_ALONE = 12


def causes(fault: Fault, rule: Rule, states: States) -> tuple[Change, ...]:
    """Return the fewest changes without which the fault is not there; nothing where no change brings it.

    That a domain comes new is never among them: nothing was delivered there before, so a new domain
    that lacks something breaks nothing, and holding all of it would help nobody.
    """
    near: frozenset[str] | None = states.around(fault.name)
    if fault.key not in faults(states.after_without((), near), rule):
        near = None

    def is_gone(left_out: Collection[Change]) -> bool:
        return fault.key not in faults(states.after_without(left_out, near), rule)

    suspects = sorted(states.changes_of(near), key=lambda change: _distance(change, fault, states))
    found = _fewest(suspects, is_gone)
    return () if any(map(_is_new_domain, found)) else found


def _is_new_domain(change: Change) -> bool:
    return change.address.kind == "domain" and change.verb is Verb.ADD


def _distance(change: Change, fault: Fault, states: States) -> tuple[bool, bool]:
    """Return how far a change is from a fault: what stands at its place and bears its name comes first."""
    where = states.place(change.address)
    found = fault.finding
    is_there = where is not None and (where.file, where.line, where.column) == (
        found.file,
        found.line,
        found.column,
    )
    return not is_there, fault.name not in _names(change.address, change)


def _names(address: Address, change: Change) -> tuple[str, ...]:
    resource = change.resource
    owner = bare(resource.owner) if isinstance(resource, Record) else ""
    return address.name, owner


def _fewest(suspects: Sequence[Change], is_gone: _IsGone) -> tuple[Change, ...]:
    for change in suspects[:_TRIED_ALONE]:
        if is_gone((change,)):
            return (change,)
    if not suspects or not is_gone(suspects):
        return ()
    # Leave out ever smaller parts for as long as the fault stays away without them.
    left = list(suspects)
    size = len(left) // 2
    while size:
        for start in range(len(left) - size, -1, -size):
            fewer = left[:start] + left[start + size :]
            if fewer and is_gone(fewer):
                left = fewer
        size = min(size // 2, len(left) - 1)
    return tuple(left)
