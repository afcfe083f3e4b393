"""YAML's own errors come with their place and in words, the same from both parsers."""

from __future__ import annotations

import pytest

from reconciler.config.events import parse
from reconciler.errors import InputError

_QUOTE = 'A text that begins with "{0}" must be in quotes: write "{0}" in quotes.'

CASES = {
    "at-sign": ("name: @", '1:7: "@" without quotes', _QUOTE.format("@")),
    "backtick": ("a: `x`", '1:4: "`" without quotes', _QUOTE.format("`")),
    "percent": ("a: %x", '1:4: "%" without quotes', _QUOTE.format("%")),
    "star": ("value: *.example.org", '1:8: "*" without quotes', _QUOTE.format("*")),
    "ampersand": ("value: &.x", '1:8: "&" without quotes', _QUOTE.format("&")),
    "tab at the top": (
        "\ta: 1",
        "1:1: a tab in the indentation",
        "YAML indents with spaces only.  Replace the tab by spaces.",
    ),
    "tab after a key": (
        "a: 1\n\tb: 2",
        "2:1: a tab in the indentation",
        "YAML indents with spaces only.  Replace the tab by spaces.",
    ),
    "no space, then a key": (
        "version:1\ndomain: example.org",
        "1:8: no space after the colon",
        'After the colon of a key a space is needed: "version: ...".',
    ),
    "no space, deeper": (
        "accounts:\n  alice:\n    name:Alice\n    quota: 5GiB",
        "3:9: no space after the colon",
        'After the colon of a key a space is needed: "name: ...".',
    ),
    "second colon": (
        "a:\n  name: Alice: the boss",
        "2:14: a second colon in one line",
        'A text that contains ": " must be in quotes.',
    ),
    "deeper than its neighbour": (
        "a: 1\n  b: 2",
        "2:3: a key in the middle of a value",
        "This line is indented deeper than the one above, which has a value already.  "
        "Indent it like its neighbours.",
    ),
    "between two levels": (
        "a:\n  b: 1\n c: 2",
        "3:2: the indentation fits nothing",
        "This line is indented like no line above it.  Indent it exactly like the keys that it belongs to.",
    ),
    "line without a key": (
        "a: b\nc",
        "2:1: a line without a key",
        'A line here is "key: value".  There is no colon with a space after it.',
    ),
    "no text before the colon": (
        ": x",
        "1:1: a key is missing",
        "There is no text before this colon.",
    ),
    "bracket at the end of the file": (
        "a: [b, c",
        '1:4: "[" that is not closed',
        'There is no "]" for this "[", or a comma is missing.',
    ),
    "brace over several lines": (
        "a: {b: c\nd: e",
        '1:4: "{" that is not closed',
        'There is no "}" for this "{", or a comma is missing.',
    ),
    "wrong bracket": (
        "a: [b, c}\n",
        '1:9: a "," or "]" is missing',
        'The "[" of column 4 wants a "," or a "]" here.  A text with one of , [ ] { } in it must be in quotes.',
    ),
    "bracket that nobody opened": (
        "a: ]",
        '1:4: an unexpected "]"',
        'There is nothing open that this "]" could belong to.  A text with it must be in quotes.',
    ),
    "braces in braces": (
        "a: {{x}}",
        "1:5: a key must be a text",
        "Here a list or a mapping stands where a key belongs.  "
        "A text with braces or brackets must be in quotes.",
    ),
    "open quote": (
        'a: "x\nb: y',
        "1:4: a quote that is not closed",
        "The text that begins here has no closing quote.",
    ),
    "text after a quote": (
        "a: 'it's'",
        "1:8: text after the end of a value",
        "A value ends at its closing quote or bracket.  Put the whole text in quotes; "
        "a ' inside '...' is written twice.",
    ),
    "list beside a key": (
        "a: - b",
        "1:4: a list cannot begin here",
        'Begin the list on the next line, each item after "- ", or write [a, b].',
    ),
    "item under a mapping": (
        "a: x\n- b",
        "2:1: a list item that belongs to nothing",
        'A key is expected here.  Indent the "- " like the items above it, or below its key.',
    ),
    "key after items": (
        "- a\nb: c",
        "2:1: a key inside a list",
        'Above are list items.  Begin this line with "- ", too, or indent it like the list\'s key.',
    ),
    "text beside a block sign": (
        "a: |x\n b",
        "1:4: text on the line of a block sign",
        'After "|" or ">" the text begins on the next line.',
    ),
    "tag": (
        "a: !secret b",
        "1:4: YAML tags are not read",
        'A word that begins with "!" is a tag.  If it is meant as text, write the value in quotes; '
        "a secret is written {env: NAME}, {file: path} or {command: [...]}.",
    ),
    "unknown tag handle": (
        "a: !x!y z",
        "1:4: YAML tags are not read",
        'A word that begins with "!" is a YAML tag.  If it is meant as text, write the value in quotes.',
    ),
    "directive": (
        "%YAML 2.0\n---\na: 1",
        "1:1: a YAML directive that is not understood",
        'A line that begins with "%" speaks to the YAML parser.  Delete it.',
    ),
    "control character": (
        "a: x\x07",
        "1:5: a control character",
        "The character U+0007 here is invisible and not allowed.  Delete it.",
    ),
    "two documents": (
        "---\na: 1\n---\nb: 1",
        "3:1: more than one document",
        'A line "---" begins a second YAML document.  One file holds one stack: '
        "delete the line, or move what follows into a file of its own.",
    ),
    "merge key": (
        "a: &x {b: c}\nd:\n  <<: *x",
        '3:3: merge keys ("<<") are not read',
        "Write the keys out, use an alias for the whole value, or put what every domain has under `defaults:`.",
    ),
    "alias without anchor": (
        "a: *x",
        "1:4: an alias without an anchor",
        'A word that begins with "*" stands for what was marked with "&" before; nothing was.  '
        "If it is meant as text, put it in quotes.",
    ),
    "alias inside itself": (
        "a: &x {b: *x}",
        "1:11: an alias inside its own anchor",
        "The value would contain itself.  If it is meant as text, put it in quotes.",
    ),
    "anchor that swallows text": (
        "name: &Co Alice",
        "1:7: an anchor that nothing uses",
        'YAML reads a word that begins with "&" as a mark and not as text.  '
        "If it is meant as text, put the whole value in quotes.",
    ),
    "duplicate key": (
        "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3",
        '5:3: duplicate key "c"',
        "It stands already at f.yaml:3:3.  Keep one of the two, or put what belongs to both under one key.",
    ),
    "too deep": (
        "[" * 70,
        "1:65: nested too deep",
        "Nothing in a stack needs more than 64 levels.",
    ),
}


