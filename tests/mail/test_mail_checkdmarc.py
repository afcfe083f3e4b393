"""A second opinion: checkdmarc's verdict on the same SPF and DMARC texts, offline.

Where the two differ, the text is listed with the reason for which ours is right.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from reconciler.mail import dmarc, spf
from reconciler.mail.errors import SyntaxProblem

# In a process of its own, for its libraries warn; its questions go to a port where nobody answers.
ASK = """\
import json, sys
import dns.resolver
from checkdmarc.dmarc import parse_dmarc_record
from checkdmarc.spf import parse_spf_record
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], 9, 0.1
def takes(parse, text):
    try:
        parse(text, "example.org", resolver=resolver)
    except Exception:
        return False
    return True
spf, dmarc = json.load(sys.stdin)
print(json.dumps([[takes(parse_spf_record, t) for t in spf], [takes(parse_dmarc_record, t) for t in dmarc]]))
"""

SPF = (
    *("v=spf1 -all", "v=spf1 ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all"),
    *("v=spf1 +all", "v=spf1 all", "v=spf1", "v=spf1 ", "v=spf1  ip4:192.0.2.1   -all"),
    *("v=spf1 ip4:mail.example.org -all", "v=spf1 ip4:192.0.2.300 -all", "v=spf1 ip4:192.0.2.0/33 -all"),
    *("v=spf1 ip6:192.0.2.1 -all", "v=spf1 ip5:192.0.2.1 -all", "v=spf1 192.0.2.1 -all", "v=spf2 -all"),
    *("v=spf1 ip4:192.0.2.1, -all", "v=spf1 -all ip4:192.0.2.1", "v=spf1 ip4:192.0.2.1 -al"),
    *("v=spf1 foo=bar -all", "v=spf1 redirect=", "v=spf1 ip4: -all", "v=spf1 include: -all"),
    *("v=spf1 ip4:192.0.2.1/ -all", "v=spf1 -all;", "v=spf1 ip4:192.0.2.1 - all"),
)
DMARC = (
    *("v=DMARC1; p=none", "v=DMARC1;p=reject;", "v=DMARC1; p=quarantine; rua=mailto:a@example.org"),
    *(
        "v=DMARC1; p=none; rua=a@example.org",
        "v=DMARC1; p=nonsense",
        "v=DMARC1; p=none; sp=reject; np=reject",
    ),
    *("v=DMARC1; p=none; pct=50", "v=DMARC1; p=none; adkim=s; aspf=r", "v=DMARC1; rua=mailto:a@example.org"),
    *("v=DMARC1", "p=none; v=DMARC1", "v=DMARC2; p=none", "v=dmarc1; p=none", "v=DMARC1 p=none"),
    *("v=DMARC1; p=none; fo=1", "v=DMARC1; p=none; fo=9", "v=DMARC1; p=none; t=y", "v=DMARC1; p=none; psd=n"),
    *("v=DMARC1; p=none; foo=bar", "v=DMARC1; p=none; p=reject", "v=DMARC1; p=None", "v=DMARC1;; p=none"),
    *("v=DMARC1; p = none ; rua = mailto:a@example.org", "v=DMARC1; p=none; rua=mailto:a@example.org!10m"),
    *("v=DMARC1; p=none; ri=3600", "v=DMARC1; p=none; rf=afrf", "v=DMARC1; sp=reject; p=none"),
    "v=DMARC1; p=none; rua=mailto:a@example.org,mailto:b@example.org",
)
# Text -> whether we take it.
DIFFERENT_SPF = {
    "V=SPF1 -ALL": True,  # literals of ABNF are in any case (RFC 7208 §4.5, RFC 5234 §2.3)
    "v=spf1mx -all": False,  # the version ends with a blank or the text (RFC 7208 §4.5)
}
DIFFERENT_DMARC = {
    "v=DMARC1; p=none; adkim=x": False,  # r or s (RFC 9989 §4.7); checkdmarc warns
    # Commas stand between URIs (RFC 9989 §4.6), and no URI holds a blank.
    "v=DMARC1; p=none; rua=mailto:a@example.org mailto:b@example.org": False,
}


def takes_spf(text: str) -> bool:
    try:
        spf.parse(text)
    except SyntaxProblem:
        return False
    return True


def takes_dmarc(text: str) -> bool:
    try:
        return not dmarc.read(text)[1]
    except SyntaxProblem:
        return False


@pytest.fixture(scope="module")
def verdicts() -> tuple[dict[str, bool], dict[str, bool]]:
    """checkdmarc's verdicts on all texts."""
    texts = [[*SPF, *DIFFERENT_SPF], [*DMARC, *DIFFERENT_DMARC]]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    of_spf, of_dmarc = json.loads(done.stdout)
    return dict(zip(texts[0], of_spf, strict=True)), dict(zip(texts[1], of_dmarc, strict=True))


def test_both_take_and_refuse_the_same_spf_texts(verdicts):
    assert {text: takes_spf(text) for text in SPF} == {text: verdicts[0][text] for text in SPF}


def test_both_take_and_refuse_the_same_dmarc_texts(verdicts):
    assert {text: takes_dmarc(text) for text in DMARC} == {text: verdicts[1][text] for text in DMARC}


def test_where_they_differ_there_is_a_reason(verdicts):
    assert {text: takes_spf(text) for text in DIFFERENT_SPF} == DIFFERENT_SPF
    assert {text: takes_dmarc(text) for text in DIFFERENT_DMARC} == DIFFERENT_DMARC
    assert [text for text, ours in DIFFERENT_SPF.items() if verdicts[0][text] == ours] == []
    assert [text for text, ours in DIFFERENT_DMARC.items() if verdicts[1][text] == ours] == []
