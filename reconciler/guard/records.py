"""Records: what is not ours, what a zone cannot be without, what protects a domain from forgers."""

from __future__ import annotations

from reconciler.diff import Change, Verb
from reconciler.guard.context import Context, Held, goes, held, wants
from reconciler.kinds import policy
from reconciler.kinds.record import Record


def record_not_ours(change: Change, context: Context) -> Held | None:
    """A record that somebody else wrote stands in the way: it goes when somebody says so."""
    if change.address.kind != "record" or change.verb is not Verb.DELETE:
        return None
    if change.address in context.live.owned or change.address in context.desired.removed:
        return None
    return wants(
        change,
        "not-ours",
        "mailstack did not write it, so it stays until it is listed.",
        [change.address],
    )


def last_of_its_set(change: Change, context: Context) -> Held | None:
    """The last MX of a name, the last NS of a zone, its SOA: without them it stops answering."""
    record = change.before
    if not isinstance(record, Record) or change.verb is not Verb.DELETE:
        return None
    is_apex = record.owner == record.zone
    if record.type not in (("MX", "NS", "SOA") if is_apex else ("MX",)):
        return None
    for address, other in context.live.resources.items():
        if isinstance(other, Record) and (other.owner, other.type) == (record.owner, record.type):
            if not goes(address, context):
                return None
    for other_change in context.changes.values():
        after = other_change.after
        if other_change.verb is Verb.ADD and isinstance(after, Record):
            if (after.owner, after.type) == (record.owner, record.type):
                return None
    return held(
        change,
        "last-of-set",
        f"It is the last {record.type} of {record.owner}: mail to it, or all of it, stops.",
    )


def weaker_policy(change: Change, context: Context) -> Held | None:
    """An SPF or DMARC text that protects less than the live one."""
    before, after = change.before, change.after
    if not isinstance(before, Record) or not isinstance(before.value, str):
        return None
    wanted = after.value if isinstance(after, Record) else ""
    if change.verb not in (Verb.CHANGE, Verb.DELETE) or not isinstance(wanted, str):
        return None
    why = policy.weakened(before.owner, before.type, before.value, wanted)
    return held(change, "weaker-policy", why) if why else None
