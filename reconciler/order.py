"""Changes -> what must come before what.  Pure, linear in the number of changes.

Three kinds of reasons, and no other:

* existence    an alias needs its holder, a list its members, everything its domain, and the MX of a new
               domain all that gets mail in it;
* address      who claims an address needs its release; the two stand side by side;
* the way out  what is in a container goes (or moves) before the container.

A phase (plan.py) says when a kind of change may come; where a claim needs a removal, the removal
is drawn into the phase of the claim.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from reconciler.diff import LISTED, Change, Verb
from reconciler.kinds import ORDER
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.kinds.record import Record
from reconciler.resource import UNSET, Address, fields_that_may_wait, pending_in

_MAILBOX_KINDS = ("account", "group", "list")
_IN_A_DOMAIN_BY_NAME = frozenset({*_MAILBOX_KINDS, Alias.KIND})  # alias/info@example.org
_IN_A_DOMAIN_BY_PATH = frozenset({CatchAll.KIND, "dkim_key"})  # dkim_key/example.org/rsa
_RANK = {kind: rank for rank, kind in enumerate(ORDER)}

Needs = Mapping[Address, tuple[Address, ...]]


def needs_of(changes: Sequence[Change]) -> Needs:
    """Return, for each change, the addresses of the changes that must be done before it."""
    by_address = {change.address: change for change in changes}
    made = _made_by(changes)
    receives = _receivers(changes, made)
    renamed = {c.renamed_from.name: c.address for c in changes if c.renamed_from is not None}
    # What hangs on an account that is renamed is called by the new address already (live.py).
    moved = {
        c.address.name: c.address
        for c in changes
        if c.renamed_from is not None
        and not any(Address(kind, c.address.name) in by_address for kind in ("group", "list"))
    }
    handed = handovers(changes)
    inside = _by_domain(changes)
    held_by = _moves_away_from(changes)
    leaving: dict[str, list[Record]] = defaultdict(list)
    for change in changes:
        if change.verb is Verb.DELETE and isinstance(change.before, Record):
            leaving[change.before.owner].append(change.before)
    freed = {change.address.name for change in changes if change.verb is Verb.DELETE}
    needs: dict[Address, tuple[Address, ...]] = {}
    for change in changes:
        address = change.address
        if change.verb is Verb.DELETE:
            found = list(_before_it_goes(change, renamed, inside, held_by))
        else:
            found = _existence(change, by_address, made, renamed)
            if isinstance(change.after, Record) and change.after.type == "MX":
                found += receives.get(change.after.owner, ())
            if address.name in freed or leaving:
                found += _releases(change, by_address, leaving, freed)
        if address in handed:
            # Nothing is let go while what else the new holder needs may still fail.
            found += _existence(by_address[handed[address]], by_address, made, renamed)
        if moved:
            found += (moved[name] for name in _tied_to(change) if name in moved)
        if unique := tuple(dict.fromkeys(a for a in found if a in by_address and a != address)):
            needs[address] = unique
    return needs


def _made_by(changes: Iterable[Change]) -> Mapping[str, Mapping[str, Address]]:
    """Return, by kind and name, what this plan makes.

    A change of something that is there already is not in it: should that be held, nothing waits for it.
    """
    made: dict[str, dict[str, Address]] = defaultdict(dict)
    for change in changes:
        if change.verb is Verb.ADD or change.renamed_from is not None:
            made[change.address.kind][change.address.name] = change.address
    return made


def _receivers(
    changes: Iterable[Change], made: Mapping[str, Mapping[str, Address]]
) -> Mapping[str, list[Address]]:
    """Return, by its absolute name, each domain that this plan makes with all that gets mail in it.

    An MX that sends mail to a server which does not know the domain, or somebody in it, has that mail
    refused for good.
    """
    receives = {f"{name}.": [address] for name, address in made["domain"].items()}
    if receives and any(isinstance(c.after, Record) and c.after.type == "MX" for c in changes):
        for kind in (*_MAILBOX_KINDS, Alias.KIND, CatchAll.KIND):
            for name, address in made[kind].items():
                if (inside := receives.get(name.rpartition("@")[2] + ".")) is not None:
                    inside.append(address)
    return receives


def handovers(changes: Iterable[Change]) -> Mapping[Address, Address]:
    """Return each alias that goes because its address becomes something else's own, with that something.

    Nobody listed it: it goes with its claim or not at all.
    """
    claims = {c.address.name: c.address for c in changes if c.address.kind in _MAILBOX_KINDS and c.after}
    return {
        change.address: claims[change.address.name]
        for change in changes
        if change.address.kind == Alias.KIND
        and change.verb is Verb.DELETE
        and change.reason != LISTED
        and change.address.name in claims
    }


def sorted_by_need(changes: Iterable[Change], needs: Needs) -> list[Change]:
    """Return the changes so that each stands after what it needs; else by kind, then by name.

    A release stands directly before the claim that it is for, so the address is nobody's for as
    short a time as can be: it waits until the claim waits for nothing else.  Changes whose needs go
    in a circle, and what needs them, are left out.
    """
    ranked = sorted(changes, key=_key)
    rank = {change.address: number for number, change in enumerate(ranked)}
    waiting: dict[Address, int] = {}  # for how many others
    wanted_by: dict[Address, list[Address]] = defaultdict(list)
    claim_of: dict[Address, Address] = {}
    release_of: dict[Address, Address] = {}
    for address in rank:
        before = [need for need in needs.get(address, ()) if need in rank]
        waiting[address] = len(before)
        for need in before:
            wanted_by[need].append(address)
            if need.name == address.name and ranked[rank[need]].verb is Verb.DELETE:
                claim_of[need], release_of[address] = address, need
    at_once: list[Address] = []  # claims whose release is done, releases whose claim waits for nothing else
    ready: list[int] = []  # a heap of ranks
    early: dict[Address, None] = {}  # releases whose claim waits for something else too

    def line_up(address: Address) -> None:
        claim = claim_of.get(address)
        if claim is not None and waiting[claim] > 1:
            early[address] = None
        else:
            heapq.heappush(ready, rank[address])

    for address, number in waiting.items():
        if not number:
            line_up(address)
    done: list[Change] = []
    while at_once or ready or early:
        if at_once:
            address = at_once.pop()
        elif ready:
            address = ranked[heapq.heappop(ready)].address
        else:  # what else the claim needs, needs this very release
            address, _ = early.popitem()
        done.append(ranked[rank[address]])
        for follower in wanted_by.get(address, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                if claim_of.get(address) == follower:
                    at_once.append(follower)
                else:
                    line_up(follower)
            elif waiting[follower] == 1 and (last := release_of.get(follower)) in early:
                del early[last]
                at_once.append(last)
    return done


def _key(change: Change) -> tuple[object, ...]:
    """Containers come first on the way in and last on the way out."""
    rank = _RANK.get(change.address.kind, len(_RANK))
    return (len(_RANK) - rank if change.verb is Verb.DELETE else rank, change.address.name)


def _existence(
    change: Change,
    by_address: Mapping[Address, Change],
    made: Mapping[str, Mapping[str, Address]],
    renamed: Mapping[str, Address],
) -> list[Address]:
    """Return what the server refuses to make the thing without, where this plan makes it."""
    resource = change.resource
    kind, name = change.address
    found: list[Address | None] = []
    if kind in _IN_A_DOMAIN_BY_NAME:
        found.append(made["domain"].get(name.rpartition("@")[2]))
    elif kind in _IN_A_DOMAIN_BY_PATH:
        found.append(made["domain"].get(name.partition("/")[0]))
    match resource:
        case Alias() | CatchAll():
            found.append(made["account"].get(resource.holder))
        case Group() | MailingList() if resource.members is not UNSET:
            found += [made[k].get(m) for m in sorted(resource.members) for k in ("account", "group")]
    if fields_that_may_wait(type(resource)):
        found += [made[value.of.kind].get(value.of.name) for value in pending_in(resource)]
    if kind == "activation" and name.startswith("signing/"):
        # Nothing is signed with a key that nobody can see.
        found += [a for a in by_address if a.kind == Record.KIND and a.name.endswith("/TXT/dkim")]
    elif kind == Alias.KIND and name in renamed:
        found.append(renamed[name])  # the former address of an account is its alias from then on
    return [address for address in found if address is not None]


def _releases(
    change: Change,
    by_address: Mapping[Address, Change],
    leaving: Mapping[str, list[Record]],
    freed: Set[str],
) -> Iterator[Address]:
    """Who holds the claimed address or name on the live side, where that goes in this plan."""
    kind, name = change.address
    if isinstance(change.after, Record) and change.verb is Verb.ADD:
        for going in leaving.get(change.after.owner, ()):
            if "CNAME" in (change.after.type, going.type):
                yield going.address
    if name not in freed or kind not in (*_MAILBOX_KINDS, Alias.KIND):
        return
    for other in (*_MAILBOX_KINDS, Alias.KIND):
        if other == kind and change.renamed_from is None:
            continue
        holder = by_address.get(Address(other, name))
        if holder is not None and holder.verb is Verb.DELETE:
            yield holder.address


def _before_it_goes(
    change: Change,
    renamed: Mapping[str, Address],
    inside: Mapping[str, list[Address]],
    held_by: Mapping[str, list[Address]],
) -> Iterator[Address]:
    kind, name = change.address
    if kind == "domain":
        yield from inside.get(name, ())
    elif kind == Alias.KIND and name in renamed:
        yield renamed[name]
    elif kind in _MAILBOX_KINDS:
        yield from held_by.get(name, ())


def _tied_to(change: Change) -> Iterator[str]:
    """Yield the primary addresses that what changes hangs on now."""
    before = change.before
    if isinstance(before, Alias | CatchAll):
        yield before.holder
    elif isinstance(before, Group | MailingList) and before.members is not UNSET:
        yield from before.members


def _by_domain(changes: Iterable[Change]) -> Mapping[str, list[Address]]:
    """Return the removals in each domain, and the changes that free one of its addresses."""
    inside: dict[str, list[Address]] = defaultdict(list)
    for change in changes:
        kind, name = change.address
        if kind in (*_MAILBOX_KINDS, Alias.KIND) and change.verb is Verb.DELETE:
            inside[name.rpartition("@")[2]].append(change.address)
        elif kind in (CatchAll.KIND, "dkim_key") and change.verb is Verb.DELETE:
            inside[name.partition("/")[0]].append(change.address)
        if change.renamed_from is not None:
            inside[change.renamed_from.name.rpartition("@")[2]].append(change.address)
    return inside


def _moves_away_from(changes: Iterable[Change]) -> Mapping[str, list[Address]]:
    """Return, by primary address, the changes that take something away from its holder.

    His aliases move to others and the lists that he is on get their new members first; so no
    address is without a holder and no list is empty when he goes.
    """
    away: dict[str, list[Address]] = defaultdict(list)
    for change in changes:
        for name in _tied_to(change):
            away[name].append(change.address)
    return away
