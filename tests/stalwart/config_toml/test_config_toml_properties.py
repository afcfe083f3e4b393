"""What holds for any text: it is read or refused with a place, and an edit changes what it is about and nothing else."""

from __future__ import annotations

import tomllib

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.backends.stalwart.config_toml.editor import Delete, Set, edit
from reconciler.backends.stalwart.config_toml.reader import read
from reconciler.errors import InputError, WriteError

# Pieces that mean something to the reader, so that chance finds its corners.
PIECES = st.sampled_from(
    [
        *("a", "b.c", "A", '"q r"', "x.y", "1", "true", "é", "\u0301", "\ufeff", "=", " = ", ",", "# c"),
        *("\n", "\n", "\r\n", " ", "[", "]", "[[", "]]", "{", "}"),
        *('"', "'", "'''", '"""', "\\", "\\\\", "\\n"),
        *("[t]\n", "[[u]]\n", '"v"', "''", "[1, 2]", "{ x = 1 }", '{ "m", "n" }'),
        *("%{env:X}%", "10.0.0.0/8", '"2001:db8::1"'),
    ]
)
SOUP = st.lists(PIECES, max_size=25).map("".join)

KEYS = st.sampled_from(["a", "b.c", "A.x", '"q r"', "x.y", "x.z.w", 'ip."10.0.0.0/8"', "n.0000"])
VALUES = st.sampled_from(
    [
        *('"v"', "'v'", "25", "foo", "'''\nr\n'''", '"""r"""', '""'),
        *("[1, 2]", "[\n  'x', # c\n  'y',\n]", "[[1], []]", "[{ x = 1 }, { y = 2 }]"),
        *("{ x = 1, y = 'z' }", '{ "m", "n" }'),
    ]
)
LINES = st.builds("{} = {}{}".format, KEYS, VALUES, st.sampled_from(["\n", " # about it\n", "\r\n"]))
COMMENTS = st.sampled_from(["# a comment\n", "\n", "  # another\n"])
HEADERS = st.sampled_from(["[t]\n", "\n[x.z]\n", "[[u]]\n", "[ip] # c\n", "\n# about it\n[A]\n"])
# A table always holds something: the header of one that holds nothing goes with what an edit put there.
TABLES = st.builds(lambda header, line, more: header + line + more, HEADERS, LINES, COMMENTS | st.just(""))
FILES = st.lists(COMMENTS | LINES | TABLES, max_size=10).map("".join)

NEW_KEYS = st.sampled_from(
    [
        *("server.hostname", "ip.2001:db8::1", "ip.10.9.0.0/16", "top", "A.new"),
        *("x.new", "x.z.new", "t.new", "u.0000.new", "b.c.o", "t.x.y.0002", "n.0001"),
    ]
)
# Values with what quotes, escapes, macros and newlines are made of, and any others.
NEW_VALUES = (
    st.text(alphabet="ab\"'\\\n\t%{}:env#=", max_size=12)
    | st.sampled_from(["true", "25", "mail.example.org", ""])
    | st.text()
)


def readable(text):
    try:
        return read(text.encode(), file="config.toml")
    except InputError:
        return None


@given(st.text() | SOUP)
def test_any_text_is_read_or_refused_with_its_place(text):
    try:
        config = read(text.encode(), file="config.toml")
    except InputError as error:
        (problem,) = error.problems
        assert 1 <= problem.where.line <= text.count("\n") + 1
        assert 1 <= problem.where.column <= len(text) + 1
        assert problem.rule and problem.summary and problem.detail
    else:
        assert [entry.value for entry in config.entries.values()] == list(config.values.values())


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    try:
        read(data, file="config.toml")
    except InputError as error:
        assert all(problem.where.line for problem in error.problems)


@given(SOUP)
def test_what_servers_up_to_0_13_0_read_later_ones_read_alike(text):
    try:
        before = read(text.encode(), file="config.toml", odd_keys=False).values
    except InputError:
        return
    assert before == read(text.encode(), file="config.toml").values


@given(FILES, st.data())
def test_an_edit_changes_its_keys_and_nothing_else(text, data):
    config = readable(text)
    assume(config is not None)
    keys = NEW_KEYS | st.sampled_from(sorted(config.entries)) if config.entries else NEW_KEYS
    wanted = data.draw(st.dictionaries(keys, NEW_VALUES | st.none(), max_size=3))
    edits = [
        Delete(key=key) if value is None else Set(key=key, value=value)
        for key, value in wanted.items()
        if value is not None or key in config.entries
    ]
    try:
        after = edit(config, edits)
    except WriteError as error:
        assert error.problems[0].rule != "config-unproved"
        return

    intended = {key: value for key, value in (config.values | wanted).items() if value is not None}
    assert intended == read(after, file="config.toml").values


@given(FILES, NEW_KEYS, NEW_VALUES)
def test_a_key_that_is_added_and_deleted_leaves_the_same_bytes(text, key, value):
    config = readable(text)
    assume(config is not None and key not in config.entries)
    try:
        after = edit(config, [Set(key=key, value=value)])
    except WriteError:
        assume(False)

    assert config.data == edit(read(after, file="config.toml"), [Delete(key=key)])


@given(FILES, NEW_KEYS, NEW_VALUES)
def test_a_key_that_is_added_takes_no_byte_away(text, key, value):
    config = readable(text)
    assume(config is not None and key not in config.entries)
    try:
        after = edit(config, [Set(key=key, value=value)])
    except WriteError:
        assume(False)

    rest = iter(after)
    assert all(byte in rest for byte in config.data)


@given(FILES, st.data())
def test_a_value_that_is_changed_and_changed_back_leaves_the_same_bytes(text, data):
    """In single or double quotes, and as a number; other ways to write are not always found again."""
    config = readable(text)
    assume(config is not None)
    plain = [
        entry for entry in config.entries.values() if entry.value in ("v", "x", "y", "z", "25", "1", "2")
    ]
    assume(plain)
    entry = data.draw(st.sampled_from(plain))
    other = "30" if entry.value.isdigit() else "mail.example.org"

    between = edit(config, [Set(key=entry.key, value=other)])

    assert config.data == edit(read(between, file="config.toml"), [Set(key=entry.key, value=entry.value)])


@given(NEW_KEYS, NEW_VALUES)
def test_what_we_write_is_toml_with_the_same_value(key, value):
    try:
        after = edit(read(b"", file="config.toml"), [Set(key=key, value=value)])
    except WriteError:
        assume(False)

    (found,) = _texts(tomllib.loads(after.decode()))
    assert value == found


def _texts(table):
    for value in table.values():
        if isinstance(value, dict):
            yield from _texts(value)
        else:
            yield str(value).lower() if isinstance(value, bool) else str(value)
