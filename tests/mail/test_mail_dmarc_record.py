from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import dmarc
from reconciler.mail.destinations import Destination
from reconciler.mail.dmarc import Alignment, Policy, Record
from reconciler.mail.errors import SyntaxProblem

policies = st.none() | st.sampled_from(Policy)
alignments = st.none() | st.sampled_from(Alignment)
destinations = st.lists(
    st.builds(
        Destination,
        uri=st.sampled_from(["mailto:a@example.org", "mailto:b%21@example.net", "https://example.org/r?x=1"]),
        size=st.sampled_from(["", "10m", "5"]),
    ),
    max_size=3,
).map(tuple)
names = st.from_regex(r"[a-z]{4,8}", fullmatch=True) | st.sampled_from(sorted(dmarc.REMOVED_TAGS))
records = st.builds(
    Record,
    policy=policies,
    subdomain_policy=policies,
    nonexistent_policy=policies,
    dkim_alignment=alignments,
    spf_alignment=alignments,
    reports=destinations,
    failure_reports=destinations,
    failure_options=st.sampled_from([(), ("0",), ("1", "d"), ("d", "s"), ("s", "0", "d")]),
    psd=st.sampled_from([None, "y", "n", "u"]),
    testing=st.sampled_from([None, True, False]),
    others=st.dictionaries(
        names,
        st.from_regex(r"[0-9a-z]{1,5}", fullmatch=True).filter(lambda n: n not in {"adkim", "aspf"}),
        max_size=2,
    ).map(lambda d: tuple(d.items())),
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Record) -> None:
    assert dmarc.parse(dmarc.text(record)) == record


def test_default_of_this_project_is_written_so() -> None:
    record = Record(policy=Policy.NONE, reports=(Destination(uri="mailto:postmaster@example.org"),))
    assert dmarc.text(record) == "v=DMARC1; p=none; rua=mailto:postmaster@example.org"
    assert dmarc.owner("example.org") == "_dmarc.example.org"


def test_all_tags_are_read() -> None:
    text = (
        "v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=r; "
        "rua=mailto:a@example.org!10m,mailto:b@example.net; ruf=mailto:c@example.org; "
        "fo=1:d:s; psd=n; t=y; pct=50; x=y"
    )
    record = Record(
        policy=Policy.REJECT,
        subdomain_policy=Policy.QUARANTINE,
        nonexistent_policy=Policy.REJECT,
        dkim_alignment=Alignment.STRICT,
        spf_alignment=Alignment.RELAXED,
        reports=(
            Destination(uri="mailto:a@example.org", size="10m"),
            Destination(uri="mailto:b@example.net"),
        ),
        failure_reports=(Destination(uri="mailto:c@example.org"),),
        failure_options=("1", "d", "s"),
        psd="n",
        testing=True,
        others=(("pct", "50"), ("x", "y")),
    )
    assert dmarc.parse(text) == record
    assert dmarc.text(record) == text


def test_examples_of_the_rfc_are_read() -> None:
    """RFC 9989 appendix B.2.5, B.2.1: any order, no blanks, a semicolon at the end or none."""
    assert dmarc.parse(
        "v=DMARC1; p=quarantine; "
        "rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net; t=y;"
    ) == Record(
        policy=Policy.QUARANTINE,
        reports=(
            Destination(uri="mailto:dmarc-feedback@example.com"),
            Destination(uri="mailto:tld-test@thirdparty.example.net"),
        ),
        testing=True,
    )
    assert dmarc.parse("v=DMARC1;rua=mailto:a@example.com;p=none") == Record(
        policy=Policy.NONE, reports=(Destination(uri="mailto:a@example.com"),)
    )


def test_record_without_policy_is_no_error() -> None:
    """RFC 9989 §4.7: it counts as `p=none`; the one that permits reports has nothing else."""
    assert dmarc.parse("v=DMARC1") == Record()
    assert (
        dmarc.permission_owner("blue.example.com", "red.example.net")
        == "blue.example.com._report._dmarc.red.example.net"
    )


@pytest.mark.parametrize(
    "text", ["v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none", " v=DMARC1", "v=DMARC1 p=none", ""]
)
def test_record_that_does_not_begin_with_its_version_is_none(text: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        dmarc.read(text)
    assert str(caught.value) == (
        'DMARC, column 1: The record must begin with "v=DMARC1"; '
        "as it is, receivers ignore all of it. (RFC 9989 §4.7)"
    )


@pytest.mark.parametrize(
    ("text", "record", "problems"),
    [
        pytest.param(
            "v=DMARC1; p=reject; adkim=strict; fo=0:1; rua=postmaster@example.org; t=1; junk",
            Record(policy=Policy.REJECT),
            [
                'DMARC, column 27: "strict" is no value for adkim: r or s. (RFC 9989 §4.7)',
                'DMARC, column 38: "0:1" is no value for fo: 0 or 1, d and s, each once, with colons '
                "between. (RFC 9989 §4.7)",
                'DMARC, column 47: "postmaster@example.org" lacks its scheme. Write '
                '"mailto:postmaster@example.org". (RFC 9989 §4.6)',
                'DMARC, column 73: "1" is no value for t: y or n. (RFC 9989 §4.7)',
                'DMARC, column 76: "junk" is no tag=value. (RFC 6376 §3.2)',
            ],
            id="defaults for what cannot be read",
        ),
        pytest.param(
            "v=DMARC1; sp=reject; p=rejct; np=reject; adkim=s",
            Record(dkim_alignment=Alignment.STRICT),
            ['DMARC, column 24: "rejct" is no value for p: none, quarantine or reject. (RFC 9989 §4.7)'],
            id="RFC 9989 §4.10.1: one bad policy is none at all",
        ),
        pytest.param(
            "v=DMARC1;; p=none; p=reject",
            Record(policy=Policy.NONE),
            [
                "DMARC, column 10: Nothing stands before this semicolon. (RFC 6376 §3.2)",
                'DMARC, column 22: The tag "p" is there twice. (RFC 6376 §3.2)',
            ],
            id="twice",
        ),
        pytest.param(
            "v=DMARC1; p=NONE; ruf=mailto:ä@example.org",
            Record(policy=Policy.NONE),
            [
                'DMARC, column 23: The value of "ruf" holds a sign that is not printable ASCII. (RFC '
                "6376 §3.2)"
            ],
            id="upper case is fine, beyond ASCII is not",
        ),
    ],
)
def test_read_gives_what_receivers_understand_and_parse_raises_the_first_fault(
    text: str, record: Record, problems: list[str]
) -> None:
    understood, dropped = dmarc.read(text)
    assert understood == record
    assert [str(problem) for problem in dropped] == problems
    with pytest.raises(SyntaxProblem) as caught:
        dmarc.parse(text)
    assert str(caught.value) == problems[0]
