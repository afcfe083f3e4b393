"""Ten zones, broken in the ways in which people really break them: each is caught, by name and with its fix.

The name server's own check accepts eight of the ten, and that is why there is a lint.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

HEAD = """\
$TTL 3600
@ IN SOA ns1 hostmaster 2026010101 7200 3600 1209600 3600
@ IN NS ns1
ns1 IN A 198.51.100.53
"""
MAIL = '@ IN MX 10 mail\nmail IN A 203.0.113.10\n@ IN TXT "v=spf1 mx -all"\nmail IN TXT "v=spf1 a -all"\n'
DMARC = '_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.org"\n'

# An RSA key of 2048 bits as a record holds it (RFC 6376 §3.6.1): 392 letters in a string of 255 at most.
KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw" + "A" * 339 + "AQIDAQAB"

# What people did -> the zone, and the errors that are told: rule, line, fix.
BROKEN = {
    "a record after a top-level origin": (
        HEAD + MAIL + DMARC + "$ORIGIN .\nwww IN A 203.0.113.20\n",
        [("ZONE-01", 11)],
    ),
    "the domain as an alias of the web host": (
        HEAD + MAIL + DMARC + "@ IN CNAME www.example.net.\n",
        [("ZONE-02", 10)],
    ),
    "the mail host as an alias of itself": (
        HEAD
        + MAIL.replace("mail IN A 203.0.113.10", "mail IN CNAME mail").replace(
            'mail IN TXT "v=spf1 a -all"\n', ""
        )
        + DMARC,
        [("ZONE-03", 6)],
    ),
    "no dot at the end of the MX": (
        HEAD + MAIL.replace("10 mail", "10 mail.example.org") + DMARC,
        [("ZONE-04", 5)],
    ),
    "a DKIM key in one string": (
        HEAD + MAIL + DMARC + f's1._domainkey IN TXT "v=DKIM1; k=rsa; p={KEY}"\n',
        [("ZONE-05", 10)],
    ),
    "a policy without quotes": (
        HEAD + MAIL + "_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:postmaster@example.org\n",
        [("ZONE-06", 9)],
    ),
    "a second SPF text": (
        HEAD + MAIL + DMARC + '@ IN TXT "v=spf1 include:_spf.example.net ~all"\n',
        [("SPF-01", 10)],
    ),
    "an address as the MX": (
        HEAD + MAIL.replace("10 mail", "10 203.0.113.10") + DMARC,
        [("MX-02", 5)],
    ),
    "records of a container without a name": (
        HEAD + MAIL.replace("10 mail", "10 4f2c8a1b9d3e") + "4f2c8a1b9d3e IN A 203.0.113.10\n" + DMARC,
        [("HOST-02", 5)],
    ),
    "an MX that is an alias": (
        HEAD + MAIL.replace("10 mail", "10 mx") + "mx IN CNAME mail\n" + DMARC,
        [("MX-01", 5)],
    ),
}
REFUSED_BY_THE_NAME_SERVER = {
    "the domain as an alias of the web host",
    "a DKIM key in one string",
}


@pytest.mark.parametrize(("zone", "errors"), BROKEN.values(), ids=BROKEN)
def test_a_broken_zone_is_caught_with_its_line_and_a_fix(zone, errors, judge):
    found = [finding for finding in judge(zone=zone).findings if finding.severity == "error"]

    assert [(finding.rule, finding.line) for finding in found] == errors
    assert all(finding.fix for finding in found)


def test_there_are_ten():
    assert len(BROKEN) == 10


def test_the_name_server_itself_accepts_eight_of_them(tmp_path):
    if shutil.which("named-checkzone") is None:
        pytest.skip("no named-checkzone")
    refused = set()
    for name, (zone, _) in BROKEN.items():
        (tmp_path / "zone").write_text(zone)
        done = subprocess.run(
            ["named-checkzone", "example.org", str(tmp_path / "zone")], capture_output=True, check=False
        )
        if done.returncode:
            refused.add(name)

    assert refused == REFUSED_BY_THE_NAME_SERVER
