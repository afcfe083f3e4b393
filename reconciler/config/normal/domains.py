"""The domains with everything in them: bare names made whole, each thing filed under its domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from reconciler.config.check.claims import Claims
from reconciler.config.check.targets import Reference
from reconciler.config.faults import did_you_mean
from reconciler.config.models.people import Account as WrittenAccount
from reconciler.config.models.people import Group as WrittenGroup
from reconciler.config.models.people import MailList as WrittenList
from reconciler.config.models.stack import Body
from reconciler.config.normal import names
from reconciler.config.normal.dns import dns
from reconciler.config.normal.scope import Scope
from reconciler.config.normal.secrets import password
from reconciler.config.stack import Account, Alias, Domain, Group, MailList
from reconciler.config.tree import Path
from reconciler.resource import UNSET, Unset


@dataclass(slots=True, kw_only=True)
class Contents:
    """What is filed under one domain so far."""

    accounts: dict[str, Account] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    lists: dict[str, MailList] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)


def domains(
    bodies: Mapping[str, tuple[Path, Body, bool]], scope: Scope
) -> tuple[dict[str, Domain], list[Reference]]:
    """Return the domains in the order of the bodies, and what in them names another entry.

    bodies is name -> (path, body, whether it has a `dns:`).  An entry may name an address of
    another declared domain; it is filed where it belongs.
    """
    filing = _Filing(bodies.keys(), scope)
    for name, (at, body, _) in bodies.items():
        filing.take(body, at, name)
    made = {}
    for name, (at, body, declared) in bodies.items():
        own = Scope(faults=scope.faults, base=scope.base, home=name)
        contents = filing.contents[name]
        made[name] = Domain(
            at=at,
            name=name,
            description=_or_unset(body.description),
            parked=body.type == "parked",
            dns=dns(body.dns, (*at, "dns"), own, declared=declared),
            accounts=contents.accounts,
            aliases=contents.aliases,
            lists=contents.lists,
            groups=contents.groups,
            catch_all=filing.catch_all(body, (*at, "catch_all"), name),
        )
    return made, filing.references


def _or_unset(value: str | None) -> str | Unset:
    return UNSET if value is None else value


class _Filing:
    """Puts accounts, aliases, lists and groups under their domains."""

    def __init__(self, declared: Collection[str], scope: Scope) -> None:
        self.contents = {name: Contents() for name in declared}
        self._faults = scope.faults
        self._claims = Claims(scope.faults)
        self.references: list[Reference] = []

    def take(self, body: Body, at: Path, home: str) -> None:
        for key, account in body.accounts.items():
            self._account(key, account, (*at, "accounts", key), home)
        for key, target in body.aliases.items():
            self._alias(key, target, (*at, "aliases", key), home)
        for key, written in body.lists.items():
            self._list(key, written, (*at, "lists", key), home)
        for key, group in body.groups.items():
            self._group(key, group, (*at, "groups", key), home)

    def catch_all(self, body: Body, at: Path, home: str) -> str | Unset | None:
        if body.catch_all is None:
            return UNSET
        if body.catch_all.lower() == "none":
            return None
        target = self._address(body.catch_all, at, home)
        if target is not None:
            self.references.append(Reference(at, target, "catch_all"))
        return target

    def _account(self, key: str, written: WrittenAccount, at: Path, home: str) -> None:
        place = self._claim(key, "account", at, home)
        if place is None:
            return
        address, contents = place
        own = address.rpartition("@")[2]
        named = written.model_fields_set
        contents.accounts[address] = Account(
            at=at,
            address=address,
            name=_or_unset(written.name),
            password=UNSET if written.password is None else password(written.password, (*at, "password")),
            revision=1 if written.password is None else written.password.revision,
            quota=written.quota if "quota" in named else UNSET,
            enabled=UNSET if written.enabled is None else written.enabled,
            admin=UNSET if written.admin is None else written.admin,
            login=UNSET if written.login is None else written.login.lower(),
            renamed_from=self._address(written.renamed_from, (*at, "renamed_from"), own),
            aliases_declared=written.aliases is not None,
        )
        for index, alias in enumerate(written.aliases or ()):
            self._own_alias(alias, address, (*at, "aliases", index), own)

    def _own_alias(self, text: str, target: str, at: Path, home: str) -> None:
        place = self._claim(text, "alias", at, home, target)
        if place is not None:
            address, contents = place
            contents.aliases[address] = Alias(at=at, address=address, target=target)

    def _alias(self, key: str, text: str, at: Path, home: str) -> None:
        target = self._address(text, at, home)
        if target is not None:
            self.references.append(Reference(at, target, "alias"))
        place = self._claim(key, "alias", at, home, target)
        if place is not None and target is not None:
            address, contents = place
            contents.aliases[address] = Alias(at=at, address=address, target=target)

    def _list(self, key: str, written: WrittenList, at: Path, home: str) -> None:
        place = self._claim(key, "list", at, home)
        if place is None:
            return
        address, contents = place
        members = self._members(written.members, (*at, "members"), address, "list")
        contents.lists[address] = MailList(
            at=at,
            address=address,
            name=_or_unset(written.name),
            members=tuple(m for m in members if m.rpartition("@")[2] in self.contents),
            externals=tuple(m for m in members if m.rpartition("@")[2] not in self.contents),
        )

    def _group(self, key: str, written: WrittenGroup, at: Path, home: str) -> None:
        place = self._claim(key, "group", at, home)
        if place is None:
            return
        address, contents = place
        contents.groups[address] = Group(
            at=at,
            address=address,
            name=_or_unset(written.name),
            members=self._members(written.members, (*at, "members"), address, "group"),
            quota=written.quota if "quota" in written.model_fields_set else UNSET,
        )

    def _members(self, texts: list[str], at: Path, of: str, kind: str) -> tuple[str, ...]:
        home = of.rpartition("@")[2]
        seen: dict[str, Path] = {}
        for index, text in enumerate(texts):
            here = (*at, index)
            member = self._address(text, here, home)
            if member in seen:
                first = self._faults.place(seen[member])
                told = (
                    "the same member twice",
                    f"{member} stands already at {first}.  Delete one.",
                    "entry-twice",
                )
                self._faults.add(here, told)
            elif member is not None:
                seen[member] = here
                self.references.append(Reference(here, member, kind, of))
        return tuple(seen)

    def _address(self, text: str | None, at: Path, home: str) -> str | None:
        return None if text is None else self._faults.attempt(at, names.address, text, home)

    def _claim(
        self, text: str, kind: str, at: Path, home: str, of: str | None = None
    ) -> tuple[str, Contents] | None:
        """Return the whole address and where it is filed; None when it is unfit or taken."""
        address = self._faults.attempt(at, names.address, text, home, key=True)
        if address is None:
            return None
        domain = address.rpartition("@")[2]
        contents = self.contents.get(domain)
        if contents is None:
            guess = did_you_mean(domain, self.contents, cutoff=0.8)
            detail = f"{guess}{domain} is no domain of this stack.  Add it under `domains:`."
            self._faults.add(
                at, ("an address in a domain that is not declared", detail, "unknown-domain"), key=True
            )
            return None
        return (address, contents) if self._claims.claim(address, kind, at, of) else None
