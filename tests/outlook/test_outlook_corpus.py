"""Stacks as people have them bring no fault: nothing of a first plan is held for a rule of mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_by_hand import live_of

from reconciler.backends.dns.read import contents
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.config.load import load_bytes
from reconciler.desired import desire
from reconciler.diff import compare
from reconciler.kinds.record import record
from reconciler.outlook import Basis, outlook
from reconciler.state import Facts, Live

STACKS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "lint" / "stacks").glob("*.yaml"))
}


def seen(stack: str, live: Live) -> tuple[list[str], list[str]]:
    """Return the rules of what is told beyond hints, and the addresses that are held."""
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    basis = Basis(stack=loaded.stack, find=loaded.where)
    found = outlook(basis, desired, live, compare(desired, live))
    told = [f"{f.rule}: {f.text}" for f in found.findings if f.severity != "hint"]
    return told, [str(address) for address in found.held]


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_a_first_plan_brings_no_fault(stack):
    assert seen(stack, live_of(facts=Facts(version="0.14.1"))) == ([], [])


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_what_is_live_as_declared_is_told_nothing(stack):
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)

    assert seen(stack, live_of(*desired.resources.values())) == ([], [])


FOREIGN = record("example.org.", "mail.example.org.", "CNAME", "web.example.net.")
HOST = """\
version: 1
domain: example.org
hostname: mail.example.org
dns: {mail: [mx]}
accounts: {alice: {aliases: [postmaster, abuse]}}
"""


def test_an_mx_to_a_hostname_that_is_still_an_alias_of_the_web_host_is_held():
    """Without it, mail that has gone nowhere so far would be delivered to the web host, which refuses it."""
    told, held = seen(HOST, live_of(FOREIGN))

    assert held == ["record/example.org/@/MX/10 mail.example.org."]
    assert told == [
        "MX-01: the MX of example.org names mail.example.org, an alias of web.example.net: some senders refuse that",
        "HOST-04: there already: mail.example.org is an alias of web.example.net: senders may not follow it, "
        "and it cannot be an MX target",
    ]


LEFT_TO_OTHERS = b"""\
$TTL 3600
@ IN SOA ns1.example.net. hostmaster.example.net. 1 7200 3600 1209600 3600
@ IN NS ns1.example.net.
_domainkey IN NS ns1.signer.example.
"""
KEYS = HOST.replace("[mx]", "[dkim]")


def test_keys_that_would_be_written_below_a_delegation_are_told():
    """The zone is read as a plan reads it: nobody would see them, and the apply would wait for them in vain."""
    loaded = load_bytes(KEYS.encode(), "stack.yaml")
    zone = Zone.parse(LEFT_TO_OTHERS, name="example.org", file="db.example.org")
    live = contents(zone, desire(loaded.stack, loaded.where)).resources.values()

    assert seen(KEYS, live_of(*live)) == (
        [
            "DKIM-08: the key that the stack wants is not seen: "
            "_domainkey.example.org is kept by ns1.signer.example"
        ],
        [],
    )
