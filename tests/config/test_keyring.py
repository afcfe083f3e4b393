"""Secrets are opened late, each command once, and what goes wrong is told without them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.keyring import FILE_MAX, Keyring
from reconciler.config.load import load
from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given, Secret, SecretRef
from reconciler.config.tree import Path as YamlPath
from reconciler.errors import InputError, Where

AT: YamlPath = ("accounts", "alice", "password")
NAME = "a secret that cannot be had"

Make = Callable[..., Keyring]


@pytest.fixture
def keyring(tmp_path: Path) -> Make:
    def make(seconds: float = 60, **environ: str) -> Keyring:
        where = Where(file="f.yaml", line=5, column=3)
        return Keyring(base=str(tmp_path), environ=environ, where=lambda path: where, command_seconds=seconds)

    return make


def python(code: str, *arguments: str, key: str | None = None) -> FromCommand:
    return FromCommand(at=AT, command=(sys.executable, "-c", code, *arguments), key=key)


def told(keyring: Keyring, ref: SecretRef) -> str:
    with pytest.raises(InputError) as caught:
        keyring.resolve(ref)
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    return str(caught.value)


def test_an_environment_variable_is_read(keyring: Make) -> None:
    assert "s3cret" == keyring(X="s3cret\n").resolve(FromEnv(env="X")).reveal()


def test_a_variable_that_is_not_set_is_told(keyring: Make) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    The environment variable X is not set."
    assert expected == told(keyring(), FromEnv(at=AT, env="X"))


def test_an_empty_variable_is_told(keyring: Make) -> None:
    expected = "f.yaml:5:3: an empty secret\n    The environment variable X holds nothing."
    assert expected == told(keyring(X=""), FromEnv(at=AT, env="X"))


def test_a_variable_that_is_no_text_is_told(keyring: Make) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    The environment variable X is not UTF-8 text."
    assert expected == told(keyring(X="a\udcff"), FromEnv(at=AT, env="X"))


@pytest.mark.parametrize(
    ("data", "secret"),
    [(b"s3cret", "s3cret"), (b"s3cret\n", "s3cret"), (b"s3cret\r\n", "s3cret"), (b" a\n\n", " a\n")],
)
def test_a_file_is_read_without_its_last_line_end(
    data: bytes, secret: str, keyring: Make, tmp_path: Path
) -> None:
    (tmp_path / "s").write_bytes(data)
    assert secret == keyring().resolve(FromFile(file="s")).reveal()


def test_a_file_that_others_may_read_is_no_error(keyring: Make, tmp_path: Path) -> None:
    file = tmp_path / "s"
    file.write_text("s3cret")
    file.chmod(0o644)
    assert "s3cret" == keyring().resolve(FromFile(file=str(file))).reveal()


def test_a_file_that_is_not_there_is_told(keyring: Make, tmp_path: Path) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    There is no file {tmp_path}/s."
    assert expected == told(keyring(), FromFile(at=AT, file="s"))


def test_a_folder_is_told(keyring: Make, tmp_path: Path) -> None:
    assert f"f.yaml:5:3: {NAME}\n    {tmp_path} is a folder." == told(keyring(), FromFile(at=AT, file="."))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "an empty secret\n    The file s holds nothing."),
        (b"\n", "an empty secret\n    The file s holds nothing."),
        (b"\xff", NAME + "\n    The file {0}/s is not UTF-8 text."),
        (
            b"x" * (FILE_MAX + 1),
            NAME + "\n    The file {0}/s is longer than 65536 bytes: that is no password.",
        ),
    ],
    ids=["empty", "a line end", "not UTF-8", "too long"],
)
def test_a_file_without_a_secret_is_told(data: bytes, why: str, keyring: Make, tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(data)
    assert f"f.yaml:5:3: {why.format(tmp_path)}" == told(keyring(), FromFile(at=AT, file="s"))


def test_a_command_is_run_without_a_shell_in_the_folder_of_the_stack(keyring: Make, tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), sys.argv[1], sys.stdin.read(), os.environ['X'])"
    found = keyring(X="x").resolve(python(code, "$HOME; echo")).reveal()
    assert f"{tmp_path.resolve()} $HOME; echo  x" == found


def test_a_command_is_run_once_for_all_its_secrets(keyring: Make, tmp_path: Path) -> None:
    code = 'open(\'runs\', \'a\').write(\'x\'); print(\'{"a": "1", "b": {"c": 2, "d": true}, "b.x": "y"}\')'
    opened = keyring()
    found = [opened.resolve(python(code, key=key)).reveal() for key in ("a", "b.c", "b.d", "b.x")]
    assert (["1", "2", "true", "y"], "x") == (found, (tmp_path / "runs").read_text())


def test_a_command_that_fails_is_run_once(keyring: Make, tmp_path: Path) -> None:
    opened = keyring()
    ref = python("open('runs', 'a').write('x'); raise SystemExit(3)")
    assert told(opened, ref) == told(opened, ref)
    assert "x" == (tmp_path / "runs").read_text()


def test_yaml_is_looked_into_as_well(keyring: Make) -> None:
    ref = python("print('admin: 007\\nbob:\\n  - x')", key="admin")
    assert "007" == keyring().resolve(ref).reveal()


@pytest.mark.parametrize(
    ("code", "key", "why"),
    [
        ("raise SystemExit(3)", None, "The program {0} ended with exit code 3."),
        ("import os; os.write(1, bytes([255]))", None, "What {0} printed is not UTF-8 text."),
        ("print('{')", "a", "What {0} printed is neither JSON nor YAML, so there is no key in it."),
        ("print('canary')", "a", "What {0} printed has no key a."),
        ('print(\'{"b": "canary"}\')', "a.c", "What {0} printed has no key a.c."),
        ('print(\'{"a": {"b": "canary"}}\')', "a", "In what {0} printed, the key a has no single value."),
        ("print('a:')", "a", "In what {0} printed, the key a has no single value."),
    ],
)
def test_a_command_without_a_secret_is_told(code: str, key: str | None, why: str, keyring: Make) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    {why.format(sys.executable)}"
    assert expected == told(keyring(), python(code, key=key))


def test_a_command_that_prints_nothing_is_told(keyring: Make) -> None:
    expected = f"f.yaml:5:3: an empty secret\n    The command {sys.executable} holds nothing."
    assert expected == told(keyring(), python("print()"))


def test_a_program_that_is_not_there_is_told(keyring: Make) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    There is no program no-such-program."
    assert expected == told(keyring(), FromCommand(at=AT, command=("no-such-program",)))


def test_a_folder_is_no_program(keyring: Make, tmp_path: Path) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    The program {tmp_path} cannot be run."
    assert expected == told(keyring(), FromCommand(at=AT, command=(str(tmp_path),)))


def test_a_command_that_does_not_end_is_stopped(keyring: Make) -> None:
    expected = f"f.yaml:5:3: {NAME}\n    The program {sys.executable} did not end within 0.2 seconds."
    ref = python("import time; time.sleep(60)")
    assert expected == told(keyring(0.2), ref)


def test_a_hash_in_the_file_is_itself(keyring: Make) -> None:
    assert "$6$a$b" == keyring().resolve(Given(secret=Secret("$6$a$b"))).reveal()


def test_all_missing_secrets_are_told_at_once(keyring: Make) -> None:
    refs: list[SecretRef] = [
        FromEnv(at=AT, env="A"),
        FromEnv(at=AT, env="B"),
        FromFile(at=AT, file="c"),
        FromEnv(at=AT, env="D"),
    ]
    problems = keyring(B="s3cret", D="").missing(refs)
    assert [NAME, NAME, "an empty secret"] == [problem.summary for problem in problems]


def test_loading_a_stack_opens_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "mailstack.yaml"
    file.write_text(
        "version: 1\ndomain: example.org\n"
        f"accounts: {{a: {{password: {{command: [touch, {tmp_path}/ran]}}}}, b: {{password: {{file: missing}}}}}}\n"
    )
    load(str(file))
    assert not (tmp_path / "ran").exists()
