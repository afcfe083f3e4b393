"""Large stacks on large servers, for Hypothesis: what is drawn always fits together, as `config/check` wants it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from mail_server import AT_START_ONLY, HOSTNAME, MailServer, Principal

from reconciler.config.dns import Dns, MailRecords
from reconciler.config.secrets import FromEnv
from reconciler.config.stack import Account, Alias, Domain, Group, MailList, Stack, Tls
from reconciler.desired import Desired, desire
from reconciler.errors import Where
from reconciler.resource import UNSET, Address

DOMAINS = ("example.org", "example.net", "example.com")
NAMES = tuple(f"{letter}@{domain}" for letter in "abcde" for domain in DOMAINS[:2])
OUTSIDE = "z@elsewhere.test"
PASSWORD = FromEnv(env="PASSWORD")
IPS = ("203.0.113.10", "203.0.113.0/24", "198.51.100.7")
KEYS = ("session.max", "queue.path", "local.one", f"{AT_START_ONLY}smtp.bind", "store.token")

Draws = dict[str, tuple[str, tuple[int, ...], "Traits"]]
"""Per address: what it is, numbers that pick whom it leads to, and what else is to be said of it."""


@dataclass(frozen=True)
class Traits:
    """What may be said of an account; None is "not said"."""

    name: str | None = None
    quota: int | None = None
    enabled: bool | None = None
    admin: bool | None = None
    login: int | None = None
    revision: int | None = None


class World:
    """A stack and a server."""

    def __init__(self, *, desired: Desired, server: MailServer, stack: Stack) -> None:
        self.desired, self.server, self.stack = desired, server, stack

    def __repr__(self) -> str:
        """Only what decides: enough to see why an example fails."""
        lines = [
            f"{p.kind} {p.emails} members {sorted(self.server.name_of(m) for m in p.members)} {p}"
            for p in self.server.principals.values()
        ]
        lines += [f"{key} = {value}" for key, value in self.server.settings.items()]
        lines += [
            "wanted:",
            *map(str, self.desired.resources.values()),
            f"renamed {self.desired.renamed}",
            f"removed {self.desired.removed}",
        ]
        return "\n  ".join(["", *lines])

    def released(self, addresses: frozenset[Address]) -> Desired:
        return _desired(self.stack, addresses)


def _desired(stack: Stack, released: frozenset[Address] = frozenset()) -> Desired:
    """Return what the stack wants of a mail server; records are no business of it."""
    desired = desire(stack, lambda path: Where(file="s.yaml", line=1), released=released)
    return replace(desired, resources={a: r for a, r in desired.resources.items() if a.kind != "record"})


_maybe = st.none() | st.booleans()
_traits = st.builds(
    Traits,
    name=st.sampled_from([None, "", "Alice"]),
    quota=st.sampled_from([None, 0, 5]),
    enabled=_maybe,
    admin=_maybe,
    login=st.sampled_from([None, None, 0, 1]),
    revision=st.sampled_from([None, 1, 2]),
)
_picks = st.lists(st.integers(0, 9), min_size=1, max_size=4).map(tuple)
_kinds = st.sampled_from(["account", "account", "alias", "alias", "list", "group"])
_wishes = st.sampled_from(["keep", "leave", "remove", "account", "alias", "list", "group", "renamed"])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a server, and a stack that wants some of it kept and some of it otherwise."""
    live: Draws = draw(
        st.dictionaries(st.sampled_from(NAMES), st.tuples(_kinds, _picks, _traits), max_size=10)
    )
    server = _server(live)
    wishes = draw(st.dictionaries(st.sampled_from(NAMES), st.tuples(_wishes, _picks, _traits), max_size=8))
    wanted: Draws = {}
    removed: list[Address] = []
    for name in sorted({**live, **wishes}):
        wish, picks, traits = wishes.get(name, ("keep", (0,), Traits()))
        if wish == "remove":
            removed += [Address(kind, name) for kind in ("account", "alias", "list", "group")]
        elif wish == "keep" and name in live:
            wanted[name] = live[name]
        elif wish not in ("leave", "keep"):
            wanted[name] = (wish, picks, traits)
            if picks[0] > 4:  # whatever else has the address now may go
                kinds = {"account", "alias", "list", "group"} - {"account" if wish == "renamed" else wish}
                removed += [Address(kind, name) for kind in sorted(kinds)]
    stack = draw(_stacks(wanted, removed, live))
    draw(_fill(server))
    return World(desired=_desired(stack), server=server, stack=stack)


