"""What is accepted, what a plan mends, and what it would bring."""

from __future__ import annotations

from lint_texts import STACK, ZONE

from reconciler.errors import Where
from reconciler.kinds.allowed_ip import AllowedIp
from reconciler.kinds.ban import Ban
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.domain import Domain
from reconciler.lint.judge import judge, lint
from reconciler.lint.lines import Line
from reconciler.lint.rules import RULES
from reconciler.lint.scene import Scene
from reconciler.resource import Address

SPF = "example.org."


def spf(text: str) -> Line:
    return Line(
        zone=SPF, owner=SPF, type="TXT", value=f'"{text}"', where=Where(file="stack.yaml", line=3, column=5)
    )


def scene(*lines: Line, resources=(), **given) -> Scene:
    return Scene(
        hostname="mail.example.org",
        domains=("example.org",),
        lines=lines,
        resources={resource.address: resource for resource in resources},
        **given,
    )


def told(before: Scene, after: Scene, touched=("example.org",), **given):
    judgement = judge(before, after, RULES, touched=touched, **given)
    return (
        [f"{finding.severity} {finding.rule}: {finding.text}" for finding in judgement.findings],
        [fault.finding.rule for fault in judgement.blocking],
    )


def test_an_error_that_the_plan_would_bring_blocks():
    assert told(scene(spf("v=spf1 mx -all")), scene(spf("v=spf1 +all"))) == (
        ['error SPF-04: the SPF of example.org has "all": a good part of the internet may send in its name'],
        ["SPF-04"],
    )


def test_an_error_that_was_there_before_warns():
    assert told(scene(spf("v=spf1 +all")), scene(spf("v=spf1 a +all"))) == (
        [
            'warning SPF-04: there already: the SPF of example.org has "all": '
            "a good part of the internet may send in its name"
        ],
        [],
    )


def test_an_error_that_the_plan_mends_is_a_hint():
    assert told(scene(spf("v=spf1 +all")), scene(spf("v=spf1 -all"))) == (
        [
            'hint SPF-04: apply mends this: the SPF of example.org has "all": '
            "a good part of the internet may send in its name"
        ],
        [],
    )


def test_a_warning_that_the_plan_would_bring_does_not_block():
    assert told(scene(spf("v=spf1 -all")), scene(spf("v=spf1 ?all"))) == (
        ['warning SPF-04: the SPF of example.org ends with "?all", which refuses nothing'],
        [],
    )


def test_a_domain_that_the_plan_does_not_touch_is_not_judged():
    assert told(scene(spf("v=spf1 mx -all")), scene(spf("v=spf1 +all")), touched=("example.net",)) == ([], [])


def test_a_name_inside_a_touched_domain_is_judged():
    host = Line(zone=SPF, owner="mail.example.org.", type="TXT", value='"v=spf1 +all"')

    assert told(scene(spf("v=spf1 -all")), scene(spf("v=spf1 -all"), host))[1] == ["SPF-04"]


def test_a_key_that_differs_from_dns_is_an_error_with_the_record_to_publish():
    key = DkimKey(
        address=Address("dkim_key", "example.org/ed25519"),
        selector="ms1-ed25519",
        public_key="11qYAYKxCrfVS/7TyWQHOG7hcvPapiMlrwIaaPcHURo=",
    )
    other = Line(
        zone=SPF,
        owner="ms1-ed25519._domainkey.example.org.",
        type="TXT",
        value='"v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="',
    )
    rules = [RULES["DKIM-01"]]

    found = lint(scene(other, resources=[key], is_server_read=True), rules, today="2026-06-01")

    assert [(f.text, f.fix) for f in found.findings] == [
        (
            "ms1-ed25519._domainkey.example.org holds another key than the one that the server signs with: "
            "every signature fails",
            'ms1-ed25519._domainkey.example.org. IN TXT "v=DKIM1; k=ed25519; h=sha256; '
            'p=11qYAYKxCrfVS/7TyWQHOG7hcvPapiMlrwIaaPcHURo="',
        )
    ]


def test_a_key_that_dns_holds_as_well_is_no_finding():
    key = DkimKey(
        address=Address("dkim_key", "example.org/ed25519"),
        selector="s",
        public_key="11qYAYKxCrfVS/7TyWQHOG7hcvPapiMlrwIaaPcHURo=",
    )
    same = Line(
        zone=SPF,
        owner="s._domainkey.example.org.",
        type="TXT",
        value='"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOG7hcvPapiMlrwIaaPcHURo="',
    )

    found = lint(scene(same, resources=[key], is_server_read=True), [RULES["DKIM-01"]], today="2026-06-01")

    assert (found.findings, found.skipped) == ((), ())


def test_a_ban_on_the_front_is_mended_by_lifting_it():
    front = AllowedIp(address=Address("allowed_ip", "203.0.113.10"))
    ban = Ban(address=Address("ban", "203.0.113.10"))
    stranger = Ban(address=Address("ban", "198.51.100.7"))

    before = scene(resources=[front, ban, stranger], is_server_read=True)
    after = scene(resources=[front, stranger], is_server_read=True)

    assert told(before, after, touched=("203.0.113.10",)) == (
        [
            "hint STW-04: apply mends this: the server has banned 203.0.113.10, its own front: "
            "nothing gets through there"
        ],
        [],
    )


def test_a_new_domain_without_postmaster_blocks_and_an_old_one_warns():
    domain = Domain(address=Address("domain", "example.org"))
    without = Scene(is_server_read=True)
    with_domain = scene(resources=[domain], is_server_read=True)

    assert told(without, with_domain)[1] == ["ADDR-01"]
    assert told(with_domain, with_domain)[1] == []


IGNORE = """\
lint:
  ignore:
    - {id: ZONE-12, name: www.example.org, reason: moves next week, until: 2026-06-01}
"""
SHORT = ZONE + "www 30 A 192.0.2.1\n"


def test_what_somebody_accepts_is_told_with_the_reason_and_counts_no_more(judge):
    result = judge(STACK + IGNORE, SHORT)

    assert result.findings == ()
    assert [(finding.rule, reason) for finding, reason in result.accepted] == [("ZONE-12", "moves next week")]


def test_what_was_accepted_comes_back_after_its_day(judge):
    result = judge(STACK + IGNORE.replace("2026-06-01", "2026-05-31"), SHORT)

    assert [finding.rule for finding in result.findings] == ["ZONE-12", "LINT-01"]


def test_what_is_accepted_for_one_name_is_not_for_another(judge):
    result = judge(STACK + IGNORE.replace("www.", "shop."), SHORT)

    assert [finding.rule for finding in result.findings] == ["ZONE-12"]


def test_without_a_name_all_that_the_rule_finds_is_accepted(judge):
    result = judge(STACK + IGNORE.replace("name: www.example.org, ", ""), SHORT)

    assert result.findings == ()
