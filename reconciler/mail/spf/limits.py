"""How many questions a record takes when nothing matches early (RFC 7208 §4.6.4).

A receiver counts what it asks for one client; a client at the end of the list pays for all.  So
every term that can be reached is counted, through `include:` and `redirect=`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.mail.spf import macros
from reconciler.mail.spf.questions import (
    MOST_NAMES,
    RecordError,
    RecordType,
    Resolver,
    UnansweredError,
    can_ask,
    record_among,
)
from reconciler.mail.spf.terms import Mechanism, Record

_COUNTED = frozenset({"include", "a", "mx", "ptr", "exists"})
# Nobody's record comes near; a chain that grows for ever does, and is cut here.
_ENOUGH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """lookups: the terms that ask DNS, over all records reached; 10 is the most that receivers accept.

    voids: names whose answer is empty, 2 at most.  crowded: names with more than ten MX.  loops:
    names that include themselves.  faulty: sentences on included records that are missing or wrong.
    unanswered: names that could not be asked, so that the true numbers may be larger; a name
    with a macro is among them.
    """

    lookups: int
    voids: tuple[str, ...] = ()
    crowded: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Tally:
    """A Cost in the making; the dicts are ordered sets."""

    resolve: Resolver
    lookups: int = 0
    voids: dict[str, None] = field(default_factory=dict)
    crowded: dict[str, None] = field(default_factory=dict)
    loops: dict[str, None] = field(default_factory=dict)
    faulty: dict[str, None] = field(default_factory=dict)
    unanswered: dict[str, None] = field(default_factory=dict)


def cost(record: Record, domain: str, resolve: Resolver) -> Cost:
    """Return what the domain's record takes; hosts are asked for their IPv4 addresses."""
    tally = _Tally(resolve=resolve)
    _walk(tally, record, domain, (domain,))
    return Cost(
        lookups=tally.lookups,
        voids=tuple(tally.voids),
        crowded=tuple(tally.crowded),
        loops=tuple(tally.loops),
        faulty=tuple(tally.faulty),
        unanswered=tuple(tally.unanswered),
    )


def _walk(tally: _Tally, record: Record, domain: str, path: tuple[str, ...]) -> None:
    for mechanism in record.mechanisms:
        if mechanism.name not in _COUNTED:
            continue
        tally.lookups += 1
        target = mechanism.target.lower().removesuffix(".") or domain
        if macros.has_macro(target):
            tally.unanswered[target] = None
        elif mechanism.name == "include":
            _follow(tally, target, path)
        elif mechanism.name != "ptr":  # whose questions are about the client
            _touch(tally, mechanism, target)
    if record.redirect:
        tally.lookups += 1
        target = record.redirect.lower().removesuffix(".")
        if macros.has_macro(target):
            tally.unanswered[target] = None
        else:
            _follow(tally, target, path)


def _follow(tally: _Tally, target: str, path: tuple[str, ...]) -> None:
    """Walk an included record, unless that would go in a circle."""
    if target in path:
        tally.loops[target] = None
        return
    if tally.lookups >= _ENOUGH or target in tally.unanswered:
        return
    try:
        record = record_among(tally.resolve(target, "TXT") if can_ask(target) else (), target)
    except UnansweredError:
        tally.unanswered[target] = None
        return
    except RecordError as fault:
        tally.faulty[str(fault)] = None
        return
    if record is None:
        tally.faulty[f"{target} has no SPF record."] = None
        return
    _walk(tally, record, target, (*path, target))


def _touch(tally: _Tally, mechanism: Mechanism, target: str) -> None:
    """Ask what an a, mx or exists asks, to see which answers are empty."""
    if mechanism.name != "mx":
        _answers(tally, target, "A")
        return
    hosts = _answers(tally, target, "MX")
    if len(hosts) > MOST_NAMES:
        tally.crowded[target] = None
    for host in hosts[:MOST_NAMES]:
        _answers(tally, host.lower().removesuffix("."), "A")


def _answers(tally: _Tally, name: str, type_: RecordType) -> tuple[str, ...]:
    if not can_ask(name):
        return ()
    try:
        answers = tally.resolve(name, type_)
    except UnansweredError:
        tally.unanswered[name] = None
        return ()
    if not answers:
        tally.voids[name] = None
    return answers
