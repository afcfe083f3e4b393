"""The backend that keeps resources in the mail server in memory: what it reads, and how a change is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mail_server import AT_START_ONLY, HOSTNAME, Key, MailServer, Principal, refused

from reconciler.backends.interface import SecretOf
from reconciler.desired import Desired
from reconciler.diff import LISTED, MARKS_ONLY, Change, Verb
from reconciler.errors import WriteError
from reconciler.kinds import account, alias, allowed_ip, ban, catch_all, dkim_key, domain, hostname, setting
from reconciler.kinds import tls as tls_kind
from reconciler.kinds.account import Account
from reconciler.kinds.activation import Activation
from reconciler.kinds.activation import address_of as activation_of
from reconciler.kinds.alias import Alias
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.domain import Domain
from reconciler.kinds.group import Group
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.mailing_list import MailingList
from reconciler.kinds.setting import Setting
from reconciler.kinds.tls import Tls
from reconciler.order import needs_of
from reconciler.outcome import Outcome, Status
from reconciler.resource import UNSET, Address, Resource, Sealed, digest_of
from reconciler.state import Activate, Placement, Reading, System

LABEL = "memory"


class MemoryBackend:
    """One server for one stack."""

    label = LABEL

    def __init__(self, server: MailServer, stack: str) -> None:
        self.server = server
        self.stack = stack

    def lock(self, timeout: float) -> None:
        pass

    def unlock(self) -> None:
        pass

    def facts(self) -> tuple[str, ...]:
        return ()

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the server holds, and of these kinds nothing but what was asked for."""
        found = {r.address: r for r in (*self._settings(desired), *self._mailboxes(desired))}
        owned, foreign = self._marks()
        return Reading(
            system=System(label=LABEL, title="Memory", kind="memory"),
            resources={a: r for a, r in found.items() if kinds is None or a.kind in kinds},
            place=_place,
            owned=frozenset(a for a in owned if kinds is None or a.kind in kinds),
            foreign=foreign,
            former=self._former(),
            names=self._names(),
            left_over=tuple(
                Activation(address=activation_of(how, LABEL), how=how)
                for how in ("reload", "restart", "signing")
                if self._mark("activation", how) in self.server.settings
                or (how == "reload" and self._goes_by_another_name(desired))
            ),
        )

    def _former(self) -> dict[Address, Resource]:
        """Return what comes back when what we wrote is unwritten."""
        was = {
            key[3]: json.loads(text)["was"]
            for key, text in self.server.settings.items()
            if key[:3] == self._mark("setting", "")[:3]
        }
        settings = (Setting(address=setting.address_of(k), value=v) for k, v in was.items() if v is not None)
        return {resource.address: resource for resource in settings}

    def _goes_by_another_name(self, desired: Desired) -> bool:
        """Is there evidence that what is stored does not count?"""
        stored = self.server.settings.get(HOSTNAME, self.server.hostname)
        return hostname.ADDRESS in desired.resources and stored != self.server.hostname

    def _names(self) -> dict[str, Address]:
        names = {name: domain.address_of(name) for name in self.server.domains}
        return names | {p.login: Address(p.kind, p.primary) for p in self.server.principals.values()}

    def _mark(self, what: str, name: str) -> Key:
        return ("mark", self.stack, what, name)

    def _marks(self) -> tuple[set[Address], dict[Address, str]]:
        owned: set[Address] = set()
        foreign: dict[Address, str] = {}
        for key, value in self.server.settings.items():
            if key[0] == "allowed" and value:
                stack, address = value, allowed_ip.address_of(key[1])
            elif key[0] == "mark" and key[2] != "activation":
                stack, address = key[1], Address(key[2].replace("password", "account"), key[3])
            else:
                continue
            if stack == self.stack:
                owned.add(address)
            else:
                foreign[address] = stack
        return owned, foreign

    def _mailboxes(self, desired: Desired) -> Iterator[Resource]:
        server = self.server
        for name in server.domains:
            yield Domain(address=domain.address_of(name))
        for p in server.principals.values():
            address = Address(p.kind, p.primary)
            members = frozenset(server.name_of(m) for m in p.members)
            if p.kind == "group":
                yield Group(address=address, name=p.name, quota=p.quota, members=members)
            elif p.kind == "list":
                yield MailingList(address=address, name=p.name, members=members | p.externals)
            else:
                yield Account(
                    address=address,
                    name=p.name,
                    quota=p.quota,
                    login=p.login,
                    enabled=p.enabled,
                    admin=p.admin,
                    password=self._password(p, desired),
                )
            for email in p.emails:
                if email.startswith("@"):
                    yield CatchAll(address=catch_all.address_of(email[1:]), holder=p.primary)
                elif email != p.primary:
                    yield Alias(address=alias.address_of(email), holder=p.primary)

    def _password(self, principal: Principal, desired: Desired) -> Any:
        """One without a mark keeps the password that it has: it counts as the declared revision."""
        now = account.address_of(principal.primary)
        later = next((new for new, former in desired.renamed.items() if former == now), now)
        wanted = desired.resources.get(now) or desired.resources.get(later)
        if not isinstance(wanted, Account) or not isinstance(wanted.password, Sealed):
            return UNSET
        if principal.password is None:
            return Sealed()
        mark = self.server.settings.get(self._mark("password", now.name))
        return Sealed(revision=wanted.password.revision if mark is None else int(mark))

    def _settings(self, desired: Desired) -> Iterator[Resource]:
        server = self.server
        if value := server.settings.get(HOSTNAME) or server.hostname:
            yield Hostname(address=hostname.ADDRESS, value=value)
        visible = {a.name for a in (*desired.resources, *desired.removed) if a.kind == "setting"}
        for key, value in server.settings.items():
            match key[0]:
                case "allowed":
                    yield AllowedIp(address=allowed_ip.address_of(key[1]))
                case "ban":
                    yield Ban(address=ban.address_of(key[1]))
                case "dkim":
                    yield DkimKey(address=dkim_key.address_of(key[1], key[2]), selector=value)
                case "tls":
                    directory, challenge, contact, *domains = value.split(" ")
                    yield Tls(
                        address=tls_kind.address_of(key[1]),
                        directory=directory,
                        challenge=challenge,
                        contact=frozenset(contact.split(",")),
                        domains=frozenset(domains),
                        renew_before=2592000,
                    )
                case "setting" if key != HOSTNAME:
                    if key[1] in visible or self._mark("setting", key[1]) in server.settings:
                        yield self._setting(key[1], value, desired)

    def _setting(self, key: str, value: str, desired: Desired) -> Setting:
        address = setting.address_of(key)
        wanted = desired.resources.get(address)
        if not (isinstance(wanted, Setting) and isinstance(wanted.secret, Sealed)):
            return Setting(address=address, value=value)
        memory = json.loads(self.server.settings.get(self._mark("setting", key), "{}"))
        digest = digest_of(value)
        intact = memory.get("digest") == digest
        return Setting(
            address=address, secret=Sealed(digest=digest, revision=memory.get("revision"), intact=intact)
        )

    # Writing

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Store the trace of what is owed, then each change by itself, passwords' marks last."""
        server = self.server
        if activate is not Activate.NOTHING and changes:
            server.do(lambda: server.put((self._mark("activation", activate.value), "owed")))
        if any(c.address.kind == "dkim_key" and c.verb is Verb.ADD for c in changes):
            server.do(lambda: server.put((self._mark("activation", "signing"), "owed")))
        needs = needs_of(changes)
        broken: set[Address] = set()
        stored = []
        for change in sorted(
            changes, key=lambda c: c.address.kind in _PRINCIPALS and c.verb not in MARKS_ONLY
        ):
            status, detail = Status.DONE, ""
            if broken.intersection(needs.get(change.address, ())):
                status, detail = Status.SKIPPED, "what it needs failed"
            else:
                try:
                    self._write_one(change, secret_of)
                except WriteError as error:
                    status, detail = Status.FAILED, str(error)
            if status is Status.DONE:
                stored.append(change)
            else:
                broken.add(change.address)
            yield Outcome(address=change.address, verb=change.verb, status=status, detail=detail)
        for change in stored:
            if change.address.kind == "account" and change.verb not in MARKS_ONLY:
                self._mark_password(change)

    def activate(self, activate: Activate) -> None:
        server = self.server
        if activate is Activate.RESTART:
            server.do(server.count_now)
        else:
            server.do(server.reload)
        hows = ("reload", "signing", "restart")[: 3 if activate is Activate.RESTART else 2]
        traces = [self._mark("activation", how) for how in hows]
        if any(trace in server.settings for trace in traces):
            server.do(lambda: server.drop(*traces))

    def _write_one(self, change: Change, secret_of: SecretOf) -> None:
        kind = change.address.kind
        if kind in _PRINCIPALS and change.verb not in MARKS_ONLY:
            self._write_mailbox(change, secret_of)
        elif kind == "account":
            self._mark_password(change)
        elif kind in ("hostname", "setting"):
            self._write_setting(change, secret_of)
        elif kind == "tls":
            self._write_tls(change)
        elif kind != "activation":
            self._write_entry(change)

    def _write_entry(self, change: Change) -> None:
        server, (kind, name) = self.server, change.address
        key = ("dkim", *name.split("/")) if kind == "dkim_key" else (kind.removesuffix("_ip"), name)
        if change.verb is Verb.DELETE:
            server.do(lambda: server.drop(key))
        elif isinstance(change.after, DkimKey):
            selector = change.after.selector
            server.do(lambda: server.put((key, str(selector))))
        else:
            value = "" if change.verb is Verb.FORGET else self.stack
            server.do(lambda: server.put((key, value)))

    def _write_setting(self, change: Change, secret_of: SecretOf) -> None:
        server, after = self.server, change.after
        is_hostname = change.address == hostname.ADDRESS
        key = HOSTNAME if is_hostname else ("setting", change.address.name)
        mark = self._mark("hostname", "") if is_hostname else self._mark("setting", change.address.name)
        memory = json.loads(server.settings.get(mark, "null")) or {"was": server.settings.get(key)}
        if change.verb is Verb.FORGET:
            server.do(lambda: server.drop(mark))
            return
        if change.verb is Verb.DELETE:
            was = memory["was"] if change.reason != LISTED else None
            server.do(lambda: server.drop(key) if was is None else server.put((key, was)))
            server.do(lambda: server.drop(mark))
            return
        value = after.value if isinstance(after, Hostname | Setting) else UNSET
        if isinstance(after, Setting) and isinstance(after.secret, Sealed):
            value = secret_of(change.address).reveal()
            memory |= {"digest": digest_of(value), "revision": after.secret.revision}
        pairs = [(mark, json.dumps(memory, sort_keys=True))]
        if change.verb not in MARKS_ONLY:
            pairs.append((key, str(value)))
        server.do(lambda: server.put(*pairs))

    def _write_tls(self, change: Change) -> None:
        server, after = self.server, change.after
        key, mark = ("tls", change.address.name), self._mark("tls", change.address.name)
        if change.verb is Verb.FORGET:
            server.do(lambda: server.drop(mark))
        elif change.verb is Verb.DELETE:
            if server.settings.get(mark) == "made" or change.reason == LISTED:
                server.do(lambda: server.drop(key))
            server.do(lambda: server.drop(mark))
        else:
            assert isinstance(after, Tls) and isinstance(after.contact, frozenset)
            made = server.settings.get(mark) or ("made" if change.verb is Verb.ADD else "adopted")
            names = after.domains if isinstance(after.domains, frozenset) else ()
            value = f"{after.directory} {after.challenge} {','.join(sorted(after.contact))}"
            value = " ".join([value, *sorted(names)])
            pairs = [(mark, made)] + ([] if change.verb is Verb.ADOPT else [(key, value)])
            server.do(lambda: server.put(*pairs))

    def _mark_password(self, change: Change) -> None:
        server, after = self.server, change.after
        mark = self._mark("password", change.address.name)
        former = self._mark("password", change.renamed_from.name) if change.renamed_from else None
        if change.verb in (Verb.FORGET, Verb.DELETE):
            if mark in server.settings:
                server.do(lambda: server.drop(mark))
        elif isinstance(after, Account) and isinstance(after.password, Sealed):
            revision = str(after.password.revision)
            if server.settings.get(mark) != revision:
                server.do(lambda: server.put((mark, revision)))
        if former is not None and former in server.settings:
            server.do(lambda: server.drop(former))

    def _write_mailbox(self, change: Change, secret_of: SecretOf) -> None:
        server, (kind, name) = self.server, change.address
        if kind == "domain":
            act = server.domains.add if change.verb is Verb.ADD else server.domains.discard
            server.do(lambda: act(name))
        elif isinstance(change.resource, Alias | CatchAll):
            self._write_address(change)
        elif change.verb is Verb.ADD:
            self._make(change, secret_of)
        else:
            pid = server.of(change.renamed_from.name if change.renamed_from else name)
            if pid is None or server.principals[pid].kind != kind:
                raise refused(f"{change.address} is not there")
            if change.verb is Verb.DELETE:
                server.do(lambda: server.delete(pid))
            else:
                server.do(lambda: server.edit(pid, **self._fields(change, pid, secret_of)))

    def _make(self, change: Change, secret_of: SecretOf) -> None:
        server, after, name = self.server, change.after, change.address.name
        fields: dict[str, Any] = {}
        members: frozenset[str] = frozenset()
        for field in change.fields:
            if field.path == "members":
                assert isinstance(field.after, frozenset)
                members = field.after
            elif field.path == "password":
                fields["password"] = secret_of(change.address).reveal()
            else:
                fields[field.path] = field.after
        assert after is not None
        fields = {"login": name, **fields}
        server.do(lambda: server.make(Principal(kind=after.KIND, emails=(name,), **fields), members))

    def _fields(self, change: Change, pid: int, secret_of: SecretOf) -> dict[str, Any]:
        """Return the fields of one PATCH.  A renamed account keeps its former address as an alias."""
        fields: dict[str, Any] = {}
        for field in change.fields:
            if field.path == "address":
                rest = [e for e in self.server.principals[pid].emails if e != change.address.name]
                fields["emails"] = (change.address.name, *rest)
            elif field.path == "members":
                assert isinstance(field.after, frozenset) and isinstance(change.before, Group | MailingList)
                before = change.before.members
                assert isinstance(before, frozenset)
                fields |= self.server.with_members(pid, before, field.after)
            elif field.path == "password":
                fields["password"] = secret_of(change.address).reveal()
            else:
                fields[field.path] = field.after
        return fields

    def _write_address(self, change: Change) -> None:
        """An address that moves is released and claimed: two requests, because nobody may hold it twice."""
        server, (kind, name), after = self.server, change.address, change.after
        email = f"@{name}" if kind == "catch_all" else name
        giver = server.holder(email)
        if change.verb is not Verb.ADD and giver is not None:
            kept = tuple(e for e in server.principals[giver].emails if e != email)
            server.do(lambda: server.edit(giver, emails=kept))
        if isinstance(after, Alias | CatchAll):
            taker = server.of(after.holder)
            if taker is None:
                raise refused(f"the holder {after.holder} is not there")
            emails = server.principals[taker].emails
            if email not in emails:
                server.do(lambda: server.edit(taker, emails=(*emails, email)))


_PRINCIPALS = frozenset({"domain", "account", "group", "list", "alias", "catch_all"})


def _place(resource: Resource) -> Placement | None:
    kind, name = resource.address
    if kind == "record":
        return None
    is_restart = name == f"restart/{LABEL}" or (kind == "setting" and name.startswith(AT_START_ONLY))
    danger = "this version does not start again" if kind == "setting" and name.startswith("local.") else ""
    activate = Activate.RESTART if is_restart else Activate.RELOAD
    return Placement(system=LABEL, activate=activate, danger=danger)
