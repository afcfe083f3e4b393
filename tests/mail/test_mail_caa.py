from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import caa
from reconciler.mail.caa import Caa, Issuer
from reconciler.mail.errors import SyntaxProblem

records = st.builds(
    Caa,
    flags=st.integers(0, 255),
    tag=st.from_regex("[a-z0-9]{1,15}", fullmatch=True),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Caa) -> None:
    assert caa.parse(caa.text(record)) == record


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param('0 issue "letsencrypt.org"', Caa(tag="issue", value="letsencrypt.org"), id="quoted"),
        pytest.param(
            "128 ISSUE letsencrypt.org", Caa(flags=128, tag="issue", value="letsencrypt.org"), id="bare"
        ),
        pytest.param(
            '0 iodef "mailto:a@example.org"', Caa(tag="iodef", value="mailto:a@example.org"), id="iodef"
        ),
    ],
)
def test_parse_reads_zone_file_data(data: str, expected: Caa) -> None:
    assert caa.parse(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            '0 is-sue "x"',
            'CAA, column 3: "is-sue" is not a tag: letters and digits only. (RFC 8659 §4.1)',
            id="tag",
        ),
        pytest.param(
            '0 issue "a" "b"',
            "CAA, column 9: The value is one string; put all of it between one pair of quotes. (RFC "
            "8659 §4.1.1)",
            id="two strings",
        ),
        pytest.param(
            "0 issue letsencrypt.org; x=y",
            'CAA, column 24: A ";" outside quotes is not part of the text in a zone file. Quote the string.',
            id="unquoted semicolon",
        ),
        pytest.param('256 issue "x"', 'CAA, column 1: "256" is not a number from 0 to 255.', id="flags"),
    ],
)
def test_parse_says_what_is_wrong(data: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        caa.parse(data)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(";", Issuer(domain="", parameters={}), id="nobody"),
        pytest.param("", Issuer(domain="", parameters={}), id="empty is nobody too"),
        pytest.param(
            " CA.example.net ", Issuer(domain="ca.example.net", parameters={}), id="blanks and case"
        ),
        pytest.param(
            "letsencrypt.org; validationmethods=dns-01,tls-alpn-01; accounturi=https://example.net/acct/1",
            Issuer(
                domain="letsencrypt.org",
                parameters={
                    "validationmethods": "dns-01,tls-alpn-01",
                    "accounturi": "https://example.net/acct/1",
                },
            ),
            id="RFC 8657",
        ),
        pytest.param(
            "ca1.example.net; account=230123;",
            Issuer(domain="ca1.example.net", parameters={"account": "230123"}),
            id="RFC 8659 §4.2, semicolon at the end",
        ),
    ],
)
def test_issuer_reads_name_and_parameters(value: str, expected: Issuer) -> None:
    assert caa.issuer(value) == expected


@pytest.mark.parametrize(
    ("value", "column"),
    [
        pytest.param("%%%%%", 1, id="RFC 8659 §4.2: malformed"),
        pytest.param("ca.example.net account=1", 16, id="no semicolon"),
        pytest.param("ca.example.net; account", 16, id="no equals sign"),
        pytest.param("ca.example.net; a=1 b=2", 16, id="blank inside a value"),
    ],
)
def test_issuer_refuses_what_authorities_would_take_for_nobody(value: str, column: int) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        caa.issuer(value)
    assert caught.value.position + 1 == column


@pytest.mark.parametrize(
    ("data", "wildcard", "expected"),
    [
        pytest.param([], False, True, id="no record: anybody"),
        pytest.param(['0 issue "letsencrypt.org"'], False, True, id="named"),
        pytest.param(['0 issue "ca.example.net"'], False, False, id="somebody else named"),
        pytest.param(['0 issue "ca.example.net"', '0 issue "letsencrypt.org"'], False, True, id="one of two"),
        pytest.param(['0 issue ";"'], False, False, id="nobody"),
        pytest.param(['0 issue "%%%"'], False, False, id="unreadable names nobody"),
        pytest.param(['0 issuewild ";"'], False, True, id="issuewild says nothing of plain names"),
        pytest.param(['0 issue "letsencrypt.org"'], True, True, id="issue serves wildcards too"),
        pytest.param(['0 issue "ca.example.net"'], True, False, id="issue forbids wildcards too"),
        pytest.param(
            ['0 issue "letsencrypt.org"', '0 issuewild ";"'], True, False, id="issuewild replaces it"
        ),
        pytest.param(['0 iodef "mailto:a@example.org"'], False, True, id="iodef restricts nobody"),
        pytest.param(
            ['128 tbs "Unknown"', '0 issue "letsencrypt.org"'], False, False, id="unknown and critical"
        ),
        pytest.param(['0 tbs "Unknown"', '0 issue "letsencrypt.org"'], False, True, id="unknown"),
    ],
)
def test_permits_follows_rfc_8659(data: list[str], wildcard: bool, expected: bool) -> None:
    records = [caa.parse(text) for text in data]
    assert caa.permits(records, "letsencrypt.org", wildcard=wildcard) == expected
