"""What is held, and what only waits for it."""

from __future__ import annotations

from reconciler.diff import Change, Verb
from reconciler.guard import Held
from reconciler.kinds.account import Account
from reconciler.render import faults
from reconciler.resource import Address


def held(rule: str, name: str) -> Held:
    address = Address("account", name)
    change = Change(address=address, verb=Verb.ADD, after=Account(address=address))
    return Held(change=change, rule=rule, why="", release="")


def test_what_only_waits_is_told_one_by_one_while_it_is_little():
    waiting = [held("depends", f"p{n}@example.org") for n in range(3)]

    assert faults.folded(waiting) == (tuple(waiting), ())


def test_more_of_what_only_waits_is_counted():
    cause = held("own-login", "admin@example.org")
    waiting = [held("depends", f"p{n}@example.org") for n in range(4)]

    assert faults.folded([cause, *waiting]) == ((cause,), (("account", 4),))
