"""What differs between two DMARC records, and whether receivers refuse less (RFC 9989 §4.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reconciler.mail.dmarc.record import FIELDS, Alignment, Policy, Record, values


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """One tag whose value differs; "" is absent.  weakens: less mail is refused than before."""

    tag: str
    before: str
    after: str
    weakens: bool


def compare(before: Record, after: Record) -> tuple[TagChange, ...]:
    """Return the tags that differ, in the order of `text`, and which of them weaken the policy."""
    was, becomes = values(before), values(after)
    lowered = [
        index for index, (a, b) in enumerate(zip(_strength(before), _strength(after), strict=True)) if b < a
    ]
    changes = []
    for tag in (*was, *(tag for tag in becomes if tag not in was)):
        if was.get(tag) == becomes.get(tag):
            continue
        alone = _strength(_with_tag_of(before, after, tag))
        changes.append(
            TagChange(
                tag=tag,
                before=was.get(tag, ""),
                after=becomes.get(tag, ""),
                weakens=any(alone[index] < _strength(before)[index] for index in lowered),
            )
        )
    return tuple(changes)


def weaker(before: Record, after: Record) -> tuple[TagChange, ...]:
    """Return the changes by which receivers refuse less than before; empty: the record is no weaker."""
    return tuple(change for change in compare(before, after) if change.weakens)


def _strength(record: Record) -> tuple[int, ...]:
    """Return what the record asks for, as numbers that fall when it asks for less.

    For the domain, its sub-domains and those that do not exist, once as RFC 9989 reads it and once as
    RFC 7489 does: one level is 100, and what `t=y` or `pct` exempts gets one level less
    (RFC 9989 §4.7 `t`, RFC 7489 §6.6.4).  Then the two alignments.
    """
    policy = record.policy or Policy.NONE
    below = record.subdomain_policy or policy
    missing = record.nonexistent_policy or below
    exempt = 100 if record.testing else 0
    exempt_before = 100 - _percentage(record)
    return (
        *(_level(asked, exempt) for asked in (policy, below, missing)),
        *(_level(asked, exempt_before) for asked in (policy, below)),
        int(record.dkim_alignment is Alignment.STRICT),
        int(record.spf_alignment is Alignment.STRICT),
    )


def _level(policy: Policy, exempt: int) -> int:
    return max(0, 100 * list(Policy).index(policy) - exempt)


def _percentage(record: Record) -> int:
    """Return `pct`; an unreadable one counts as absent."""
    value = dict(record.others).get("pct", "100")
    return min(int(value), 100) if re.fullmatch(r"[0-9]{1,3}", value) else 100


def _with_tag_of(record: Record, source: Record, tag: str) -> Record:
    """Return the record with one tag as it is in another."""
    if tag in FIELDS:
        return replace(record, **{FIELDS[tag]: getattr(source, FIELDS[tag])})
    kept = tuple(item for item in record.others if item[0] != tag)
    return replace(record, others=kept + tuple(item for item in source.others if item[0] == tag))
