"""A secret shows nothing, whatever is done to it."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import traceback

import pytest

from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given, Secret, SecretRef, is_hash

CANARY = "canary-4711"


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(CANARY)),
        str(Secret(CANARY)),
        f"{Secret(CANARY)}",
        f"{Secret(CANARY)!r:>40}",
        f"{Secret(CANARY):>40}",
        "%s %r" % (Secret(CANARY), Secret(CANARY)),  # noqa: UP031  the old way must be safe, too
        repr([Secret(CANARY)]),
        repr({"a": Given(secret=Secret(CANARY))}),
        str(Given(secret=Secret(CANARY))),
        repr(dataclasses.asdict(Given(secret=Secret(CANARY)))),
        repr(copy.deepcopy(Secret(CANARY))),
        repr(copy.copy(Secret(CANARY))),
    ],
)
def test_no_text_of_a_secret_has_it(shown: str) -> None:
    assert CANARY not in shown


def test_a_secret_is_told_on_request_only() -> None:
    assert CANARY == Secret(CANARY).reveal()
    assert CANARY == copy.deepcopy(Secret(CANARY)).reveal()


def test_attributes_of_a_secret_hold_no_text() -> None:
    secret = Secret(CANARY)
    found = [getattr(secret, name) for name in dir(secret) if not name.startswith("__")]
    assert CANARY not in found
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match=r"^a secret is never pickled$"):
        pickle.dumps(Secret(CANARY), protocol)


def test_a_secret_is_never_json() -> None:
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(CANARY)})


def test_a_traceback_with_all_locals_has_no_secret() -> None:
    def login(password: Secret) -> None:
        raise ValueError(f"cannot log in with {password}")

    try:
        login(Secret(CANARY))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "password = (secret)" in shown
    assert CANARY not in shown.replace(f'CANARY = "{CANARY}"', "")


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert {Secret("a")} == {Secret("a"), Secret("a")}


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        (FromEnv(env="X"), "the environment variable X"),
        (FromFile(file="s/x"), "the file s/x"),
        (FromCommand(command=("sops", "-d", CANARY)), "the command sops"),
        (FromCommand(command=("sops",), key="a.b"), "the command sops, key a.b"),
        (Given(secret=Secret(CANARY)), "the hash in the file"),
    ],
)
def test_a_reference_says_where_its_secret_lies(ref: SecretRef, words: str) -> None:
    assert words == str(ref)
    assert isinstance(ref, SecretRef)


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        "$pbkdf2-sha256$i=29000$c2FsdA$aGFzaA",
        "$scrypt$ln=16,r=8,p=1$c2FsdA$aGFzaA",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$6$salt$hash",
        "$5$rounds=5000$salt$hash",
        "$1$salt$hash",
        "$sha1$40000$salt$hash",
        "_J9..rasmBYk8r9AiWNc",
        "{SSHA512}aGFzaA==",
        "{CRYPT}$6$salt$hash",
        "{crypt}ab.cdefghijkl",
        "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    ],
)
def test_what_the_server_takes_for_a_hash_is_one(text: str) -> None:
    assert is_hash(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "$",
        "$y$j9T$abc",
        "$7$abc",
        "{BLF-CRYPT}x",
        "{PLAIN}x",
        "{CLEAR}x",
        "_short",
        "$1",
        "$6$a b",
        "{SHA}",
    ],
)
def test_what_the_server_takes_for_a_plain_text_is_no_hash(text: str) -> None:
    assert not is_hash(text)
