from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import dkim
from reconciler.mail.dkim import Record
from reconciler.mail.errors import SyntaxProblem

# RFC 8463 appendix A.2.
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDb1nXjC+ZGxgn3H4J7FQgjPKnSQc528DUO0CrwcXEMcmU66rwdeW7gEptROEEY"
    "CtgVBHVewyzzZVaM1MVhFw9AzJSJX/dO5/C6i9c7zWQMhw6dNls9KlVZttWbuGBsv7fpx68b5fbzrvx/FtAfDXO6Fv4a2ZuNKxTB"
    "/qFQafJKjwIDAQAB"
)
RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyxJ1V8aXhiDH2cvbv5g6Pm+eR2aQl1nTtgiQcaBFgCE2USbd99t1uEHq"
    "zy9YNhW5QEvPfImDPbERiBaUHf7bkFyQ2Izc8m023TJVL57gYz76CuMWCuJo92tIeenBHLEgZHZqjblRcjJRKeBh1BNBQ/7pjnwo"
    "Ub72pr5ywfs9/Qkt+NTX/6d/7VWiR4m+KgFsZ0x97anPC1ubKd8pQikA6Kr8XD/uD85NbNkX3pRKjd8h2ou5z30GPKCO76p4OYZC"
    "w97KEEoifLYvR0vu3PzqvS0qbJWZXi1DYcKkPpp91mQ1+ACfAO2HfujbQap6Jtu++r9S4ngbzSFRJWFRqLeR0QIDAQAB"
)
# The same key as PKCS#1 has it, an Ed25519 and an ECDSA key as SubjectPublicKeyInfo.
BARE_RSA = base64.b64encode(base64.b64decode(RSA_2048)[24:]).decode()
ED25519_SPKI = "MCowBQYDK2VwAyEAzq6IC68N0YTJYXEcOKouMKgHK07l+jTsVGKn8eoBNmE="
ECDSA_SPKI = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElgYnxraZwPa1+XplOvG8F65p6GGNGFzeZOM5Cg0n4ZzzaIyIPiv9VinGeDcF84bQ"
    "ZP6wrSgLz+ox9ZOMccr35g=="
)

word = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
value = st.from_regex(r"([!-:<-~]([ -:<-~]{0,20}[!-:<-~])?)?", fullmatch=True)
keys = st.one_of(
    st.tuples(st.just("rsa"), st.sampled_from([RSA_1024, RSA_2048, ""]).map(base64.b64decode)),
    st.tuples(st.just("ed25519"), st.binary(min_size=32, max_size=32)),
    st.tuples(st.just("future"), st.binary(max_size=64)),
)
records = st.builds(
    lambda key, **fields: Record(key_type=key[0], public_key=key[1], **fields),
    keys,
    hashes=st.frozensets(word, max_size=3),
    services=st.frozensets(word | st.just("*"), min_size=1, max_size=3),
    flags=st.frozensets(word, max_size=3),
    notes=value,
    others=st.dictionaries(word.filter(lambda name: len(name) > 1), value, max_size=3).map(
        lambda d: tuple(d.items())
    ),
)


@given(records)
def test_parse_gives_back_what_text_wrote(record: Record) -> None:
    assert dkim.parse(dkim.text(record)) == record


def test_published_record_is_what_stalwart_shows() -> None:
    """`/api/dns/records` of 0.15.5: `v=DKIM1; k=ed25519; h=sha256; p=…`"""
    assert dkim.text(dkim.published("ed25519", ED25519)) == f"v=DKIM1; k=ed25519; h=sha256; p={ED25519}"
    assert dkim.text(dkim.published("rsa", RSA_2048)) == f"v=DKIM1; k=rsa; h=sha256; p={RSA_2048}"
    assert dkim.owner("ms1-rsa", "example.org") == "ms1-rsa._domainkey.example.org"


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        pytest.param(f"v=DKIM1; p={RSA_1024}", 1024, id="rsa is the default"),
        pytest.param(f"k=rsa; p={RSA_2048};", 2048, id="without a version"),
        pytest.param(f"v=DKIM1; k=ed25519; p={ED25519}", 256, id="RFC 8463 appendix A.2"),
        pytest.param("v=DKIM1; p=", 0, id="revoked"),
        pytest.param("v=DKIM1; k=future; p=AAAA", 0, id="a type that nobody knows"),
    ],
)
def test_key_bits_is_the_size_of_the_key(text: str, bits: int) -> None:
    assert dkim.key_bits(dkim.parse(text)) == bits


