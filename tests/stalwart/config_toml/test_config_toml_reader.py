"""Every file of the corpus is one rule of Stalwart's dialect; test_config_toml_real asks real servers the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.backends.stalwart.config_toml.tree import Form
from reconciler.errors import InputError, Where

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(CORPUS.glob("*.toml"))


def outcome(data, *, odd_keys=True):
    """Return what reading gives, as the JSON beside a file of the corpus says it."""
    try:
        return {"keys": read(data, file="config.toml", odd_keys=odd_keys).values}
    except InputError as error:
        (problem,) = error.problems
        return {"refused": problem.rule, "line": problem.where.line, "column": problem.where.column}


def expected(path, *, odd_keys=True):
    spec = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if not odd_keys:
        spec = spec.get("up to 0.13.0", spec)
    return {key: spec[key] for key in ("keys", "refused", "line", "column") if key in spec}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_the_corpus_reads_as_the_server_reads_it(path):
    assert expected(path) == outcome(path.read_bytes())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_the_corpus_reads_as_servers_up_to_0_13_0_read_it(path):
    assert expected(path, odd_keys=False) == outcome(path.read_bytes(), odd_keys=False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_span_holds_the_value_and_nothing_else(path):
    data = path.read_bytes()
    if "keys" not in outcome(data):
        return
    for entry in read(data, file="config.toml").entries.values():
        text = data[entry.start : entry.end]
        is_member = entry.path[-1].value.form is Form.MEMBER
        line = b"a = { %s }\n" % text if is_member else b"a = %s\n" % text

        (value,) = read(line, file="span").values.values()

        assert entry.value == value


def test_an_entry_says_its_table_and_the_place_of_its_key():
    data = b'a = 1\n[server.listener.smtp]\n  bind = [\n "x", "y" ]\ntls = { enable = true }\n'

    config = read(data, file="config.toml")

    assert {
        "a": ("", Where(file="config.toml", line=1, column=1)),
        "server.listener.smtp.bind.0000": (
            "server.listener.smtp",
            Where(file="config.toml", line=4, column=2),
        ),
        "server.listener.smtp.bind.0001": (
            "server.listener.smtp",
            Where(file="config.toml", line=4, column=7),
        ),
        "server.listener.smtp.tls.enable": (
            "server.listener.smtp",
            Where(file="config.toml", line=5, column=9),
        ),
    } == {key: (entry.table, config.where(entry)) for key, entry in config.entries.items()}


def test_a_column_counts_characters():
    with pytest.raises(InputError) as caught:
        read('[a."größe"/]\n'.encode(), file="config.toml")

    assert "config.toml:1:11" == str(caught.value.problems[0].where)


@pytest.mark.parametrize(
    "text",
    [
        'secret = "hunter2" x\n',
        "secret = hunter2/x\n",
        'secret = "hunter2\n',
        'secret = "hunter2"\nsecret = "hunter2"\n',
        'secret = "hunter2"',
        'secret = ["hunter2" x]\n',
        "secret = '''hunter2\n",
        "secret = hunter2\u0301\n",
        "secret = \"hunter2\\\\\"\nb = 'x'\n",
    ],
)
def test_no_message_holds_a_value(text):
    with pytest.raises(InputError) as caught:
        read(text.encode(), file="config.toml")

    assert "hunter" not in str(caught.value)


def test_no_repr_holds_a_value():
    config = read(b'secret = "hunter2"\nlist = ["hunter2"]\n', file="config.toml")

    assert "hunter" not in repr(config) + repr(config.entries["secret"]) + repr(config.sections)


def test_a_refusal_says_what_and_where_and_what_to_do():
    with pytest.raises(InputError) as caught:
        read(b'server.allowed-ip.10.0.0.0/8 = ""\n', file="etc/config.toml", odd_keys=False)

    assert (
        "etc/config.toml:1:27: character '/' in a key without quotes\n"
        "    Stalwart up to 0.13.0 does not start with such a file.  Write this part of the key in double\n"
        '    quotes, as in `server.allowed-ip."2001:db8::1"`.'
    ) == str(caught.value)


def test_a_string_that_was_left_open_is_named_by_its_first_line():
    with pytest.raises(InputError) as caught:
        read(b'a = "x\nb = 2\nc = "y"\n', file="config.toml")

    assert (
        "config.toml:3:6: character 'y' behind a value\n"
        "    Here stands a newline or a comment, behind a string that begins on line 1.\n"
        '    Is its closing quote missing, or behind a backslash?  Also `\\\\"` does not end a string.'
    ) == str(caught.value)
