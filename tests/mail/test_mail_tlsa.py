"""The digests are those of `openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import tlsa
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.tlsa import Tlsa

DATA = Path(__file__).parent / "data"
HOST_KEY = "e004e551114d155412c913d29400708f23d9b8d7fafaa4d8e053793db5778050"
AUTHORITY_KEY = "cfb5f0d9e875a9b5557e240b353e20ef97523a94fa25c65d679dc9dc80d638da"

records = st.one_of(
    [
        st.builds(
            Tlsa,
            usage=st.integers(0, 255),
            selector=st.integers(0, 255),
            matching=st.just(matching),
            data=data,
        )
        for matching, data in [
            (0, st.binary(min_size=1, max_size=99)),
            (1, st.binary(min_size=32, max_size=32)),
            (2, st.binary(min_size=64, max_size=64)),
        ]
    ]
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Tlsa) -> None:
    assert tlsa.parse(tlsa.text(record)) == record


def test_key_of_an_rsa_certificate_is_pinned() -> None:
    host, _ = tlsa.certificates((DATA / "chain.pem").read_text())
    assert tlsa.text(tlsa.of_certificate(host)) == f"3 1 1 {HOST_KEY}"
    assert tlsa.owner("mail.example.org") == "_25._tcp.mail.example.org"


def test_key_of_an_authority_is_pinned_with_usage_2() -> None:
    _, authority = tlsa.certificates((DATA / "chain.pem").read_text())
    assert tlsa.text(tlsa.of_certificate(authority, usage=2)) == f"2 1 1 {AUTHORITY_KEY}"


def test_certificate_without_version_is_read_too() -> None:
    """A version 1 certificate begins with its serial number (RFC 5280 §4.1.2.1)."""
    (old,) = tlsa.certificates((DATA / "version1.pem").read_text())
    assert tlsa.of_certificate(old).data.hex() == AUTHORITY_KEY


def test_hexadecimal_digits_may_be_split_and_upper_case() -> None:
    spaced = f"3 1 1 {HOST_KEY[:20].upper()} {HOST_KEY[20:]}"
    assert tlsa.parse(spaced) == tlsa.parse(f"3 1 1 {HOST_KEY}")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            "3 1 1 abc", "TLSA, column 7: The data is pairs of hexadecimal digits. (RFC 6698 §2.2)", id="odd"
        ),
        pytest.param(
            "3 1 1 abcd",
            "TLSA, column 7: The digest has 2 octets; with matching 1 it has 32. (RFC 6698 §2.1.3)",
            id="short",
        ),
        pytest.param(
            "3 1 abcd",
            "TLSA, column 9: TLSA data is <usage> <selector> <matching> <data>; the data is missing.",
            id="three parts",
        ),
    ],
)
def test_parse_says_what_is_wrong(data: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        tlsa.parse(data)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("pem", "expected"),
    [
        pytest.param(
            "",
            'TLSA, column 1: This is not a certificate: there is no "-----BEGIN CERTIFICATE-----" '
            "with its end. (RFC 7468 §5)",
            id="empty",
        ),
        pytest.param(
            "x\n-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
            "TLSA, column 3: This is not a certificate: the PEM block is not base64. (RFC 7468 §5)",
            id="no base64",
        ),
    ],
)
def test_certificates_says_what_is_wrong(pem: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        tlsa.certificates(pem)
    assert str(caught.value) == expected


@given(st.data())
def test_certificate_that_is_cut_or_bent_raises_nothing_else(data: st.DataObject) -> None:
    whole, _ = tlsa.certificates((DATA / "chain.pem").read_text())
    at = data.draw(st.integers(0, len(whole) - 1))
    bent = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 3)) :]
    try:
        assert tlsa.of_certificate(bent).usage == 3
    except SyntaxProblem as problem:
        assert problem.words.startswith("This is not a certificate: ")
