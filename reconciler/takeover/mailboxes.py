"""Live accounts, groups, lists, aliases and catch-alls -> the entries of a stack.

An entry may name only what the stack declares as well.  So what is left out takes along what hangs
on it: a list with a member that nobody can name, the aliases of an account without an address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from reconciler.config.stack import Account, Alias, Group, MailList
from reconciler.kinds import account, alias, catch_all, group, mailing_list
from reconciler.kinds.declared import Inexpressible
from reconciler.kinds.domain import Domain
from reconciler.resource import UNSET, Address, Resource
from reconciler.takeover.left_out import Notes, foreign


@dataclass(slots=True)
class Mailboxes:
    """The entries, by their whole addresses; catch_alls by domain."""

    accounts: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    lists: dict[str, MailList] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    catch_alls: dict[str, str] = field(default_factory=dict)


def mailboxes(
    live: Mapping[Address, Resource],
    marked: Mapping[Address, str],
    domains: Collection[str],
    notes: Notes,
) -> Mailboxes:
    """Return the entries of a stack that declares these domains; marked is what other stacks own."""
    return _Taking(live, marked, domains, notes).all()


class _Taking:
    def __init__(
        self,
        live: Mapping[Address, Resource],
        marked: Mapping[Address, str],
        domains: Collection[str],
        notes: Notes,
    ) -> None:
        self._live = live
        self._marked = marked
        self._domains = domains
        self._notes = notes
        self._made = Mailboxes()

    def all(self) -> Mailboxes:
        for address, resource in self._live.items():
            try:
                self._mailbox(address, resource)
            except Inexpressible as error:
                self._notes.add(address, str(error))
        self._groups_of_the_known()
        self._lists_of_the_known()
        self._logins()
        holders: set[str] = set()
        for address, resource in self._live.items():
            if isinstance(resource, alias.Alias | catch_all.CatchAll):
                try:
                    self._further(address, resource, holders)
                except Inexpressible as error:
                    self._notes.add(address, str(error))
        for name in holders:
            self._made.accounts[name] = replace(self._made.accounts[name], aliases_declared=True)
        return self._made

    def _mailbox(self, address: Address, resource: Resource) -> None:
        made = self._made
        unsaid: tuple[str, ...] = ()
        match resource:
            case account.Account():
                self._is_ours(address)
                said = account.entry(resource)
                made.accounts[address.name], unsaid = said.entry, said.unsaid
            case group.Group():
                self._is_ours(address)
                told = group.entry(resource)
                made.groups[address.name], unsaid = told.entry, told.unsaid
            case mailing_list.MailingList():
                self._is_ours(address)
                listed = mailing_list.entry(resource, self._domains)
                made.lists[address.name], unsaid = listed.entry, listed.unsaid
        for why in unsaid:
            self._notes.add(address, why)

    def _is_ours(self, address: Address) -> None:
        if address in self._marked:
            raise Inexpressible(foreign(self._marked[address]))
        if not address.name.startswith("login:"):
            self._in_a_domain(address.name.rpartition("@")[2])

    def _in_a_domain(self, domain: str) -> None:
        if domain not in self._domains:
            there = isinstance(self._live.get(Address(Domain.KIND, domain)), Domain)
            raise Inexpressible(
                f"its domain {domain} is not taken over"
                if there
                else f"the server has no domain {domain}, so it receives no mail"
            )

    def _groups_of_the_known(self) -> None:
        """Keep the groups whose members are all known, beginning with those that hold no groups."""
        made = self._made
        waiting, made.groups = made.groups, {}
        progress = True
        while progress:
            known = made.accounts.keys() | made.groups.keys()
            ready = {name: one for name, one in waiting.items() if known.issuperset(one.members)}
            made.groups |= ready
            waiting = {name: one for name, one in waiting.items() if name not in ready}
            progress = bool(ready)
        for name, one in waiting.items():
            unknown = [m for m in one.members if m not in made.accounts and m not in made.groups]
            self._notes.add(group.address_of(name), _unknown(unknown[0], unknown[0] in waiting))
        # In the order in which they were read, not in that in which they were understood.
        made.groups = {
            a.name: made.groups[a.name] for a in self._live if a.kind == "group" and a.name in made.groups
        }

    def _lists_of_the_known(self) -> None:
        made = self._made
        known = made.accounts.keys() | made.groups.keys()
        for name, one in list(made.lists.items()):
            unknown = [m for m in one.members if m not in known]
            if unknown:
                del made.lists[name]
                self._notes.add(mailing_list.address_of(name), _unknown(unknown[0], unknown[0] in made.lists))

    def _logins(self) -> None:
        """A login that is the name of something else cannot be said: the loader takes it for a mistake."""
        made = self._made
        taken = made.accounts.keys() | made.groups.keys() | made.lists.keys() | set(self._domains)
        for name, one in made.accounts.items():
            if isinstance(one.login, str) and one.login in taken:
                made.accounts[name] = replace(one, login=UNSET)
                self._notes.add(
                    account.address_of(name), f"its login {one.login} is the name of something else"
                )

    def _further(
        self, address: Address, resource: alias.Alias | catch_all.CatchAll, holders: set[str]
    ) -> None:
        made = self._made
        if isinstance(resource, catch_all.CatchAll):
            holder = catch_all.entry(resource)
            self._in_a_domain(address.name)
            self._is_held(holder)
            made.catch_alls[address.name] = holder
            return
        entry = alias.entry(resource)
        self._in_a_domain(entry.address.rpartition("@")[2])
        self._is_held(entry.target)
        made.aliases[entry.address] = entry
        holders.add(entry.target)

    def _is_held(self, holder: str) -> None:
        made = self._made
        if holder in made.accounts:
            return
        for kind in ("group", "list"):
            if Address(kind, holder) in self._live:
                raise Inexpressible(
                    f"it is a further address of the {kind} {holder}, and a stack gives those to accounts only"
                )
        raise Inexpressible(f"the account {holder}, which gets its mail, is left out")


def _unknown(member: str, is_waiting: bool) -> str:
    if is_waiting:
        return f"its member {member} is not known before it, or is a list"
    return f"its member {member} is no account and no group of this stack"
