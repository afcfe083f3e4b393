"""Public halves of private keys, which keys live in config.toml, and what differs between versions."""

from __future__ import annotations

import base64

import pytest

from reconciler.backends.stalwart.local_keys import local_test
from reconciler.backends.stalwart.public_key import public_half
from reconciler.backends.stalwart.versions import traits_of
from reconciler.errors import ReadError
from reconciler.sandbox.dkim_keys import made_key, public_key


def pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"


def test_the_public_half_of_an_rsa_key_is_its_modulus_and_exponent():
    """RFC 8017 A.1.2: version, n, e, ...; a record wants the SubjectPublicKeyInfo (RFC 6376 §3.6.1)."""
    der = bytes.fromhex("300f020100020203e90203010001020101")
    public = bytes.fromhex("301d300d06092a864886f70d0101010500030c003009020203e90203010001")

    assert public_half(pem("RSA PRIVATE KEY", der)) == base64.b64encode(public).decode()


def test_the_public_half_of_an_ed25519_key_is_its_last_part():
    """RFC 5958 §2: the field [1] of version 2; a record wants the bare 32 bytes (RFC 8463 §4.2)."""
    public = bytes(range(32))
    der = bytes.fromhex("3051020101300506032b657004220420") + bytes(32) + bytes.fromhex("812100") + public

    assert public_half(pem("PRIVATE KEY", der)) == base64.b64encode(public).decode()


@pytest.mark.parametrize("algorithm", ["Rsa", "Ed25519"])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_it_is_what_the_server_would_tell(algorithm, seed):
    key = made_key(algorithm, seed)

    assert public_half(key) == public_key(algorithm.lower(), key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%{env:DKIM_KEY}%",
        "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n!!!\n-----END RSA PRIVATE KEY-----",
        pem("RSA PRIVATE KEY", b"\x30\x03\x02\x01"),
        pem("RSA PRIVATE KEY", bytes.fromhex("3003020100")),
        pem("PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420") + bytes(32)),
    ],
    ids=["nothing", "a macro", "empty", "no base64", "torn", "too short", "version 1"],
)
def test_what_does_not_tell_its_public_half_is_none(text):
    assert public_half(text) is None


@pytest.mark.parametrize(
    ("key", "is_local"),
    [
        ("server.hostname", True),
        ("server.allowed-ip.203.0.113.10", False),
        ("server.blocked-ip.203.0.113.10", False),
        ("server.auto-ban.auth.rate", True),
        ("store.db.path", True),
        ("certificate.default.cert", True),
        ("authentication.fallback-admin.secret", True),
        ("authentication.other", False),
        ("storage.data", True),
        ("storage.data.more", False),
        ("storage.directory", True),
        ("enterprise.license-key", True),
        ("lookup.default.hostname", False),
        ("session.rcpt.max-recipients", False),
        ("serverx.hostname", False),
    ],
)
def test_which_keys_live_in_the_file_by_default(key, is_local):
    assert local_test({})(key) is is_local


def test_a_set_of_their_own_replaces_the_defaults_and_an_exclusion_wins():
    test = local_test(
        {
            "config.local-keys.0000": "a.*.z",
            "config.local-keys.0001": "session.*",
            "config.local-keys.0002": "!session.rcpt.*",
        }
    )

    assert [test(k) for k in ("a.b.z", "a.b", "session.x", "session.rcpt.x", "server.hostname")] == [
        *(True, False, True, False, False)
    ]


@pytest.mark.parametrize(
    ("version", "keeps", "breaks"),
    [
        ("0.11.8", True, True),
        ("0.12.5", True, True),
        ("0.13.0", True, True),
        ("0.13.1", True, False),
        ("0.14.0", False, False),
        ("0.15.5", False, False),
    ],
)
def test_what_differs_between_versions(version, keeps, breaks):
    traits = traits_of(version)

    assert (traits.version, traits.keeps_passwords, traits.local_write_breaks_boot) == (
        version,
        keeps,
        breaks,
    )


@pytest.mark.parametrize("version", ["0.10.9", "0.16.0", "1.0.0", "", "nonsense", "0.15"])
def test_other_versions_are_refused(version):
    with pytest.raises(ReadError, match="is not supported"):
        traits_of(version)
