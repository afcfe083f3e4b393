"""Somebody says domain, hostname, addresses and one account, and gets all of what mail needs."""

from __future__ import annotations

import json

LEAST = "hostname: mail.example.org\naccounts: {alice: {aliases: [postmaster, abuse, hostmaster]}}"

# What the page of a container's server proposed, pasted into the file.
GUIDE = """\
$TTL 3600
@ IN SOA ns1 hostmaster 2026010101 7200 3600 1209600 3600
@ IN NS ns1
ns1 IN A 203.0.113.2
@ IN MX 10 4f1c2b3a9d8e.
mail IN A 203.0.113.10
@ IN TXT "v=spf1 mx -all"
@ IN TXT "v=spf1 a -all"
_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:postmaster@example.org
autoconfig IN CNAME mail.example.org
"""


def test_the_plan_has_every_record_that_mail_needs(unserved):
    unserved.stack(top=LEAST, mail=None, addresses=["203.0.113.10", "2001:db8::10"], reload=["true"])

    ended = unserved.plan()

    assert ended.code == 0
    assert (
        "  Stalwart\n"
        "    ~ hostname                          0a1b2c3d4e5f -> mail.example.org\n"
        "    + account   alice@example.org\n"
        "    + alias     abuse@example.org       -> alice@example.org\n"
        "    + alias     hostmaster@example.org  -> alice@example.org\n"
        "    + alias     postmaster@example.org  -> alice@example.org\n"
        "    + dkim key  example.org/ed25519     selector ms1-ed25519\n"
        "    + dkim key  example.org/rsa         selector ms1-rsa\n"
        "\n"
        "  DNS example.org\n"
        "    + MX    @                       10 mail.example.org.\n"
        "    + TXT   @                       SPF  v=spf1 mx -all\n"
        "    + TXT   _dmarc                  DMARC  v=DMARC1; p=none; rua=mailto:postmaster@example.org\n"
        "    + SRV   _imaps._tcp             0 1 993 mail.example.org.\n"
        "    + TXT   _smtp._tls              TLS-RPT  v=TLSRPTv1; rua=mailto:postmaster@example.org\n"
        "    + SRV   _submissions._tcp       0 1 465 mail.example.org.\n"
        "    + A     mail                    203.0.113.10\n"
        "    + AAAA  mail                    2001:db8::10\n"
        "    + TXT   mail                    SPF  v=spf1 a -all\n"
        "    + TXT   ms1-ed25519._domainkey  DKIM  (known after apply)\n"
        "    + TXT   ms1-rsa._domainkey      DKIM  (known after apply)\n"
        "\n"
    ) in ended.out
    assert "Held" not in ended.out
    assert "\n! " not in ended.out.replace("\n! db.example.org: nothing proves", "")


def test_after_the_apply_lint_finds_nothing_in_what_was_made(unserved):
    unserved.stack(top=LEAST, mail=None, addresses=["203.0.113.10"], reload=["true"])
    assert unserved.apply().code == 0

    found = json.loads(unserved.project.run("lint", "--format", "json").out)["findings"]

    assert [one["rule"] for one in found if one["severity"] != "hint"] == []


def test_each_mistake_of_the_guide_is_named_in_the_plan(unserved):
    """The container's id as MX, two SPF texts, a DMARC text that is cut, a name without its dot."""
    unserved.zonefile.write_text(GUIDE)
    unserved.stack(top=LEAST, mail=None, addresses=["203.0.113.10"], reload=["true"])

    findings = json.loads(unserved.plan("--format", "json").out)["findings"]

    found = {(one["rule"], one["line"]) for one in findings if one["file"].endswith("db.example.org")}
    assert found == {("HOST-02", 5), ("SPF-01", 8), ("ZONE-06", 9), ("ZONE-04", 10)}
    assert all(one["fix"] or one["text"].startswith("apply mends this") for one in findings)
