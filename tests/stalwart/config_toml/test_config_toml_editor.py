"""Edits of a config.toml, before and after: one file in edits/ for each, to be read from top to bottom."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from reconciler.backends.stalwart.config_toml.editor import Delete, Set, edit
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.errors import WriteError

CASES = sorted((Path(__file__).parent / "edits").glob("*.case"))


def edited(before, *edits):
    return edit(read(before.encode(), file="config.toml"), edits).decode()


def parse(text):
    """Return the edits, the file before, what becomes of it, and the file after."""
    head, _, rest = text.partition("=== before\n")
    before, mark, after = rest.partition("=== after\n")
    if not mark:
        before, _, mark = rest.partition("=== refused ")
    edits = []
    for line in head.splitlines()[1:]:
        verb, key, *value = line.split(" ", 2)
        edits.append(Set(key=key, value=json.loads(value[0])) if verb == "set" else Delete(key=key))
    return edits, before, mark.strip(), after


def is_toml(text):
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_edit_gives_the_text_that_a_person_would_write(path):
    edits, before, mark, after = parse(path.read_text(encoding="utf-8"))
    try:
        found = "=== after", edited(before, *edits)
    except WriteError as error:
        (problem,) = error.problems
        place = str(problem.where).removeprefix("config.toml").removeprefix(":")
        found = f"{problem.rule} {place}".strip(), ""

    assert (mark, after) == found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_file_that_was_toml_stays_toml(path):
    _, before, mark, after = parse(path.read_text(encoding="utf-8"))

    assert mark != "=== after" or is_toml(after) >= is_toml(before)


def test_newlines_are_those_of_the_file():
    before = '[server]\r\nbind = [\r\n  "a",\r\n]\r\n\r\n[b]\r\nx = 1\r\n'

    after = edited(
        before,
        Set(key="server.bind.0001", value="b"),
        Set(key="server.hostname", value="mail"),
        Set(key="server.listener.x", value="1"),
        Set(key="c.d", value="y"),
    )

    assert (
        '[server]\r\nbind = [\r\n  "a",\r\n  "b",\r\n]\r\nhostname = "mail"\r\nlistener.x = 1\r\n\r\n'
        '[b]\r\nx = 1\r\n\r\n[c]\r\nd = "y"\r\n'
    ) == after


def test_newlines_in_a_text_are_line_feeds():
    """Behind CR LF Stalwart does not trim the first newline of a text in three quotes."""
    after = edited("[a]\r\nb = 1\r\n", Set(key="a.c", value="one\ntwo\n"))

    assert "[a]\r\nb = 1\r\nc = '''\none\ntwo\n'''\r\n" == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a]\nb = 1 # no newline", "[a]\nb = 1 # no newline\nc = 2\n"),
        ("[b]\nx = 1\n[a]", "[b]\nx = 1\n[a]\nc = 2\n"),
        ("# no newline", "# no newline\n\n[a]\nc = 2\n"),
        ("[b]\n[a] # no newline", "[b]\n[a] # no newline\nc = 2\n"),
    ],
)
def test_a_last_line_without_a_newline_gets_one(before, after):
    assert after == edited(before, Set(key="a.c", value="2"))


@pytest.mark.parametrize(
    "value", ["", " ", "\n", "\n\nx", "x\n", "'", "''", '"', "\"\n'''", "\\", "\tx\\\n", "é→", "#", "=", "]"]
)
@pytest.mark.parametrize(
    "before", ['a.b = "x"\n', "a.b = 'x'\n", "a.b = 1\n", "a.b = '''x'''\n", 'a.b = """x"""\n', "a.c = 1\n"]
)
def test_a_value_that_some_quotes_can_hold_is_written(before, value):
    after = edited(before, Set(key="a.b", value=value))

    assert value == read(after.encode(), file="config.toml").values["a.b"]


def test_without_edits_the_bytes_are_the_same():
    before = b"[a]\r\n\tb='x'\n# end"

    assert before == edit(read(before, file="config.toml"), [])


def test_two_edits_of_one_key_are_the_callers_error():
    config = read(b"a = 1\n", file="config.toml")

    with pytest.raises(ValueError, match="two edits of one key"):
        edit(config, [Set(key="a", value="2"), Delete(key="a")])


def test_a_file_that_an_old_server_reads_is_one_that_it_reads_afterwards():
    before = read(b'[server]\nallowed-ip.192.0.2.1 = ""\n', file="config.toml", odd_keys=False)

    after = edit(before, [Set(key="server.allowed-ip.2001:db8::/32", value="")])

    assert ["server.allowed-ip.192.0.2.1", "server.allowed-ip.2001:db8::/32"] == sorted(
        read(after, file="config.toml", odd_keys=False).values
    )


@pytest.mark.parametrize("value", ["hunter2\x00", "hunter2\\'", "%{env:X}% hunter2 %{env:Y"])
@pytest.mark.parametrize("before", ["[a]\nsecret = 1\n", "[a]\nb = 1\n", "a = [1]\n"])
def test_no_message_holds_a_value(before, value):
    key = "a.0001" if before[0] == "a" else "a.secret"

    with pytest.raises(WriteError) as caught:
        edited(before, Set(key=key, value=value))

    assert "hunter2" not in str(caught.value)


def test_no_repr_holds_a_value():
    assert "hunter2" not in repr(Set(key="a", value="hunter2"))


def test_a_refused_value_says_why():
    with pytest.raises(WriteError) as caught:
        edited("[a]\nb = 1\n", Set(key="a.b", value="\\'"))

    assert (
        "config.toml:2:1: value cannot be written in config.toml\n"
        "    a.b: Stalwart and TOML do not read the same text for it in any kind of quotes.  Control characters, and\n"
        "    backslashes beside ''' or in front of a last ', are what makes a value so."
    ) == str(caught.value)
