"""DKIM records follow from the server's keys: also where a person has pasted them already."""

from __future__ import annotations

import re


def test_keys_are_made_and_their_records_served(site):
    site.stack(mail=["dkim"])

    ended = site.apply()
    assert ended.code == 0
    assert re.findall(r"\+ TXT  (\S+)\s+DKIM  \(known after apply\)", ended.out) == [
        "ms1-ed25519._domainkey",
        "ms1-rsa._domainkey",
    ]
    assert site.named.dig("ms1-rsa._domainkey.example.org", "TXT")[0].startswith('"v=DKIM1; k=rsa; ')
    assert site.plan("--detailed-exitcode").code == 0


def test_records_that_were_pasted_by_hand_are_adopted(site):
    site.stack(mail=["dkim"])
    site.apply()
    marked = site.text
    site.zonefile.write_text(re.sub(r" ; mailstack:\S+", "", marked))
    site.named.tell("reload", "example.org")

    ended = site.apply()
    assert ended.code == 0
    assert "2 to adopt" in ended.out
    assert site.text == marked


def test_a_record_of_a_lost_key_is_replaced_in_its_line(site):
    site.stack(mail=["dkim"])
    site.apply()
    site.zonefile.write_text(re.sub(r"p=[A-Za-z0-9+/]{20}", "p=" + "A" * 20, site.text))
    site.named.tell("reload", "example.org")

    assert site.apply().code == 0
    assert "A" * 20 not in site.text
    assert site.text.count("_domainkey") == 2
    assert site.plan("--detailed-exitcode").code == 0
