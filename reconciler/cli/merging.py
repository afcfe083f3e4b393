"""`import --into`: what is live and unmanaged, added to a stack that is there; proven by loading and planning it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.backends.files import LocalHost
from reconciler.backends.interface import ReadOnly
from reconciler.cli.session import Session, begin
from reconciler.config.dns import Dns
from reconciler.config.faults import UnfitError
from reconciler.config.load import Loaded, load_bytes
from reconciler.config.normal.resources import address as address_of
from reconciler.config.stack import Domain, Stack
from reconciler.desired import Desired, desire
from reconciler.diff import MARKS_ONLY
from reconciler.errors import InputError, MailstackError, Problem, Where, collected
from reconciler.kinds.domain import Domain as LiveDomain
from reconciler.kinds.domain import is_sayable
from reconciler.kinds.mail_entry import NOTHING
from reconciler.kinds.record import set_of
from reconciler.live import merged
from reconciler.plan import Plan
from reconciler.resource import Address
from reconciler.state import Live
from reconciler.takeover.draft import draft
from reconciler.takeover.insertion import Entry, Item, inserted
from reconciler.takeover.missing import missing
from reconciler.takeover.probe import probe
from reconciler.takeover.zones import NOT_MISSED

# What "all" leaves to a word of its own: from a hostname follow records, and of keys and ACME accounts a
# stack says something else than that they are there.
_NOT_BY_ITSELF = ("hostname", "tls", "dkim_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What was added, and what was asked for and is not, with the reason."""

    added: tuple[Address, ...]
    refused: Mapping[Address, str]


def merge(file: str, texts: Sequence[str], *, connections: str | None = None, debug: bool = False) -> Merged:
    """Add the live things with these addresses to a stack file, or all that is unmanaged; return what became of it.

    Changes the file and nothing else.  Raises InputError, the file as it was, where the loaded result
    is not the stack from before and exactly that, or where its plan would change what that of before
    would not.
    """
    with begin(file, connections=connections, debug=debug, everything=True) as session:
        host = LocalHost()
        data = host.read(file)
        stack = session.loaded.stack
        live = _live(session)
        plan, desired = session.plan()
        asked = _asked(texts, session, desired) or _unmanaged(plan)
        found = missing(asked, stack, desired, live, draft(live, _seed(stack, live)))
        if not found.additions:
            return Merged(added=(), refused=found.refused)
        made = inserted(data, file, found.additions.values())
        after = _proved(made, session, tuple(found.additions), found.additions)
        _same_plan(plan, replace(session, loaded=after, desired=desire(after.stack, after.where)), file)
        host.replace(file, made, expected=data, backup=False)
        return Merged(added=tuple(found.additions), refused=found.refused)


def _live(session: Session) -> Live:
    """Return what is live, with what an import would ask for."""
    stack = session.loaded.stack
    asked = probe(_seed(stack, None), stack.hostname)
    live = merged([ReadOnly(backend).read(asked) for backend in session.backends.values()])
    if live.unreadable:
        raise InputError(*collected(live.unreadable.values()))
    return live


def _seed(stack: Stack, live: Live | None) -> Stack:
    """Return the stack's connections, with its domains and those that the server has beside them."""
    domains = {
        name: Domain(
            name=name,
            dns=replace(Dns(zone=one.dns.zone, declared=True, mail=NOTHING), zonefile=one.dns.zonefile)
            if one.dns.zonefile
            else Dns(zone=name),
        )
        for name, one in stack.domains.items()
    }
    for found in live.resources.values() if live is not None else ():
        if isinstance(found, LiveDomain) and found.address.name not in domains and is_sayable(found):
            domains[found.address.name] = Domain(name=found.address.name, dns=Dns(zone=found.address.name))
    return Stack(name=stack.name, file=stack.file, base=stack.base, version=1, domains=domains)


def _asked(texts: Sequence[str], session: Session, desired: Desired) -> tuple[Address, ...]:
    """Return the addresses that the command line names.  InputError for one that is declared already."""
    found, problems = [], []
    for text in texts:
        try:
            address = address_of(text, session.loaded.stack.domain.name)
        except UnfitError as error:
            summary, detail, rule = error.told
            problems.append(Problem(summary=f"{text}: {summary}", detail=detail, rule=rule))
            continue
        if address in desired.resources:
            problems.append(
                Problem(
                    where=desired.where(address),
                    summary=f"{address} is in the stack already",
                    rule="declared",
                )
            )
        found.append(address)
    if problems:
        raise InputError(*collected(problems))
    return tuple(dict.fromkeys(found))


def _unmanaged(plan: Plan) -> tuple[Address, ...]:
    found = [
        Address.parse(text)
        for kind, names in plan.unmanaged.items()
        if kind not in _NOT_BY_ITSELF
        for text in names
    ]
    return tuple(address for address in found if not _is_the_zones_own(address))


def _is_the_zones_own(address: Address) -> bool:
    named = set_of(address)
    return named is not None and named.type in NOT_MISSED


def _proved(
    made: bytes, session: Session, added: Sequence[Address], additions: Mapping[Address, Entry | Item]
) -> Loaded:
    """Return the new file, loaded: it must declare what the old one does and exactly what was added."""
    before = session.desired
    file = session.loaded.stack.file
    try:
        after = load_bytes(made, file, connections=session.loaded.connections)
        desired = desire(after.stack, after.where)
    except MailstackError as error:
        raise InputError(_not_added(file, str(error), additions)) from error
    was, now = dict(before.resources), dict(desired.resources)
    gained = {address: now.pop(address, None) for address in added}
    if now != was or None in gained.values() or _rest(after.stack) != _rest(session.loaded.stack):
        raise InputError(_not_added(file, "The file would then say something else as well.", additions))
    return after


def _rest(stack: Stack) -> Stack:
    """Return what a stack says beside its resources."""
    return replace(stack, hostname=None, domains={}, allowed_ips=(), settings={})


def _same_plan(before: Plan, session: Session, file: str) -> None:
    after, _ = session.plan()
    known = {(c.verb, c.address) for c in (*before.changes, *(h.change for h in before.held))}
    new = [
        change
        for change in (*after.changes, *(h.change for h in after.held))
        if change.verb not in MARKS_ONLY and (change.verb, change.address) not in known
    ]
    if new:
        raise InputError(
            Problem(
                where=Where(file=file),
                summary="nothing was added, because then something would be changed",
                detail="The plan would have these changes more:\n\n"
                + "\n".join(f"    {change.verb.value} {change.address}" for change in new),
                rule="import-changes",
            )
        )


def _not_added(file: str, why: str, additions: Mapping[Address, Entry | Item]) -> Problem:
    lines = [
        line
        for one in additions.values()
        for line in (
            f"{'.'.join(map(str, one.path)) or 'top of the file'}:",
            *(f"  {line}" for line in (one.lines if isinstance(one, Entry) else (f"- {one.text}",))),
        )
    ]
    return Problem(
        where=Where(file=file),
        summary="this file cannot be added to without changing what it says",
        detail=f"{why}\nAdd this yourself:\n\n" + "\n".join(f"    {line}" for line in lines),
        rule="import-into",
    )
