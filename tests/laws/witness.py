"""What must hold after every single write of a run, and what a run leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mail_server import Key, MailServer, Principal
from memory import LABEL, MemoryBackend

from reconciler.apply import run
from reconciler.backends.interface import ReadOnly
from reconciler.config.secrets import Secret
from reconciler.conflict import conflicts
from reconciler.desired import Desired
from reconciler.diff import compare
from reconciler.errors import Problem, collected
from reconciler.kinds import ban
from reconciler.kinds.account import Account
from reconciler.kinds.ban import Ban
from reconciler.live import observe
from reconciler.outcome import Outcome
from reconciler.plan import Plan, make
from reconciler.report import Report
from reconciler.resource import UNSET, Address, Sealed, digest_of, fields_of

TEXTS = ("1", "2")  # of settings that stand in the stack itself

MAILBOXES = ("account", "group", "list")


def planned(server: MailServer, desired: Desired, **keywords: Any) -> tuple[Plan | None, tuple[Problem, ...]]:
    """Return the plan as `mailstack plan` makes it, or why there can be none."""
    live = observe([ReadOnly(MemoryBackend(server, desired.stack))], desired)
    if problems := conflicts(desired, live):
        return None, collected(problems)
    return make(compare(desired, live), desired, live, **keywords), ()


def applied(server: MailServer, desired: Desired, plan: Plan, **keywords: Any) -> Report:
    """Return the report of `mailstack apply`."""
    outcomes: tuple[Outcome, ...] = ()
    if plan.has_work:
        backend = MemoryBackend(server, desired.stack)
        outcomes = run(plan, desired, {LABEL: backend}, secret_of(desired), **keywords)
    return Report(plan=plan, outcomes=outcomes)


def secret_of(desired: Desired) -> Callable[[Address], Secret]:
    def opened(address: Address) -> Secret:
        resource: Any = desired.resources[address]
        sealed = resource.password if isinstance(resource, Account) else resource.secret
        assert isinstance(sealed, Sealed)
        written = (text for text in TEXTS if digest_of(text) == sealed.digest)
        return Secret(next(written, f"secret of {address}, {sealed.revision}"))

    return opened


@dataclass(frozen=True)
class _Mine:
    """What the stack says about addresses."""

    listed: frozenset[str]
    holders: dict[str, str]


class Witness:
    """Looks at a server after each write and fails at the first that breaks a law.

    closely compares everything that is not the stack's business after each write, not only at the end.
    faults says that writes fail: a claim that does leaves its address to the next run.
    """

    def __init__(
        self, server: MailServer, desired: Desired, *, closely: bool = True, faults: bool = False
    ) -> None:
        self.server, self.desired, self.closely, self.faults = server, desired, closely, faults
        self.mine = _mine(desired, server)
        self.reached = self._holders()
        self.had_members = {pid for pid, p in server.principals.items() if p.members or p.externals}
        self.orphans = self._orphans()
        self.settled = server.is_active() or self._is_traced()
        self.gap: frozenset[str] = frozenset()
        self.last = server.last
        self.listed = {
            pid for pid, p in server.principals.items() if Address(p.kind, p.primary) in desired.removed
        }
        later = {former: new for new, former in desired.renamed.items()}
        addresses = {pid: Address(p.kind, p.primary) for pid, p in server.principals.items()}
        self.addresses = {pid: later.get(a, a) for pid, a in addresses.items() if pid not in self.listed}
        self.strangers = {pid: self._stable(pid) for pid in self.addresses}
        self.settings = {k: v for k, v in server.settings.items() if self._is_foreign(k, v)}
        self.keys = frozenset(server.settings)
        things = {k: v for k, v in server.settings.items() if k[0] != "mark"}
        self.forgotten = {k: v for k, v in things.items() if _address_of(k) in desired.forgotten}
        spoken_for = {a.name for a in (*desired.resources, *desired.removed) if a.kind == "domain"}
        self.domains = server.domains - spoken_for
        server.observers.append(self.look)

    def look(self) -> None:
        """Check every law that holds at each instant."""
        self._mail_arrives()
        self._lists_have_members()
        assert self._orphans() <= self.orphans, "an address stands in a domain that is not there"
        if self.settled:
            assert self.server.is_active() or self._is_traced(), "stored, not active, and no trace of it"
        if self.closely:
            self.nothing_foreign_changed()

    def end(self) -> None:
        """Check what holds when a run is over."""
        assert frozenset() == self.gap, f"nobody has {sorted(self.gap)}"
        self.nothing_foreign_changed()

    def nothing_foreign_changed(self) -> None:
        """What is neither declared nor listed nor ours is as it was, and nothing else came into being."""
        server = self.server
        assert self.strangers == {pid: self._stable(pid) for pid in self.addresses}
        assert self.settings == {key: server.settings.get(key) for key in self.settings}
        kept = {key: server.settings.get(key) for key in self.forgotten}
        # The mark of an allowed IP is its value; of everything else only the mark goes.
        assert self.forgotten == kept | {
            k: v for k, v in self.forgotten.items() if k[0] == "allowed" and k in server.settings
        }
        assert self.domains <= server.domains
        new = {Address(p.kind, p.primary) for pid, p in server.principals.items() if pid > self.last}
        assert new <= self.desired.resources.keys()
        made = [_address_of(key) for key in server.settings if key not in self.keys and key[0] != "mark"]
        assert set(made) <= self.desired.resources.keys()

    def _holders(self) -> dict[str, int]:
        """Return who gets the mail for each address that gets any."""
        return {
            email: pid
            for pid, p in self.server.principals.items()
            for email in p.emails
            if _receives(p) and email.rpartition("@")[2] in self.server.domains
        }

    def _mail_arrives(self) -> None:
        holders = self._holders()
        missing = frozenset(e for e in self.reached if e not in holders and e not in self.mine.listed)
        assert self.faults or not missing & self.gap, f"nobody has {sorted(missing & self.gap)}"
        self.gap = missing
        for email, pid in self.reached.items():
            now = holders.get(email, pid)
            if now != pid and email not in self.mine.listed:
                heir = self.server.principals[now].primary
                assert heir == self.mine.holders.get(email), f"{heir} has {email}"

    def _lists_have_members(self) -> None:
        for pid, p in self.server.principals.items():
            if p.kind == "account":
                continue
            if p.members or p.externals:
                self.had_members.add(pid)
                continue
            wanted: Any = self.desired.resources.get(Address(p.kind, p.primary))
            is_new = pid > self.last and wanted is not None and wanted.members
            is_emptied = pid in self.had_members and p.primary not in self.mine.listed
            assert not is_emptied and not is_new, f"{p.primary} has no members"

    def _orphans(self) -> set[str]:
        emails = (e for p in self.server.principals.values() for e in p.emails)
        return {e for e in emails if e.rpartition("@")[2] not in self.server.domains}

    def _is_traced(self) -> bool:
        return any(k[:3] == ("mark", self.desired.stack, "activation") for k in self.server.settings)

    def _stable(self, pid: int) -> Any:
        """Return what nobody asked to change of a principal that nobody listed."""
        p = self.server.principals.get(pid)
        if p is None:
            return None
        wanted = self.desired.resources.get(self.addresses[pid])
        named = (
            {n for n, _ in fields_of(type(wanted)) if getattr(wanted, n) is not UNSET} if wanted else set()
        )
        spoken = self.mine.holders.keys() | self.mine.listed
        mine = {self.addresses[pid].name, self.desired.renamed.get(self.addresses[pid], Address("", "")).name}
        return (
            [getattr(p, name) for name in _FIELDS if name not in named],
            None if "members" in named else (p.members - self.listed, p.externals),
            frozenset(p.emails) - spoken - mine,
        )

    def _is_foreign(self, key: Key, value: str) -> bool:
        desired, stack = self.desired, self.desired.stack
        if key[0] == "mark":
            return key[1] != stack
        address = _address_of(key)
        if (
            address in desired.removed
            or address in desired.resources
            or (key[0] == "allowed" and value == stack)
        ):
            return False
        if ("mark", stack, *address) in self.server.settings:
            return False
        return not dict(ban.lifted(desired.resources, desired.own_addresses, {address: Ban(address=address)}))


_FIELDS = ("name", "quota", "login", "enabled", "admin", "password")


def _address_of(key: Key) -> Address:
    match key:
        case ("setting", "lookup.default.hostname"):
            return Address("hostname", "")
        case ("allowed", network):
            return Address("allowed_ip", network)
        case ("dkim", domain, algorithm):
            return Address("dkim_key", f"{domain}/{algorithm}")
    return Address(*key)


def _receives(p: Principal) -> bool:
    return p.kind == "account" or bool(p.members or p.externals)


def _mine(desired: Desired, server: MailServer) -> _Mine:
    holders: dict[str, str] = {}
    for (kind, name), resource in desired.resources.items():
        if kind in MAILBOXES:
            holders[name] = name
        elif kind in ("alias", "catch_all"):
            holders[f"@{name}" if kind == "catch_all" else name] = resource.holder  # type: ignore[attr-defined]
    listed = {
        f"@{a.name}" if a.kind == "catch_all" else a.name
        for a in desired.removed
        if a.kind in (*MAILBOXES, "alias", "catch_all")
    }
    listed |= {email for p in server.principals.values() if _may_be_emptied(p, desired) for email in p.emails}
    return _Mine(listed=frozenset(listed), holders=holders)


def _may_be_emptied(principal: Principal, desired: Desired) -> bool:
    """Has somebody released a list of nobody, after he was told that its mail is lost then?"""
    return principal.kind != "account" and Address(principal.kind, principal.primary) in desired.released
