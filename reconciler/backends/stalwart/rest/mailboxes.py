"""Changes of principals -> the steps that make them, one request an object where that is possible.

The changes that concern one principal are gathered in a Target: an alias added to a new account is
part of its POST, a quota and two aliases of a known one are one PATCH with one `set emails` (the
server forgets an address that is removed and added in one PATCH, 0.14 and later).

An address must be free before somebody else may claim it.  So a target waits until all that it
claims is free; where two wait for each other, one lets go first.  A claimant comes right after the
release that it waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reconciler.backends.stalwart.rest.principals import Index, Principal, address_of
from reconciler.diff import Change, Verb
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.resource import Address, Resource


@dataclass(kw_only=True)
class Target:
    """What one principal shall become.

    principal is what it is now, None when it is to be made.  claims and releases are e-mail
    addresses, a catch-all as ``@example.org``.  changes are all that are done when it is done.
    """

    address: Address
    principal: Principal | None
    create: Resource | None = None
    update: Change | None = None
    delete: bool = False
    claims: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def held(self) -> tuple[str, ...]:
        return self.principal.emails if self.principal is not None else ()

    def emails(self) -> list[str]:
        """Return the e-mail addresses in their final order: the primary one, what was there, what is new, catch-alls."""
        primary = self.address.name
        rest = [e for e in self.held if e not in self.releases and e != primary]
        rest += [e for e in self.claims if e not in rest and e != primary]
        plain = [e for e in rest if not e.startswith("@")]
        first = [] if primary.startswith("login:") else [primary]
        return [*first, *plain, *(e for e in rest if e.startswith("@"))]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request about one target.  release_only lets go of addresses and does nothing else yet."""

    target: Target
    release_only: bool = False


def targets_of(changes: Sequence[Change], index: Index) -> list[Target]:
    """Return the targets, containers of what others need first, in the order of the changes."""
    targets: dict[str, Target] = {}
    renamed = {c.address.name: c.renamed_from.name for c in changes if c.renamed_from is not None}

    def target(name: str, made: Address | None = None) -> Target:
        name = next((new for new, former in renamed.items() if former == name), name)
        if name not in targets:
            principal = index.of(renamed.get(name, name))
            address = made or (address_of(principal) if principal else Address("account", name))
            targets[name] = Target(address=address, principal=principal)
        return targets[name]

    for change in changes:
        if change.address.kind == "domain":
            found = Target(address=change.address, principal=index.by_name.get(change.address.name))
            found.create, found.delete = change.after, change.verb is Verb.DELETE
            found.changes.append(change)
            targets[f"domain {change.address.name}"] = found
        elif isinstance(change.resource, Alias | CatchAll):
            _gather_address(change, target)
        else:
            # Two of one name may meet in a wave: an account goes and a list takes its address.
            key = change.address.name
            if change.verb is Verb.DELETE:
                found = Target(address=change.address, principal=index.of(key), delete=True)
                targets[f"delete {change.address}"] = found
            else:
                found = target(key, change.address)
                found.address = change.address
                if change.verb is Verb.ADD:
                    found.create, found.principal = change.after, None
                    found.claims.append(key)
                else:
                    found.update = change
                    if change.renamed_from is not None:
                        found.claims.append(key)
            found.changes.append(change)
    return list(targets.values())


def _gather_address(change: Change, target: Callable[[str], Target]) -> None:
    kind, name = change.address
    email = f"@{name}" if kind == "catch_all" else name
    before, after = change.before, change.after
    if isinstance(before, Alias | CatchAll) and change.verb in (Verb.CHANGE, Verb.DELETE):
        giver = target(before.holder)
        giver.releases.append(email)
        if change.verb is Verb.DELETE:
            giver.changes.append(change)
    if isinstance(after, Alias | CatchAll) and change.verb in (Verb.ADD, Verb.CHANGE):
        taker = target(after.holder)
        taker.claims.append(email)
        taker.changes.append(change)


def steps_of(targets: Sequence[Target], index: Index) -> Iterator[Step]:
    """Yield the steps in an order in which every claimed address is free when it is claimed."""
    holder = {email: principal.name for email, principal in index.by_address.items()}
    waiting = list(targets)
    let_go: set[int] = set()
    while waiting:
        still: list[Target] = []
        freed: set[str] = set()
        progress = False
        for target in _claimants_first(waiting, freed):
            if target.delete or _is_free(target, holder):
                progress = True
                freed.update(_settle(target, holder))
                yield Step(target=target)
            else:
                still.append(target)
        if not progress:
            giver = next(
                (t for t in still if id(t) not in let_go and any(e in t.held for e in t.releases)), None
            )
            if giver is None:
                # Whoever holds the address is not part of this wave: the server will say so.
                yield from (Step(target=t) for t in still)
                return
            let_go.add(id(giver))
            for email in giver.releases:
                holder.pop(email, None)
            yield Step(target=giver, release_only=True)
        waiting = still


def _claimants_first(waiting: Iterable[Target], freed: set[str]) -> Iterator[Target]:
    """Yield the targets in order; one that waits for an address that has just been freed comes at once."""
    queue = list(waiting)
    claims: dict[str, list[Target]] = {}
    for target in queue:
        for email in target.claims:
            claims.setdefault(email, []).append(target)
    seen: set[int] = set()
    for target in queue:
        if id(target) in seen:
            continue
        seen.add(id(target))
        yield target
        for email in sorted(freed):
            for claimant in claims.get(email, ()):
                if id(claimant) not in seen:
                    seen.add(id(claimant))
                    yield claimant
        freed.clear()


def _is_free(target: Target, holder: dict[str, str]) -> bool:
    own = target.principal.name if target.principal is not None else None
    return all(holder.get(email, own) == own for email in target.claims)


def _settle(target: Target, holder: dict[str, str]) -> set[str]:
    """Note who holds what after the step; return what has become free."""
    gone = set(target.held) if target.delete else {e for e in target.releases if e in target.held}
    for email in gone:
        holder.pop(email, None)
    if not target.delete:
        for email in target.claims:
            holder[email] = target.principal.name if target.principal is not None else ""
    return gone
