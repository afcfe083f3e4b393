from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.mail import der
from reconciler.mail.der import DerError

ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of less than 128 octets."""
    content = b"".join(parts)
    return bytes((der.SEQUENCE, len(content))) + content


def test_modulus_is_counted_without_leading_zeros() -> None:
    key = sequence(bytes.fromhex("02030080ff"), bytes.fromhex("020103"))
    assert der.rsa_bits(sequence(ALGORITHM, bytes((der.BIT_STRING, len(key) + 1, 0)) + key)) == 16


@pytest.mark.parametrize(
    ("read", "data", "words"),
    [
        pytest.param(der.rsa_bits, b"", "it is not one SEQUENCE", id="nothing"),
        pytest.param(der.rsa_bits, bytes.fromhex("30"), "it ends too early", id="a tag alone"),
        pytest.param(der.rsa_bits, bytes.fromhex("3080"), "a length that is none", id="indefinite length"),
        pytest.param(
            der.rsa_bits, bytes.fromhex("30850000000001"), "a length that is none", id="huge length"
        ),
        pytest.param(der.rsa_bits, sequence() + sequence(), "it is not one SEQUENCE", id="two"),
        pytest.param(
            der.rsa_bits,
            sequence(ALGORITHM, bytes.fromhex("0303003000")),
            "the RSA key in it is not two numbers",
            id="no numbers",
        ),
        pytest.param(der.public_key_of, sequence(), "it is not a certificate", id="empty certificate"),
        pytest.param(
            der.public_key_of,
            sequence(sequence(b"\x02\x01\x01")),
            "it is not a certificate",
            id="serial only",
        ),
    ],
)
def test_other_octets_are_told(read: Callable[[bytes], object], data: bytes, words: str) -> None:
    with pytest.raises(DerError) as caught:
        read(data)
    assert str(caught.value) == words
