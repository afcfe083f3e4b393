"""Every fault of a file is told, at its place, in words; the cases are in bad_input.txt, to be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.load import load
from reconciler.errors import InputError

_CASE = re.compile(r"=== (?P<name>.*)\n(?P<text>(?:.*\n)*?)--- is told\n(?P<told>(?:.*\n)*)")


def _cases() -> dict[str, tuple[str, str]]:
    whole = (Path(__file__).parent / "bad_input.txt").read_text(encoding="utf-8")
    cases = {}
    for block in re.split(r"(?m)^(?==== )", whole)[1:]:
        found = _CASE.fullmatch(block)
        assert found, f"a case without its two parts: {block[:60]}"
        cases[found["name"]] = (found["text"], found["told"].rstrip("\n"))
    return cases


CASES = _cases()


@pytest.mark.parametrize(("text", "told"), CASES.values(), ids=CASES.keys())
def test_a_bad_stack_is_told(text: str, told: str, faults: Callable[[str], str]) -> None:
    assert told == faults(text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = str(tmp_path / "mailstack.yaml")
    with pytest.raises(InputError) as caught:
        load(file)
    expected = (
        f"{file}: there is no such file\n"
        "    Name the stack with -f FILE, or write one: mailstack.yaml is looked for here and above."
    )
    assert expected == str(caught.value)


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(str(tmp_path))
    assert f"{tmp_path}: this is a folder\n    Name the file in it with -f FILE." == str(caught.value)


def test_a_name_that_no_file_can_have_is_told() -> None:
    with pytest.raises(InputError) as caught:
        load("a\0b")
    assert "this file cannot be read" == caught.value.problems[0].summary


def test_suggestions_stop_when_there_are_too_many_faults(faults: Callable[[str], str]) -> None:
    """Looking for near names takes time in proportion to all names."""
    aliases = "".join(f"  a{n}: alcie\n" for n in range(50))
    told = faults(f"version: 1\ndomain: example.org\naccounts: {{alice: {{}}}}\naliases:\n{aliases}")
    assert (50, 20) == (told.count("an account that is not declared"), told.count("Did you mean"))
