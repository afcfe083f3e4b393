"""A mail server in memory, as nasty as the real one.

It refuses what Stalwart (0.11 to 0.15) refuses - an address that somebody has, a member or a domain
that is not there - and does silently what Stalwart does silently: an account that goes takes its
aliases and memberships along, a domain that goes leaves everything in it behind, and nothing that is
stored counts before a reload.  Every write is one call of `MailServer.do`: there a test counts,
looks, stops the run, or makes the write fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.errors import Problem, WriteError

HOSTNAME = ("setting", "lookup.default.hostname")
CONTAINER_ID = "9f31c0aa12bc"
AT_START_ONLY = "server.listener."

Key = tuple[str, ...]
"""A key of the settings: ("setting", KEY), ("allowed", NETWORK), ("ban", NETWORK), ("dkim", DOMAIN,
ALGORITHM), ("tls", NAME), or a mark: ("mark", STACK, WHAT, NAME).  An allowed IP's value is its mark."""


class Crash(BaseException):
    """The process is killed: nothing but the test catches it."""


def refused(text: str) -> WriteError:
    return WriteError(Problem(summary=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An account, group or list.  The first of emails is the primary one, ``@domain`` is a catch-all."""

    kind: str
    login: str
    emails: tuple[str, ...]
    name: str = ""
    quota: int = 0
    enabled: bool = True
    admin: bool = False
    password: str | None = None
    members: frozenset[int] = frozenset()
    externals: frozenset[str] = frozenset()

    @property
    def primary(self) -> str:
        for email in self.emails:
            if email[0] != "@":
                return email
        return f"login:{self.login}"


class MailServer:
    """What is stored, and what counts."""

    def __init__(self) -> None:
        self.domains: set[str] = set()
        self.principals: dict[int, Principal] = {}
        self.last = 0  # no number is given twice
        self.settings: dict[Key, str] = {}
        self.hostname = CONTAINER_ID
        self.active = self.stored()
        self.started = self.stored_for_start()
        self.reloads_apply = True
        self.reloads_admit_it = True
        self.writes = 0
        self.observers: list[Callable[[], None]] = []
        self.interfere: Callable[[int, str], None] = lambda number, when: None

    def copy(self) -> MailServer:
        """Return a server in the same state, which nobody watches."""
        other = MailServer()
        other.domains = set(self.domains)
        other.principals, other.last = dict(self.principals), self.last
        other.settings = dict(self.settings)
        other.hostname, other.active, other.started = self.hostname, self.active, self.started
        other.reloads_apply = self.reloads_apply
        return other

    def frozen(self) -> tuple[Any, ...]:
        """Return the whole state as a value."""
        principals = frozenset(
            (
                (
                    p.kind,
                    p.login,
                    p.primary,
                    frozenset(p.emails),
                    p.name,
                    p.quota,
                    p.enabled,
                    p.admin,
                    p.password,
                ),
                (frozenset(self.name_of(m) for m in p.members), p.externals),
            )
            for p in self.principals.values()
        )
        settings = frozenset(self.settings.items())
        return (frozenset(self.domains), principals, settings, self.hostname, self.active, self.started)

    def stored(self) -> tuple[frozenset[Any], frozenset[Any]]:
        """Return what a reload makes active: settings without marks, and who has which address."""
        settings = frozenset(
            (key, "" if key[0] == "allowed" else value)
            for key, value in self.settings.items()
            if key[0] != "mark" and not key[1].startswith(AT_START_ONLY)
        )
        return settings, frozenset((e, p.login) for p in self.principals.values() for e in p.emails)

    def stored_for_start(self) -> frozenset[Any]:
        """Return what only a start makes active."""
        return frozenset(
            (key, value)
            for key, value in self.settings.items()
            if key[0] == "setting" and key[1].startswith(AT_START_ONLY)
        )

    def is_active(self) -> bool:
        """Does everything that is stored count?"""
        return self.active == self.stored() and self.started == self.stored_for_start()

    def count_now(self) -> None:
        """Make everything count, as a start does."""
        self._reload()
        self.started = self.stored_for_start()

    # Reading

    def name_of(self, pid: int) -> str:
        return self.principals[pid].primary

    def holder(self, email: str) -> int | None:
        return next((pid for pid, p in self.principals.items() if email in p.emails), None)

    def of(self, primary: str) -> int | None:
        return next((pid for pid, p in self.principals.items() if p.primary == primary), None)

    # Writing: each call is one request, which happens or does not.

    def do(self, action: Callable[[], None]) -> None:
        """Do one write.  interfere is asked before and after it, observers look in between."""
        number = self.writes
        self.interfere(number, "before")
        action()
        self.writes += 1
        for look in self.observers:
            look()
        self.interfere(number, "after")

    def make(self, principal: Principal, members: frozenset[str] = frozenset()) -> None:
        if any(p.login == principal.login for p in self.principals.values()):
            raise refused(f"the name {principal.login} is taken")
        self._free(principal.emails, None)
        local, outside = self._split(members)
        self.last += 1
        self.principals[self.last] = replace(principal, members=local, externals=outside)

    def edit(self, pid: int, **fields: Any) -> None:
        """Set fields of a principal, in one request."""
        if "emails" in fields:
            self._free(fields["emails"], pid)
        login = fields.get("login")
        if any(p.login == login for other, p in self.principals.items() if other != pid):
            raise refused(f"the name {login} is taken")
        self.principals[pid] = replace(self.principals[pid], **fields)

    def with_members(self, pid: int, before: frozenset[str], after: frozenset[str]) -> dict[str, Any]:
        """Return the fields that take in who is new and let go of who is not wanted any more."""
        principal = self.principals[pid]
        local, outside = self._split(after - before)
        gone = before - after
        kept = frozenset(m for m in principal.members if self.name_of(m) not in gone)
        return {"members": kept | local, "externals": (principal.externals - gone) | outside}

    def delete(self, pid: int) -> None:
        del self.principals[pid]
        for other, principal in self.principals.items():
            if pid in principal.members:
                self.principals[other] = replace(principal, members=principal.members - {pid})

    def put(self, *pairs: tuple[Key, str]) -> None:
        self.settings.update(pairs)

    def drop(self, *keys: Key) -> None:
        for key in keys:
            self.settings.pop(key, None)

    def reload(self) -> None:
        """Make what is stored count; or not, and say so or not."""
        if self.reloads_apply:
            self._reload()
        elif self.reloads_admit_it:
            raise refused("the reload applied nothing")

    def _reload(self) -> None:
        self.active = self.stored()
        self.hostname = self.settings.get(HOSTNAME) or CONTAINER_ID

    def _free(self, emails: Sequence[str], pid: int | None) -> None:
        held = self.principals[pid].emails if pid is not None else ()
        for email in emails:
            if self.holder(email) not in (None, pid):
                raise refused(f"{email} is taken")
            if email not in held and email.rpartition("@")[2] not in self.domains:
                raise refused(f"the domain of {email} is not there")

    def _split(self, members: frozenset[str]) -> tuple[frozenset[int], frozenset[str]]:
        local, outside = set(), set()
        for member in members:
            pid = self.of(member)
            if pid is not None and self.principals[pid].kind != "list":
                local.add(pid)
            elif member.rpartition("@")[2] in self.domains:
                raise refused(f"the member {member} is not there")
            else:
                outside.add(member)
        return frozenset(local), frozenset(outside)