def test_blanks_in_the_key_mean_nothing() -> None:
    """RFC 6376 §3.6.1: base64string may be folded."""
    folded = f"v=DKIM1; k=rsa; p= {RSA_1024[:60]} {RSA_1024[60:]} "
    assert dkim.parse(folded).public_key == base64.b64decode(RSA_1024)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"k=rsa; v=DKIM1; p={RSA_1024}",
            'DKIM, column 10: "v=DKIM1" comes first, in exactly these letters, or not at all. (RFC '
            "6376 §3.6.1)",
            id="version second",
        ),
        pytest.param(
            f"v=dkim1; p={RSA_1024}",
            'DKIM, column 3: "v=DKIM1" comes first, in exactly these letters, or not at all. (RFC '
            "6376 §3.6.1)",
            id="version in small letters",
        ),
        pytest.param(
            "v=DKIM1; k=rsa",
            'DKIM, column 15: There is no "p=" with the public key. (RFC 6376 §3.6.1)',
            id="cut off",
        ),
        pytest.param(
            "v=DKIM1; p=AAA",
            "DKIM, column 12: The key is not base64; perhaps a part of it was lost in copying. (RFC "
            "6376 §3.6.1)",
            id="base64 cut",
        ),
        pytest.param(
            f"v=DKIM1; p={RSA_2048[:200]}",
            "DKIM, column 12: This is no rsa key: it ends too early. (RFC 6376 §3.6.1)",
            id="key cut",
        ),
        pytest.param(
            f"v=DKIM1; p={BARE_RSA}",
            "DKIM, column 12: This is no rsa key: it is a bare RSAPublicKey, without the "
            "SubjectPublicKeyInfo around it. (RFC 6376 §3.6.1)",
            id="PKCS#1",
        ),
        pytest.param(
            f"v=DKIM1; k=rsa; p={ECDSA_SPKI}",
            "DKIM, column 19: This is no rsa key: it is not the SubjectPublicKeyInfo of an RSA key. "
            "(RFC 6376 §3.6.1)",
            id="ECDSA",
        ),
        pytest.param(
            f"v=DKIM1; k=rsa; p={ED25519}",
            "DKIM, column 19: This is no rsa key: it ends too early. (RFC 6376 §3.6.1)",
            id="ed25519 key as rsa",
        ),
        pytest.param(
            f"v=DKIM1; k=ed25519; p={ED25519_SPKI}",
            "DKIM, column 23: This is no ed25519 key: it has 44 octets and not 32. (RFC 6376 §3.6.1)",
            id="ed25519 with its wrapping",
        ),
        pytest.param(
            f"v=DKIM1; k=rsa:ed25519; p={ED25519}",
            "DKIM, column 12: A record holds one key, of one type. (RFC 6376 §3.6.1)",
            id="two types",
        ),
        pytest.param(
            f"v=DKIM1; h=sha256:; p={RSA_1024}",
            'DKIM, column 12: "" is no word for h. (RFC 6376 §3.6.1)',
            id="empty hash",
        ),
        pytest.param(
            "v=DKIM1; p=; p=", 'DKIM, column 16: The tag "p" is there twice. (RFC 6376 §3.2)', id="twice"
        ),
        pytest.param(
            "v=DKIM1 p=",
            'DKIM, column 3: "v=DKIM1" comes first, in exactly these letters, or not at all. (RFC '
            "6376 §3.6.1)",
            id="no semicolon",
        ),
    ],
)
def test_parse_says_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        dkim.parse(text)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            "p={}",
            "v=DKIM1; k=rsa; h=sha256; s=*; n=hello; x=y; p={}",
            True,
            id="defaults written out, notes",
        ),
        pytest.param("h=sha1:sha256; p={}", "h=sha256; p={}", True, id="sha1 counts no more"),
        pytest.param("h=sha1; p={}", "h=sha256; p={}", False, id="sha1 alone"),
        pytest.param("p={}", "t=y; p={}", False, id="testing"),
        pytest.param("p={}", "s=email; p={}", False, id="for mail only"),
        pytest.param("p={}", "p=", False, id="revoked"),
    ],
)
def test_same_compares_by_meaning(one: str, other: str, expected: bool) -> None:
    assert dkim.same(dkim.parse(one.format(RSA_1024)), dkim.parse(other.format(RSA_1024))) is expected


@given(st.binary(max_size=80))
def test_any_octets_as_rsa_key_are_a_key_or_a_syntax_problem(octets: bytes) -> None:
    try:
        assert dkim.key_bits(Record(public_key=octets)) >= 0
    except SyntaxProblem as problem:
        assert problem.words.startswith("This is no rsa key: ")
