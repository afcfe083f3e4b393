"""Every rule is silent where all is well, and says when it was not asked at all."""

from __future__ import annotations

from pathlib import Path

from lint_texts import CONFIG, STACK, ZONE

from reconciler.cli import scenes
from reconciler.lint.judge import lint
from reconciler.lint.rules import RULES

EXAMPLE = Path(__file__).parents[2] / "examples" / "mailstack.yaml"

EVERYTHING = """\
version: 1
domain: example.org
hostname: mail.example.org
stalwart: {url: "http://127.0.0.1:8080", username: admin, password: {env: STALWART_PASSWORD}}
tls:
  acme: letsencrypt
  contact: postmaster
  challenge: tls-alpn-01
  domains: [mail.example.org, autoconfig.example.org, autodiscover.example.org, mta-sts.example.org]
dns:
  addresses: [203.0.113.10, "2001:db8::10"]
  mail:
    spf: {include: [_spf.example.net]}
    dmarc: {policy: none, reports: dmarc}
    srv: {imaps: true, submissions: true, imap: false, pop3: false}
    mta_sts: {mode: testing}
    autoconfig: true
    caa: [letsencrypt.org]
    tlsa: ["2 1 1 0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"]
accounts:
  alice: {password: {env: ALICE}, aliases: [postmaster, abuse, hostmaster, dmarc], quota: 5GiB}
  bob: {password: {file: secrets/bob}}
lists: {team: {members: [alice, bob, carol@example.com]}}
groups: {sales: {members: [alice]}}
catch_all: alice
domains: {example.net: {type: parked, dns: {}}}
allowed_ips: [203.0.113.10, "2001:db8::10", 192.168.128.0/24]
settings: {session.rcpt.max-recipients: 50, server.listener.smtp.tls.timeout: "%{env:TIMEOUT}%"}
"""

# What only a server can show, what plan and apply judge, and what nobody does.
ELSEWHERE = {rule.id for rule in RULES.values() if rule.check is None or "server" in rule.looks_at}


def test_a_stack_with_everything_in_it_gives_no_finding(judge):
    result = judge(EVERYTHING, ZONE, config=CONFIG)

    assert result.findings == ()
    assert set(result.skipped) == ELSEWHERE


def test_the_example_gives_no_finding():
    scene, stack = scenes.of_stack(str(EXAMPLE), None, None)

    result = lint(scene, RULES.values(), ignore=stack.ignore, today="2026-06-01")

    assert result.findings == ()


def test_a_zone_alone_is_judged_without_a_stack(judge):
    result = judge(zone=ZONE, hostname="mail.example.org")

    assert result.findings == ()
    assert {"ADDR-01", "MX-03", "SPF-05", "CAA-01"} <= set(result.skipped)


def test_a_stack_without_its_zone_file_skips_the_rules_of_zone_files(judge):
    result = judge(STACK)

    zone_rules = {rule.id for rule in RULES.values() if "zone file" in rule.looks_at}
    assert zone_rules <= set(result.skipped)


def test_a_skipped_rule_is_no_finding_and_no_rule_is_both(judge):
    result = judge(STACK, ZONE.replace("@ IN MX 10 mail", "@ IN MX 10 mx9"))

    assert {finding.rule for finding in result.findings} & set(result.skipped) == set()


def test_a_name_in_an_included_file_is_not_missed(judge):
    result = judge(zone=ZONE.replace("mail IN A 203.0.113.10\n", "") + "$INCLUDE hosts.db\n")

    assert [finding.rule for finding in result.findings] == ["ZONE-15"]


def test_a_name_in_a_delegated_zone_is_not_missed(judge):
    result = judge(zone=ZONE + "@ MX 20 mx.far\nfar NS ns.example.net.\n")

    assert result.findings == ()


def test_examples_may_use_documentation_networks(judge):
    result = judge(zone=ZONE.replace("203.0.113.10", "192.0.2.10"))

    assert result.findings == ()


def test_the_zone_name_is_guessed_from_the_file_or_the_hostname(judge, tmp_path):
    (tmp_path / "zone").write_text(ZONE)

    assert scenes.of_files("zone", None, "mail.example.org").zones[0].name == "example.org."