def _people(draws: Draws) -> list[str]:
    return sorted(n for n, (kind, _, _) in draws.items() if kind in ("account", "renamed"))


def _members(name: str, picks: tuple[int, ...], draws: Draws, *, outside: bool) -> tuple[str, ...]:
    """A group holds groups that come before it in the alphabet, so none holds itself."""
    groups = sorted(n for n, (kind, _, _) in draws.items() if kind == "group" and (outside or n < name))
    known = [*_people(draws), *groups, *([OUTSIDE] if outside else [])]
    return tuple(
        dict.fromkeys(known[p % len(known)] for p in picks if known and known[p % len(known)] != name)
    )


def _server(draws: Draws) -> MailServer:
    server = MailServer()
    server.domains.update(DOMAINS)
    people = _people(draws)
    for name in people:
        _, picks, traits = draws[name]
        login = name if traits.login is None else f"{name.partition('@')[0]}.{name[-3:]}{traits.login}"
        server.make(
            Principal(
                kind="account",
                login=login,
                emails=(name,),
                name=traits.name or "",
                quota=traits.quota or 0,
                enabled=traits.enabled is not False,
                admin=traits.admin is True,
                password=None if traits.revision is None else "before",
            )
        )
        if traits.revision is not None and picks[0] % 3:
            stack = "other" if picks[0] == 8 else "home"
            server.put((("mark", stack, "password", name), str(traits.revision)))
    for name, (kind, _, _) in draws.items():
        if kind in ("list", "group"):
            server.make(Principal(kind=kind, login=name, emails=(name,)))
    for name, (kind, picks, _) in draws.items():
        pid = server.of(name)
        if kind in ("list", "group") and pid is not None:
            members = frozenset(_members(name, picks, draws, outside=kind == "list"))
            server.edit(pid, **server.with_members(pid, frozenset(), members))
        elif kind == "alias":
            # Also lists and groups have further addresses on real servers.
            holders = people if picks[0] < 8 else [n for n, d in draws.items() if d[0] in ("list", "group")]
            if holders and (holder := server.of(holders[picks[0] % len(holders)])) is not None:
                server.edit(holder, emails=(*server.principals[holder].emails, name))
    return server


@st.composite
def _stacks(draw: st.DrawFn, wanted: Draws, removed: list[Address], live: Draws) -> Stack:
    renamed: dict[str, str] = {}
    for name, (kind, picks, _) in wanted.items():
        # The former address is nobody's any more, or an alias.
        free = [
            n
            for n in sorted(live)
            if wanted.get(n, ("alias",))[0] == "alias"
            and Address("account", n) not in removed
            and n not in renamed.values()
        ]
        if kind == "renamed" and free:
            renamed[name] = free[picks[0] % len(free)]
    people = _people(wanted)
    accounts = {name: _account(name, wanted[name][2], renamed.get(name)) for name in people}
    aliases = {
        n: Alias(address=n, target=people[picks[0] % len(people)])
        for n, (kind, picks, _) in wanted.items()
        if kind == "alias" and people
    }
    lists = {n: _list(n, picks, wanted) for n, (kind, picks, _) in wanted.items() if kind == "list"}
    groups = {
        n: Group(address=n, members=_members(n, picks, wanted, outside=False))
        for n, (kind, picks, _) in wanted.items()
        if kind == "group"
    }
    parts: Any = {
        "accounts": accounts,
        "aliases": aliases,
        "lists": lists,
        "groups": groups,
    }
    gone = draw(st.sampled_from([(), (), (DOMAINS[2],), (DOMAINS[1],)]))
    domains = {}
    declared = {n.rpartition("@")[2] for n in wanted}
    for domain in DOMAINS:
        if domain in gone and domain not in declared:
            removed.append(Address("domain", domain))
        elif domain == DOMAINS[0] or domain in declared or draw(st.booleans()):
            held: Any = st.sampled_from([UNSET, *people])
            algorithms = draw(st.sampled_from([None, ("rsa",), ("rsa", "ed25519")]))
            inside: Any = {
                key: {n: v for n, v in found.items() if n.endswith(f"@{domain}")}
                for key, found in parts.items()
            }
            domains[domain] = Domain(
                name=domain,
                dns=Dns(zone=domain, declared=algorithms is not None, mail=MailRecords(dkim=algorithms)),
                catch_all=draw(held),
                **inside,
            )
    for domain in DOMAINS:
        if draw(st.booleans()) and (domain not in domains or domains[domain].catch_all is UNSET):
            removed.append(Address("catch_all", domain))
    settings: Any = draw(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["1", "2", PASSWORD])))
    allowed = tuple(draw(st.lists(st.sampled_from(IPS), unique=True)))
    listed = st.lists(
        st.sampled_from([Address("allowed_ip", ip) for ip in IPS] + [Address("setting", k) for k in KEYS])
    )
    spoken = {*(Address("setting", k) for k in settings), *(Address("allowed_ip", ip) for ip in allowed)}
    removed += [a for a in dict.fromkeys(draw(listed)) if a not in spoken]
    forget = tuple(a for a in dict.fromkeys(draw(listed)) if a not in spoken and a not in removed)
    kept = {*(Address("alias", n) for n in aliases), *(Address("account", n) for n in accounts)}
    kept |= {*(Address("list", n) for n in lists), *(Address("group", n) for n in groups)}
    tls = Tls(acme="le", directory="https://ca", contact=("p@x.org",), challenge="http-01")
    return Stack(
        name="home",
        file="s.yaml",
        base="/",
        version=1,
        hostname=draw(st.sampled_from([None, "mail.example.org"])),
        domains=domains,
        tls=draw(st.sampled_from([None, tls])),
        allowed_ips=allowed,
        settings=settings,
        removed=tuple(a for a in dict.fromkeys(removed) if a not in kept),
        forget=forget,
    )


