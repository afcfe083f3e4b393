from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import tlsrpt
from reconciler.mail.destinations import Destination
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.tlsrpt import Record

uris = st.sampled_from(
    ["mailto:tls@example.org", "https://reports.example.org/v1?a=b", "mailto:a%2Cb@example.org"]
)
names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True).filter(lambda name: name not in ("v", "rua"))
records = st.builds(
    Record,
    reports=st.lists(st.builds(Destination, uri=uris), min_size=1, max_size=3).map(tuple),
    others=st.dictionaries(names, st.from_regex(r"[!-:<-~]{1,9}", fullmatch=True), max_size=2).map(
        lambda d: tuple(d.items())
    ),
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Record) -> None:
    assert tlsrpt.parse(tlsrpt.text(record)) == record


def test_examples_of_the_rfc_are_read() -> None:
    """RFC 8460 §3.1."""
    mail = tlsrpt.parse("v=TLSRPTv1; rua=mailto:reports@example.com")
    web = tlsrpt.parse("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt")
    assert [d.mailbox for d in mail.reports] == ["reports@example.com"]
    assert [d.mailbox for d in web.reports] == [None]
    assert tlsrpt.owner("example.com") == "_smtp._tls.example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "v=TLSRPTv1",
            'TLS-RPT, column 11: There is no "rua=", so nobody would get a report. (RFC 8460 §3)',
            id="no rua",
        ),
        pytest.param(
            "v=TLSRPTv2; rua=mailto:a@example.org",
            'TLS-RPT, column 1: The record must begin with "v=TLSRPTv1"; as it is, senders ignore '
            "it. (RFC 8460 §3)",
            id="version",
        ),
        pytest.param(
            "v=TLSRPTv1 rua=mailto:a@example.org",
            'TLS-RPT, column 1: The record must begin with "v=TLSRPTv1"; as it is, senders ignore '
            "it. (RFC 8460 §3)",
            id="no semicolon",
        ),
        pytest.param(
            "v=TLSRPTv1; rua=ftp://example.org",
            'TLS-RPT, column 17: "ftp://example.org" is neither "mailto:" nor "https:". (RFC 8460 §3)',
            id="scheme",
        ),
        pytest.param(
            "v=TLSRPTv1; rua=mailto:a@example.org!10m",
            'TLS-RPT, column 17: "mailto:a@example.org!10m" is neither "mailto:" nor "https:". (RFC 8460 §3)',
            id="DMARC's size",
        ),
        pytest.param(
            "v=TLSRPTv1; rua=a@example.org",
            'TLS-RPT, column 17: "a@example.org" lacks its scheme. Write "mailto:a@example.org". '
            "(RFC 8460 §3)",
            id="bare address",
        ),
        pytest.param(
            "v=TLSRPTv1; rua = mailto:a@example.org",
            "TLS-RPT, column 17: No blank may stand beside this equals sign. (RFC 6376 §3.2)",
            id="blank",
        ),
    ],
)
def test_parse_says_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        tlsrpt.parse(text)
    assert str(caught.value) == expected
