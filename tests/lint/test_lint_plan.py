"""From a plan's changes to the two states that are judged."""

from __future__ import annotations

from lint_texts import STACK

from reconciler.cli import scenes
from reconciler.config.load import load_bytes
from reconciler.desired import desire
from reconciler.diff import compare
from reconciler.errors import Problem
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.domain import Domain
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.record import Record, record
from reconciler.resource import Address
from reconciler.state import Facts, Live

ZONE = "example.org."


def txt(owner: str, text: str) -> Record:
    return record(ZONE, owner, "TXT", f'"{text}"')


def live_of(*resources, **given) -> Live:
    parts = {
        "resources": {resource.address: resource for resource in resources},
        "owned": frozenset(),
        "foreign": {},
        "elsewhere": frozenset(),
        "names": {},
        "unreadable": {},
        "beside": {},
        "former": {},
        "left_over": (),
        "findings": (),
        "notes": (),
        "systems": (),
        "facts": Facts(),
        "place": lambda resource: None,
    }
    return Live(**{**parts, **given})


def judged(stack: str, live: Live):
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    judgement = scenes.judged(loaded, desired, live, compare(desired, live), today="2026-06-01")
    told = [f"{f.file}:{f.line} {f.severity} {f.rule}: {f.text}" for f in judgement.findings]
    return told, [f.rule for f in judgement.blocking]


MAILBOXES = (
    Domain(address=Address("domain", "example.org")),
    Account(address=Address("account", "alice@example.org")),
    Alias(address=Address("alias", "postmaster@example.org"), holder="alice@example.org"),
    Alias(address=Address("alias", "abuse@example.org"), holder="alice@example.org"),
)


def test_an_empty_server_gets_all_of_the_stack_and_nothing_is_told():
    assert judged(STACK, live_of()) == ([], [])


def test_a_text_that_the_stack_writes_and_that_is_wrong_blocks():
    stack = STACK.replace("[203.0.113.10]\nacc", '[203.0.113.10]\n  mail: {spf: "v=spf1 mx +all"}\nacc')

    assert judged(stack, live_of(*MAILBOXES)) == (
        [
            'stack.yaml:7 error SPF-04: the SPF of example.org has "all": '
            "a good part of the internet may send in its name"
        ],
        ["SPF-04"],
    )


def test_a_live_text_that_the_stack_leaves_alone_was_there_before():
    live = live_of(*MAILBOXES, txt(ZONE, "v=spf1 mx +all"))

    told, blocking = judged(STACK, live)

    assert blocking == []
    assert told == [
        'stack.yaml:5 warning SPF-04: there before this plan: the SPF of example.org has "all": '
        "a good part of the internet may send in its name"
    ]


def test_a_hostname_that_is_a_container_is_mended():
    live = live_of(*MAILBOXES, Hostname(address=Address("hostname", ""), value="4f2c8a1b9d3e"))

    told, blocking = judged(STACK, live)

    assert (told, blocking) == (
        ["stack.yaml:3 hint HOST-01: mended by this plan: the hostname 4f2c8a1b9d3e: not a public host name"],
        [],
    )


def test_nothing_is_concluded_from_mailboxes_that_could_not_be_read():
    unreadable = {"alias": Problem(summary="forbidden")}
    stack = STACK.replace("postmaster, abuse, hostmaster", "hostmaster")

    live = live_of(MAILBOXES[0], unreadable=unreadable)

    assert judged(stack, live)[1] == []


def test_a_domain_whose_mailboxes_are_known_needs_a_postmaster():
    stack = STACK.replace("postmaster, abuse, hostmaster", "abuse")

    assert judged(stack, live_of())[1] == ["ADDR-01"]


def test_a_plan_without_changes_has_no_findings():
    loaded = load_bytes(STACK.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    live = live_of(txt(ZONE, "v=spf1 mx +all"))

    assert scenes.judged(loaded, desired, live, (), today="2026-06-01").findings == ()
