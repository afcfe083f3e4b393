"""What a plan does to the faults of mail: it mends them, finds them, or would bring them and is held for it."""

from __future__ import annotations

import pytest
from lint_texts import STACK
from live_by_hand import MAILBOXES, ZONE, live_of, txt

from reconciler.backends.dns.zone_text import zone_text
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.config.load import load_bytes
from reconciler.desired import desire
from reconciler.diff import compare
from reconciler.errors import Problem
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.record import record
from reconciler.outlook import Basis, outlook
from reconciler.resource import Address
from reconciler.state import Live

EVERYBODY = 'the SPF of example.org has "all": a good part of the internet may send in its name'
WRONG_SPF = STACK.replace("[203.0.113.10]\nacc", '[203.0.113.10]\n  mail: {spf: "v=spf1 mx +all"}\nacc')


def seen(stack: str, live: Live, zone: str = ""):
    """Return what is told, and which addresses are held for which rule.  zone is the text of the file."""
    loaded = load_bytes(stack.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    texts = (zone_text(Zone.parse(zone.encode(), name="example.org", file="db")),) if zone else ()
    basis = Basis(stack=loaded.stack, find=loaded.where, zones=lambda _: texts)
    found = outlook(basis, desired, live, compare(desired, live))
    told = [f"{f.file}:{f.line} {f.severity} {f.rule}: {f.text}" for f in found.findings]
    return told, {str(address): held.rule for address, held in found.held.items()}


def test_an_empty_server_gets_all_of_the_stack_and_nothing_is_told():
    assert seen(STACK, live_of()) == ([], {})


def test_a_change_that_brings_an_error_is_held_for_it():
    assert seen(WRONG_SPF, live_of(*MAILBOXES)) == (
        [f"stack.yaml:7 error SPF-04: {EVERYBODY}"],
        {"record/example.org/@/TXT/spf": "SPF-04"},
    )


def test_what_is_released_is_not_held_and_still_told():
    stack = WRONG_SPF + "release: [record/example.org/@/TXT/spf]\n"

    assert seen(stack, live_of(*MAILBOXES)) == ([f"stack.yaml:7 warning SPF-04: {EVERYBODY}"], {})


@pytest.mark.parametrize("until", ["", ", until: 2000-01-01"], ids=["for ever", "once"])
def test_what_somebody_accepts_is_not_held_and_no_clock_holds_it_again(until):
    """A plan of Friday is the plan of Monday; lint tells that the day has passed (LINT-01)."""
    stack = WRONG_SPF + f"lint: {{ignore: [{{id: SPF-04, reason: a test{until}}}]}}\n"

    assert list(seen(stack, live_of(*MAILBOXES))[1].values()) == []


def test_a_live_text_that_the_stack_leaves_alone_was_there_already():
    live = live_of(*MAILBOXES, txt(ZONE, "v=spf1 mx +all"))

    assert seen(STACK, live) == ([f"stack.yaml:5 warning SPF-04: there already: {EVERYBODY}"], {})


def test_a_warning_that_was_there_already_is_for_lint_to_tell():
    live = live_of(*MAILBOXES, txt(ZONE, "v=spf1 mx ?all"))

    assert seen(STACK, live) == ([], {})


def test_a_hostname_that_is_a_container_is_mended():
    live = live_of(*MAILBOXES, Hostname(address=Address("hostname", ""), value="4f2c8a1b9d3e"))

    assert seen(STACK, live) == (
        ["stack.yaml:3 hint HOST-01: apply mends this: the hostname 4f2c8a1b9d3e: not a public host name"],
        {},
    )


def test_nothing_is_concluded_from_mailboxes_that_could_not_be_read():
    unreadable = {"alias": Problem(summary="forbidden")}
    stack = STACK.replace("postmaster, abuse, hostmaster", "hostmaster")

    assert seen(stack, live_of(MAILBOXES[0], unreadable=unreadable))[1] == {}


def test_a_new_domain_that_lacks_something_is_told_and_not_held():
    """Nothing was delivered there before, so nothing breaks."""
    stack = STACK.replace("postmaster, abuse, hostmaster", "abuse")

    assert seen(stack, live_of()) == (
        [
            "stack.yaml:2 warning ADDR-01: nobody has postmaster@example.org, "
            "which every mail domain must deliver"
        ],
        {},
    )


def test_the_removal_of_the_last_postmaster_is_held():
    stack = STACK.replace("postmaster, ", "") + "removed: [alias/postmaster@example.org]\n"

    assert seen(stack, live_of(*MAILBOXES)) == (
        [
            "stack.yaml:2 error ADDR-01: nobody has postmaster@example.org, "
            "which every mail domain must deliver"
        ],
        {"alias/postmaster@example.org": "ADDR-01"},
    )


def test_of_several_changes_the_one_is_held_that_brings_the_fault():
    records = "  records: [{name: box, type: CNAME, value: www.example.net.}, {name: '@', type: MX, value: 10 box}]\n"
    stack = STACK.replace("acc", f"{records}acc", 1)

    told, held = seen(stack, live_of(*MAILBOXES))

    assert held == {"record/example.org/@/MX/10 box.example.org.": "MX-01"}
    assert told == [
        "stack.yaml:7 error MX-01: the MX of example.org names box.example.org, an alias of "
        "www.example.net: some senders refuse that",
    ]


def test_a_plan_without_changes_tells_nothing():
    loaded = load_bytes(STACK.encode(), "stack.yaml")
    desired = desire(loaded.stack, loaded.where)
    basis = Basis(stack=loaded.stack, find=loaded.where)

    assert outlook(basis, desired, live_of(txt(ZONE, "v=spf1 mx +all")), ()).findings == ()


def test_a_domain_that_no_change_touches_is_not_judged():
    stack = STACK + "domains: {example.net: {accounts: {bob: {}}}}\n"
    live = live_of(
        *(r for address, r in _desired(stack).items() if "example.net" in address.name),
        record("example.net.", "example.net.", "TXT", '"v=spf1 +all"'),
    )

    assert seen(stack, live) == ([], {})


HEAD = """\
$TTL 3600
@ IN SOA ns1 postmaster 2026010101 7200 3600 1209600 3600
@ IN NS ns1
ns1 IN A 198.51.100.53
"""
NO_ADDRESS = STACK.replace("dns:\n  addresses: [203.0.113.10]\n", "dns: {}\n")


def test_an_mx_is_held_while_nobody_knows_an_address_of_its_host():
    told, held = seen(NO_ADDRESS, live_of(*MAILBOXES), zone=HEAD)

    assert held == {"record/example.org/@/MX/10 mail.example.org.": "MX-02"}
    assert told == [
        "stack.yaml:5 error MX-02: the MX of example.org names mail.example.org, "
        "which has neither A nor AAAA: no mail arrives",
        "stack.yaml:3 warning HOST-04: there already: mail.example.org has neither A nor AAAA: "
        "no mail arrives there",
    ]


def test_without_the_zone_file_nothing_is_concluded_from_what_was_not_read():
    assert seen(NO_ADDRESS, live_of(*MAILBOXES)) == ([], {})


def test_an_address_in_the_zone_file_that_nobody_declares_counts():
    assert seen(NO_ADDRESS, live_of(*MAILBOXES), zone=HEAD + "mail IN A 203.0.113.10\n") == ([], {})


def test_what_is_wrong_in_a_line_of_the_file_is_told_there_and_mended_when_the_line_goes():
    wrong = HEAD + "_dmarc IN TXT v=DMARC1; p=reject\nmail IN A 203.0.113.10\n"
    stack = STACK.replace("dns:\n", "dns:\n  mail: {dmarc: {policy: reject}}\n")
    live = live_of(*MAILBOXES, txt("_dmarc.example.org.", "v=DMARC1"))

    told, held = seen(stack, live, zone=wrong)

    assert held == {}
    assert [line for line in told if "ZONE-06" in line] == [
        "db:5 hint ZONE-06: apply mends this: TXT cut by a semicolon"
    ]


def _desired(stack: str):
    loaded = load_bytes(stack.encode(), "stack.yaml")
    return desire(loaded.stack, loaded.where).resources
