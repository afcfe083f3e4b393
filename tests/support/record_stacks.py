"""Stacks whose records follow from what they say: the least, everything, and the odd ones between."""

from __future__ import annotations

from lint_texts import STACK

FULL = """\
version: 1
domain: example.org
hostname: mail.example.org
dns:
  ttl: 1h
  addresses: [203.0.113.10, "2001:db8::10"]
  mail:
    mx: [mail.example.org, 20 backup.example.net]
    spf: {include: [_spf.example.net], addresses: [203.0.113.0/24]}
    dmarc: {policy: quarantine, reports: [postmaster, dmarc@example.net]}
    srv: {imaps: true, submissions: true, pop3: false, jmap: true}
    mta_sts: {mode: testing}
    autoconfig: true
    caa: [letsencrypt.org, ";"]
    tlsa: ["3 1 1 0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"]
  records:
    - {name: www, type: A, value: 203.0.113.20}
    - {name: long, type: TXT, value: "LONG"}
    - {name: odd, type: TXT, value: 'a "b" ${c} %{d} ; e'}
    - {name: slash, type: TXT, value: 'a\\b'}
    - {name: host, type: SSHFP, value: 1 1 123456789abcdef67890123456789abcdef67890}
""".replace("LONG", "x; " * 200)
DERIVED = {
    "the least": STACK,
    "everything": FULL,
    "parked": STACK.split("dns:")[0] + "type: parked\ndns: {}\n",
    "hostname is the domain": STACK.replace("mail.example.org", "example.org"),
    "below another zone": FULL.replace("domain: example.org", "domain: org.example.org").replace(
        "dns:\n", "dns:\n  zone: example.org\n"
    ),
}