@pytest.mark.parametrize("fast", [True, False], ids=["libyaml", "python"])
@pytest.mark.parametrize(("text", "head", "detail"), CASES.values(), ids=CASES.keys())
def test_a_fault_of_the_syntax_is_told_in_words(text: str, head: str, detail: str, fast: bool) -> None:
    with pytest.raises(InputError) as caught:
        parse(text.encode(), "f.yaml", fast=fast)
    assert f"f.yaml:{head}\n    {detail}" == str(caught.value)


def test_an_unknown_escape_is_told_in_words() -> None:
    """Here alone the two parsers differ by a column."""
    with pytest.raises(InputError) as caught:
        parse(b'a: "\\q"', "f.yaml")
    expected = (
        "f.yaml:1:5: an unknown escape\n"
        "    Inside double quotes a backslash begins an escape.  Write it twice, or use single quotes."
    )
    assert expected == str(caught.value)


def test_all_duplicate_keys_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse(b"a: 1\na: 2\nb: 1\na: 3\nb: 2", "f.yaml")
    assert [(2, 1), (4, 1), (5, 1)] == [
        (p.where.line, p.where.column) for p in caught.value.problems if p.where
    ]


def test_what_was_wrong_before_a_syntax_error_is_told_with_it() -> None:
    with pytest.raises(InputError) as caught:
        parse(b"a: 1\na: 2\nb: @", "f.yaml")
    assert ['duplicate key "a"', '"@" without quotes'] == [p.summary for p in caught.value.problems]


def test_no_part_of_a_value_is_quoted() -> None:
    """What stands behind a sign may be a password."""
    for text in ("password: @hunter2", "password: *hunter2", "password: &hunter2 x", "password: !hunter2 x"):
        with pytest.raises(InputError) as caught:
            parse(text.encode(), "f.yaml")
        assert "hunter2" not in str(caught.value)
