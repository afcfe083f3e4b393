"""All rules that hold a change, in the order in which they speak.  Pure.

A held change is not made until somebody releases it by its address, on the command line of plan or
in the file; it holds what depends on it and nothing else.  A rule with `releasable=False` wants the
missing line in the file instead: no flag makes mail stop that the file does not say should stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from reconciler.desired import Desired
from reconciler.diff import MARKS_ONLY, Change, Verb
from reconciler.guard.context import WITH_FLAG, Context, Held, context_of, held
from reconciler.guard.logins import ban_in_network, last_admin, login_changes, own_address, own_login
from reconciler.guard.mailboxes import (
    domain_not_empty,
    list_without_members,
    mail_stops_with_account,
    member_of_another_kind,
    renamed_too_early,
    taken_from_stranger,
)
from reconciler.guard.records import last_of_its_set, record_not_ours, weaker_policy
from reconciler.guard.servers import lost_server
from reconciler.resource import Address
from reconciler.state import Live


def held_changes(
    changes: Sequence[Change], desired: Desired, live: Live, *, allowed_deletes: int | None = None
) -> dict[Address, Held]:
    """Return what is held, by address.  allowed_deletes raises the limit on removals that go at once."""
    context = context_of(changes, desired, live, allowed_deletes)
    stopped: dict[Address, Held] = {}
    for change in changes:
        for rule in _RULES_OF_ADDITIONS if change.verb is Verb.ADD else RULES:
            found = rule(change, context)
            if found is None or (found.releasable and change.address in desired.released):
                continue
            stopped[change.address] = found
            break
    for found in _too_many(changes, context):
        if found.change.address not in desired.released:
            stopped.setdefault(found.change.address, found)
    return stopped


def certificate_not_renewed(change: Change, context: Context) -> Held | None:
    """The ACME account that goes: the certificate then runs out, weeks later."""
    if change.address.kind != "tls" or change.verb is not Verb.DELETE:
        return None
    return held(change, "no-renewal", "The certificate is no longer renewed, and runs out some weeks later.")


def unsafe_place(change: Change, context: Context) -> Held | None:
    """What the backend cannot write at all, such as one of many records of a template, or not without danger."""
    placement = context.live.place(change.resource)
    if placement is None or change.verb is Verb.ACTIVATE:
        return None
    if (problem := placement.refused) is not None:
        why = f"{problem.summary[:1].upper()}{problem.summary[1:]}. {problem.detail}"
        return held(change, "refused", why, release=f"change {problem.where} by hand")
    if placement.danger and change.verb not in MARKS_ONLY:
        return held(change, "dangerous-write", placement.danger)
    return None


def _too_many(changes: Sequence[Change], context: Context) -> Iterator[Held]:
    """More than max(3, 20 %) of what is ours in one kind or zone going at once: a merge gone wrong, a wrong branch."""
    going: dict[str, list[Change]] = {}
    for change in changes:
        if change.verb is Verb.DELETE and change.address in context.live.owned:
            going.setdefault(_flock(change.address), []).append(change)
    for flock, removals in going.items():
        owned = sum(1 for address in context.live.owned if _flock(address) == flock)
        limit = max(3, owned // 5)
        if context.allowed_deletes is not None:
            limit = max(limit, context.allowed_deletes)
        if len(removals) <= limit:
            continue
        for change in removals:
            yield Held(
                change=change,
                rule="too-many-deletes",
                why=f"{len(removals)} of {owned} that are ours would go at once, more than {limit}.",
                release=f"--allow-deletes {len(removals)}",
                how=WITH_FLAG,
            )


def _flock(address: Address) -> str:
    """Return what removals are counted by: the kind, and for records the zone."""
    return f"record/{address.name.partition('/')[0]}" if address.kind == "record" else address.kind


RULES: tuple[Callable[[Change, Context], Held | None], ...] = (
    unsafe_place,
    lost_server,
    login_changes,
    last_admin,
    own_login,
    own_address,
    ban_in_network,
    domain_not_empty,
    mail_stops_with_account,
    list_without_members,
    member_of_another_kind,
    renamed_too_early,
    taken_from_stranger,
    record_not_ours,
    last_of_its_set,
    weaker_policy,
    certificate_not_renewed,
)

# What comes new breaks little; a first plan of 10,000 accounts asks it nothing else.
_RULES_OF_ADDITIONS = (unsafe_place, lost_server, list_without_members)
