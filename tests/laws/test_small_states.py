"""Every small stack on every small server: the laws of design section 5, by exhaustion.

A family varies one thing and keeps the rest small.  Each pair of a stack and a server is planned and
applied; the state after every single write is a state that a killed run leaves, and is settled too.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from mail_server import AT_START_ONLY, HOSTNAME, MailServer, Principal
from settling import Settling
from small import HOME, NAMES, Role, declared_roles, desired_of, live_roles, server_of, stack_of
from witness import planned

from reconciler.config.secrets import FromEnv
from reconciler.config.stack import Account, Tls
from reconciler.desired import Desired
from reconciler.render import json as as_json
from reconciler.render import text as as_text
from reconciler.resource import UNSET, Address

A, B, C = NAMES
Case = tuple[Desired, MailServer]
PEOPLE: dict[str, Role] = {A: ("account",), B: ("account",)}
PASSWORD = FromEnv(env="PASSWORD")


def addresses() -> Iterator[Case]:
    """Who has which address: two are people's or aliases, the third is anything.

    Of two cases that differ in the names of the first two only, one is enough.  A push tries every
    second stack on every server; the night tries them all.
    """
    servers = [(_sorted(roles), server_of(roles)) for roles in live_roles() if _is_plain(roles)]
    step = 1 if hypothesis.settings().max_examples >= 10_000 else 2
    stacks = ((roles, removed) for roles, removed in declared_roles() if _is_plain(roles))
    for roles, removed in itertools.islice(stacks, 0, None, step):
        desired = desired_of(stack_of(roles, removed))
        listed = frozenset(removed)
        here, there = (_sorted(roles), listed), (_sorted(_mirrored(roles)), frozenset(map(_other, listed)))
        for present, server in servers:
            if _as_text(here, present) <= _as_text(there, _sorted(_mirrored(dict(present)))):
                yield desired, server.copy()


def _is_plain(roles: dict[str, Role]) -> bool:
    return all(roles.get(n, ("none",))[0] in ("none", "account", "alias", "renamed") for n in (A, B))


_MIRROR = {A: B, B: A}


def _mirrored(roles: dict[str, Role]) -> dict[str, Role]:
    return {
        _MIRROR.get(n, n): (role[0], *sorted(_MIRROR.get(other, other) for other in role[1:]))
        for n, role in roles.items()
    }


def _other(address: Address) -> Address:
    return Address(address.kind, _MIRROR.get(address.name, address.name))


def _sorted(roles: dict[str, Role]) -> tuple[Any, ...]:
    return tuple(sorted((n, role) for n, role in roles.items() if role[0] != "none"))


def _as_text(stack: tuple[Any, frozenset[Address]], present: tuple[Any, ...]) -> str:
    return f"{stack[0]}{sorted(stack[1])}{present}"


def settings() -> Iterator[Case]:
    """One setting: its value, whose mark it carries, what the stack wants, what an earlier run owes."""
    for key in ("session.max", f"{AT_START_ONLY}smtp.bind"):
        wanted = [
            stack_of(PEOPLE),
            stack_of(PEOPLE, settings={key: "1"}),
            stack_of(PEOPLE, removed=(Address("setting", key),)),
            stack_of(PEOPLE, forget=(Address("setting", key),)),
        ]
        marks = [None, ("home", None), ("home", "0"), ("other", None)]
        for stack in wanted:
            desired = desired_of(stack)
            for value, mark, debt in itertools.product(
                (None, "1", "2"), marks, ("none", "traced", "lagging")
            ):
                server = server_of(PEOPLE)
                if value is not None:
                    server.put((("setting", key), value))
                if mark is not None:
                    server.put((("mark", mark[0], "setting", key), json.dumps({"was": mark[1]})))
                _owe(server, debt, "restart" if key.startswith(AT_START_ONLY) else "reload")
                yield desired, server


def _owe(server: MailServer, debt: str, how: str) -> None:
    if debt != "lagging":
        server.count_now()
    if debt != "none":
        server.put((("mark", "home", "activation", how), "owed"))


def front() -> Iterator[Case]:
    """Allowed addresses, bans and the hostname: whose they are, and what the stack wants."""
    ip, network = "203.0.113.10", "203.0.113.0/24"
    address = Address("allowed_ip", ip)
    wanted = [
        stack_of(PEOPLE),
        stack_of(PEOPLE, allowed_ips=(ip,), hostname="mail.example.org"),
        stack_of(PEOPLE, allowed_ips=(network,)),
        stack_of(PEOPLE, removed=(address,), hostname="mail.example.org"),
        stack_of(PEOPLE, forget=(address,)),
    ]
    hosts = [(None, None), ("mail.example.org", None), ("m2", None), ("m2", "null"), ("m2", '"m0"')]
    for stack in wanted:
        desired = desired_of(stack)
        for allowed, banned, (host, was) in itertools.product(
            (None, "", "home", "other"), (False, True), hosts
        ):
            server = server_of(PEOPLE)
            if allowed is not None:
                server.put((("allowed", ip), allowed))
            if banned:
                server.put((("ban", ip), ""))
            if host is not None:
                server.put((HOSTNAME, host))
            if was is not None:
                server.put((("mark", "home", "hostname", ""), f'{{"was": {was}}}'))
            server.count_now()
            yield desired, server


def certificates() -> Iterator[Case]:
    tls = Tls(acme="le", directory="https://ca", contact=("p@x.org",), challenge="http-01")
    name = Address("tls", "le")
    for stack in (stack_of(PEOPLE), stack_of(PEOPLE, tls=tls), stack_of(PEOPLE, forget=(name,))):
        desired = desired_of(stack)
        for value in (None, "https://ca http-01 p@x.org", "https://ca dns-01 p@x.org"):
            for mark in (None, "made", "adopted") if value else (None,):
                server = server_of(PEOPLE)
                if value is not None:
                    server.put((("tls", "le"), value))
                if mark is not None:
                    server.put((("mark", "home", "tls", "le"), mark))
                server.count_now()
                yield desired, server


def accounts() -> Iterator[Case]:
    """One account: may it log in, is it an admin, has it a password and whose mark is on it."""
    maybe = (UNSET, True, False)
    passwords: list[dict[str, Any]] = [{}, {"password": PASSWORD}, {"password": PASSWORD, "revision": 2}]
    for enabled, admin, password in itertools.product(maybe, maybe, passwords):
        stack = stack_of(PEOPLE)
        person = Account(address=A, enabled=enabled, admin=admin, **password)
        desired = desired_of(_with(stack, person))
        for may, runs, secret, mark in itertools.product(
            (True, False), (True, False), (None, "x"), (None, "1", "2")
        ):
            server = server_of(PEOPLE)
            pid = server.of(A)
            assert pid is not None
            server.edit(pid, enabled=may, admin=runs, password=secret)
            if mark is not None:
                server.put((("mark", "home", "password", A), mark))
            server.count_now()
            yield desired, server


def _with(stack: Any, *people: Account) -> Any:
    home = stack.domains[HOME]
    accounts = {**home.accounts, **{person.address: person for person in people}}
    return replace(stack, domains={**stack.domains, HOME: replace(home, accounts=accounts)})


def domains() -> Iterator[Case]:
    """A second domain that goes, with what is in it: listed or not."""
    other = "example.net"
    x, y, z = (f"{letter}@{other}" for letter in "xyz")
    parts = {
        "account": Address("account", x),
        "alias": Address("alias", y),
        "list": Address("list", z),
        "catch_all": Address("catch_all", other),
        "domain": Address("domain", other),
    }
    stacks = [
        desired_of(stack_of({A: ("account",)}, tuple(parts[p] for p in listed)))
        for n in range(len(parts) + 1)
        for listed in itertools.combinations(parts, n)
    ]
    for has in itertools.product((True, False), repeat=4):
        server = server_of({A: ("account",)})
        server.domains.add(other)
        pid = server.of(A)
        assert pid is not None
        extra = ((y,) if has[1] else ()) + ((f"@{other}",) if has[3] else ())
        server.edit(pid, emails=(A, *extra))
        if has[0]:
            server.make(Principal(kind="account", login=x, emails=(x,)))
        if has[2]:
            server.make(Principal(kind="list", login=z, emails=(z,)), frozenset({A}))
        server.count_now()
        yield from ((desired, server.copy()) for desired in stacks)


def catch_alls() -> Iterator[Case]:
    """The catch-all of a domain and its holder: kept, moved, renamed or gone."""
    roles: list[tuple[dict[str, Role], tuple[Address, ...]]] = [
        (PEOPLE, ()),
        ({B: ("account",)}, (Address("account", A),)),
        ({B: ("account",), C: ("renamed", A)}, ()),
        ({B: ("account",)}, ()),
    ]
    for found, removed in roles:
        for holder in (UNSET, "listed", *found):
            listed = (*removed, Address("catch_all", HOME)) if holder == "listed" else removed
            catch_all = UNSET if holder == "listed" else holder
            desired = desired_of(stack_of(found, listed, catch_all=catch_all))
            for held_by in (None, A, B):
                server = server_of(PEOPLE)
                if held_by is not None and (pid := server.of(held_by)):
                    server.edit(pid, emails=(held_by, f"@{HOME}"))
                server.count_now()
                yield desired, server


FAMILIES = (addresses, settings, front, certificates, accounts, domains, catch_alls)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_small_server_settles(family: Callable[[], Iterator[Case]]) -> None:
    """Reached, mail never stopped, nothing foreign touched, second plan empty, and so after a stop anywhere."""
    settling = Settling()
    for desired, server in family():
        settling.settle(desired, server)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_order_in_which_a_server_answers_does_not_show(family: Callable[[], Iterator[Case]]) -> None:
    """Same inputs, same bytes: text, JSON and plan id."""
    for desired, server in itertools.islice(family(), 0, None, 7):
        assert _bytes(desired, server) == _bytes(desired, _backwards(server))


def _bytes(desired: Desired, server: MailServer) -> tuple[str, ...]:
    plan, problems = planned(server, desired)
    if plan is None:
        return tuple(str(problem) for problem in problems)
    return plan.plan_id, as_json.plan(plan), as_text.plan(plan, unmanaged=True)


def _backwards(server: MailServer) -> MailServer:
    other = server.copy()
    other.principals = dict(reversed(server.principals.items()))
    other.settings = dict(reversed(server.settings.items()))
    return other
