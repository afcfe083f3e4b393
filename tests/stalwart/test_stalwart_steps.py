"""Changes of mailboxes -> requests: each address is free when it is claimed, and nobody's for one request only."""

from __future__ import annotations

import itertools

import pytest

from reconciler.backends.stalwart.rest.mailboxes import steps_of, targets_of
from reconciler.backends.stalwart.rest.principals import Index, Principal, index_of
from reconciler.diff import Change, FieldChange, Verb
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import Address


def person(name: str, *emails: str) -> Principal:
    return Principal(type="individual", name=name, emails=(f"{name}@x", *(f"{e}@x" for e in emails)))


def moved(address: str, before: str | None, after: str | None) -> Change:
    """An alias that goes from one holder to another; None is nobody."""
    where = Address("alias", f"{address}@x")
    verb = Verb.ADD if before is None else Verb.DELETE if after is None else Verb.CHANGE
    return Change(
        address=where,
        verb=verb,
        before=Alias(address=where, holder=f"{before}@x") if before else None,
        after=Alias(address=where, holder=f"{after}@x") if after else None,
    )


def carried_out(changes: list[Change], index: Index) -> list[tuple[str, str, list[str]]]:
    """Return (what, whom, addresses afterwards) of each step; every claim must be of a free address."""
    held = {e: p.name for p in index.by_name.values() for e in p.emails}
    done = []
    for step in steps_of(targets_of(changes, index), index):
        target = step.target
        name = target.principal.name if target.principal else target.address.name
        mine = [e for e in target.held if held.get(e) == name]
        if target.delete:
            after = []
        elif step.release_only:
            after = [e for e in mine if e not in target.releases]
        else:
            after = target.emails()
        for email in mine:
            held.pop(email, None)
        for email in after:
            assert held.get(email, name) == name, f"{email} is not free for {name}"
            held[email] = name
        what = "delete" if target.delete else "release" if step.release_only else "write"
        done.append((what, name, after))
    return done


def test_a_handover_is_a_release_and_then_the_claim():
    index = index_of([person("alice", "sales"), person("bob")])

    assert carried_out([moved("sales", "alice", "bob")], index) == [
        ("write", "alice", ["alice@x"]),
        ("write", "bob", ["bob@x", "sales@x"]),
    ]


def test_a_swap_lets_one_go_first():
    index = index_of([person("alice", "sales"), person("bob", "support")])

    assert carried_out([moved("sales", "alice", "bob"), moved("support", "bob", "alice")], index) == [
        ("release", "alice", ["alice@x"]),
        ("write", "bob", ["bob@x", "sales@x"]),
        ("write", "alice", ["alice@x", "support@x"]),
    ]


def test_a_rotation_of_three_needs_one_release():
    index = index_of([person("a", "1"), person("b", "2"), person("c", "3")])
    changes = [moved("1", "a", "b"), moved("2", "b", "c"), moved("3", "c", "a")]

    done = carried_out(changes, index)

    assert [what for what, _, _ in done].count("release") == 1
    assert {name: emails for what, name, emails in done if what == "write"} == {
        "a": ["a@x", "3@x"],
        "b": ["b@x", "1@x"],
        "c": ["c@x", "2@x"],
    }


NAMES = ("a", "b", "c")


@pytest.mark.parametrize("before", list(itertools.product(NAMES, repeat=3)), ids="".join)
def test_any_exchange_of_three_addresses_is_carried_out(before):
    for after in itertools.product(NAMES, repeat=3):
        index = index_of(
            [person(n, *(str(i) for i, holder in enumerate(before) if holder == n)) for n in NAMES]
        )
        changes = [moved(str(i), b, a) for i, (b, a) in enumerate(zip(before, after, strict=True)) if a != b]
        done = carried_out(changes, index)

        final = {p.name: set(p.emails) for p in index.by_name.values()}
        final |= {name: set(emails) for _, name, emails in done}
        for number, holder in enumerate(after):
            assert f"{number}@x" in final[holder], (before, after, done)


def test_what_goes_to_one_object_is_one_request():
    index = index_of([person("alice", "old")])
    address = Address("account", "alice@x")
    change = Change(
        address=address,
        verb=Verb.CHANGE,
        before=Account(address=address),
        after=Account(address=address, quota=5),
        fields=(FieldChange(path="quota", before=0, after=5),),
    )

    assert carried_out([change, moved("new", None, "alice"), moved("old", "alice", None)], index) == [
        ("write", "alice", ["alice@x", "new@x"])
    ]


def test_a_new_account_is_made_with_its_aliases_and_catch_all():
    address = Address("account", "erin@x")
    where = Address("catch_all", "x")
    changes = [
        Change(address=address, verb=Verb.ADD, after=Account(address=address)),
        moved("e", None, "erin"),
        Change(address=where, verb=Verb.ADD, after=CatchAll(address=where, holder="erin@x")),
    ]

    assert carried_out(changes, index_of([])) == [("write", "erin@x", ["erin@x", "e@x", "@x"])]


def test_a_list_takes_the_address_of_one_who_goes():
    address = Address("list", "bob@x")
    gone = Address("account", "bob@x")
    changes = [
        Change(address=gone, verb=Verb.DELETE, before=Account(address=gone)),
        Change(address=address, verb=Verb.ADD, after=MailingList(address=address)),
    ]

    assert carried_out(changes, index_of([person("bob")])) == [
        ("delete", "bob", []),
        ("write", "bob@x", ["bob@x"]),
    ]


def test_two_who_take_each_others_addresses_as_their_own():
    """Two renames crosswise: each one's new primary address is the other's old one."""
    index = index_of([person("a", "1"), person("b", "2")])
    changes = []
    for new, old in (("1", "b"), ("2", "a")):
        address, former = Address("account", f"{new}@x"), Address("account", f"{old}@x")
        changes.append(
            Change(
                address=address,
                verb=Verb.CHANGE,
                before=Account(address=former),
                after=Account(address=address),
                fields=(FieldChange(path="address", before=former.name, after=address.name),),
                renamed_from=former,
            )
        )
        was = Address("alias", f"{new}@x")
        changes.append(
            Change(
                address=was,
                verb=Verb.DELETE,
                before=Alias(address=was, holder="a@x" if new == "1" else "b@x"),
                reason="becomes another's",
            )
        )

    done = carried_out(changes, index)

    assert [what for what, _, _ in done].count("release") == 1
    assert {name: emails[0] for what, name, emails in done if what == "write"} == {"a": "2@x", "b": "1@x"}


def test_an_address_that_a_stranger_has_is_asked_for_all_the_same():
    """The server's refusal then names it; the guards have held the change long before."""
    index = index_of([person("alice"), person("stranger", "sales")])
    steps = list(steps_of(targets_of([moved("sales", None, "alice")], index), index))

    assert [(step.release_only, step.target.address.name) for step in steps] == [(False, "alice@x")]
