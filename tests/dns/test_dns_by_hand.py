"""The whole story of a zone that a person keeps by hand and under git, with a real BIND that serves it."""

from __future__ import annotations

import re
import subprocess

import pytest

HAND_KEPT = """\
; example.org -- kept by hand since 2009, ask Bob before you touch the MX
$TTL 1h
$ORIGIN example.org.
@\t\tIN\tSOA\tns1 hostmaster (
\t\t\t\t2026010100\t; serial, YYYYMMDDnn
\t\t\t\t8h\t\t; refresh
\t\t\t\t2h\t\t; retry
\t\t\t\t4w\t\t; expire
\t\t\t\t1h )\t\t; negative cache
\t\tIN\tNS\tns1
\t\tIN\tNS\tns2.example.net.
\t\tIN\tMX\t10 mail\t\t; the old box
\t\tIN\tTXT\t"v=spf1 a mx ~all"\t; do not touch (Bob)
\t\tIN\tA\t203.0.113.20

; ---- hosts ----
ns1\t\tIN\tA\t203.0.113.2
mail\t\tIN\tA\t203.0.113.10
\t\tIN\tAAAA\t2001:db8::10
www\t\tIN\tA\t203.0.113.20
shop\t300\tIN\tCNAME\twww

; ---- the lab ----
$ORIGIN lab.example.org.
printer\t\tIN\tA\t203.0.113.77
nas\t\tIN\tA\t203.0.113.78
"""

KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv1wMXu+vpCE0NCmJeQmOkLXcwatxymx4wofM/glNsZwh"
    "mR+jafvsJJ3cXJUHalwxfzvtA8yJ+8FQp4xZU0ni8AW4b5BVMZ2sEWt2Il3UcjOgqoMhExNrh61BMn+wVlN8gJjT"
    "VAAaySzKYguMayB/62AzqQPF2zUHePm6hoVrgyU4LYLuNSjZkjnI5dn+rJbPS7sy2+rk3SzJ5oFTT/2HAKAfpOrN"
    "U68eQemY2EyJFN5p5Btl5mVw6dvpuYkLrgbWonscXi1Jxuxe1QwtwwHNV9C6gaZBz2BnTVO9DdHVi6E7wvdT1dV8"
    "uV0Jzowd0lJ+u1a4FfhY/X9dBiij4Upw5QIDAQAB"
)

RECORDS = [
    ("@", "CAA", '0 issue "letsencrypt.org"'),
    ("www", "AAAA", "2001:db8::20"),
    ("_dmarc", "TXT", "v=DMARC1; p=none"),
    ("key._domainkey", "TXT", f"v=DKIM1; k=rsa; p={KEY}"),
    ("wiki.lab", "CNAME", "nas.lab.example.org."),
]

PLANNED = f"""\
  DNS example.org
    + CAA    @               0 issue "letsencrypt.org"
    + TXT    _dmarc          DMARC  v=DMARC1; p=none
    + TXT    key._domainkey  DKIM  v=DKIM1; k=rsa; p={KEY[:42]}…{KEY[-30:]}
    + CNAME  wiki.lab        nas.lab.example.org.
    + AAAA   www             2001:db8::20

"""

SERIAL = [
    "-\t\t\t\t2026010100\t; serial, YYYYMMDDnn",
    "+\t\t\t\tSERIAL\t; serial, YYYYMMDDnn",
]
ADDED = [
    '+\t\tIN\tCAA\t0 issue "letsencrypt.org" ; MARK',
    '+_dmarc\t\tIN\tTXT\t"v=DMARC1; p=none" ; MARK',
    '+key._domainkey\tIN\tTXT\t( "v=DKIM1; k=rsa; p=' + KEY[:237] + '"',
    '+\t\t\t\t  "' + KEY[237:] + '" ) ; MARK',
    "+www\t\tIN\tAAAA\t2001:db8::20 ; MARK",
    "+wiki\t\tIN\tCNAME\tnas ; MARK",
]


def git(site, *words):
    """Run git in the folder of the zone; return what it says."""
    who = ["-c", "user.name=Bob", "-c", "user.email=bob@example.org"]
    command = ["git", *who, *words]
    done = subprocess.run(command, cwd=site.zonefile.parent, capture_output=True, text=True, check=True)
    return done.stdout


def difference(site):
    """Return the lines that git shows as gone or new; each mark and the new serial as one word."""
    lines = git(site, "diff", "--unified=0", "--", site.zonefile.name).splitlines()[4:]
    shown = "\n".join(line for line in lines if line[:1] in "+-")
    shown = re.sub(r"mailstack:home:[0-9a-f]{6}", "MARK", shown)
    return re.sub(r"^(\+\t+)[0-9]{10}\t", r"\1SERIAL\t", shown, flags=re.MULTILINE).splitlines()


@pytest.fixture
def hand_kept(unserved, served):
    unserved.zonefile.write_text(HAND_KEPT)
    git(unserved, "init", "--quiet")
    git(unserved, "add", unserved.zonefile.name)
    git(unserved, "commit", "--quiet", "--message", "as I left it")
    with served() as site:
        yield site


def test_from_the_first_plan_to_the_revert(hand_kept):
    site = hand_kept
    site.records()
    assert site.plan("--detailed-exitcode").code == 0
    site.records(*RECORDS)

    assert PLANNED in site.plan().out
    assert difference(site) == []

    assert site.apply().code == 0
    assert difference(site) == [*SERIAL, *ADDED]
    assert site.named.dig("example.org", "CAA") == ['0 issue "letsencrypt.org"']
    assert site.named.dig("www.example.org", "AAAA") == ["2001:db8::20"]
    assert site.named.dig("_dmarc.example.org", "TXT") == ['"v=DMARC1; p=none"']
    whole = f"v=DKIM1; k=rsa; p={KEY}"
    assert site.named.dig("key._domainkey.example.org", "TXT") == [f'"{whole[:255]}" "{whole[255:]}"']
    assert site.named.dig("wiki.lab.example.org", "CNAME") == ["nas.lab.example.org."]
    assert site.plan("--detailed-exitcode").code == 0

    site.records()
    assert site.apply("--allow-deletes", "5").code == 0
    assert difference(site) == SERIAL
    assert site.named.dig("wiki.lab.example.org", "CNAME") == []
    assert site.plan("--detailed-exitcode").code == 0