def _account(name: str, traits: Traits, renamed_from: str | None) -> Account:
    said: dict[str, Any] = {
        "name": traits.name,
        "quota": traits.quota,
        "enabled": traits.enabled,
        "admin": traits.admin,
    }
    said = {key: value for key, value in said.items() if value is not None}
    if traits.login is not None:
        said["login"] = f"{name.partition('@')[0]}.{name[-3:]}{traits.login}"
    if traits.revision is not None:
        said |= {"password": PASSWORD, "revision": traits.revision}
    return Account(address=name, renamed_from=renamed_from, **said)


def _list(name: str, picks: tuple[int, ...], wanted: Draws) -> MailList:
    members = _members(name, picks, wanted, outside=True)
    return MailList(
        address=name,
        members=tuple(m for m in members if m != OUTSIDE),
        externals=tuple(m for m in members if m == OUTSIDE),
    )


@st.composite
def _fill(draw: st.DrawFn, server: MailServer) -> None:
    """Put settings, marks, bans, keys, catch-alls and what earlier runs owe on a server."""
    marks = st.sampled_from([None, None, ("home", None), ("home", "0"), ("other", None)])
    for key, (value, mark) in draw(
        st.dictionaries(st.sampled_from(KEYS), st.tuples(st.sampled_from(["1", "2"]), marks))
    ).items():
        server.put((("setting", key), value))
        if mark is not None:
            server.put((("mark", mark[0], "setting", key), json.dumps({"was": mark[1]})))
    for ip, value in draw(
        st.dictionaries(st.sampled_from(IPS), st.sampled_from(["", "home", "other"]))
    ).items():
        server.put((("allowed", ip), value))
    for ip in draw(st.lists(st.sampled_from([*IPS, "203.0.113.99", "192.0.2.1"]))):
        server.put((("ban", ip), ""))
    for domain in draw(st.lists(st.sampled_from(DOMAINS))):
        server.put((("dkim", domain, "rsa"), "theirs"))
    if draw(st.booleans()):
        server.put((HOSTNAME, draw(st.sampled_from(["mail.example.org", "m2"]))))
    if draw(st.booleans()):
        server.put(
            (("tls", "le"), draw(st.sampled_from(["https://ca http-01 p@x.org", "https://b dns-01 q@x.org"])))
        )
    for domain in draw(st.lists(st.sampled_from(DOMAINS), unique=True)):
        pid = draw(st.sampled_from(sorted(server.principals))) if server.principals else None
        if pid is not None and server.principals[pid].kind == "account":
            server.edit(pid, emails=(*server.principals[pid].emails, f"@{domain}"))
    owed = draw(st.sampled_from([None, None, "reload", "signing"]))
    if owed is None or draw(st.booleans()):
        server.count_now()
    if owed is not None:
        server.started = server.stored_for_start()
        server.put((("mark", "home", "activation", owed), "owed"))
