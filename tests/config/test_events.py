"""YAML becomes a tree of texts with places; what could hurt is refused."""

from __future__ import annotations

import pytest

from reconciler.config.builder import ALIASED_MAX
from reconciler.config.events import parse
from reconciler.config.tree import NOTHING, Path, Tree
from reconciler.errors import InputError

both_parsers = pytest.mark.parametrize("fast", [True, False], ids=["libyaml", "python"])


def place(tree: Tree, path: Path, *, key: bool = False) -> tuple[int, str]:
    depth, where = tree.find(path, key=key)
    return depth, str(where)


@both_parsers
def test_scalars_stay_the_text_that_was_written(fast: bool) -> None:
    text = 'a: 007\nb: no\nc: 1.10\nd: 2024-01-01\ne: 0x10\nf: "null"\ng: "~"\nh: 1_000\ni: =\n'
    expected = {
        "a": "007",
        "b": "no",
        "c": "1.10",
        "d": "2024-01-01",
        "e": "0x10",
        "f": "null",
        "g": "~",
        "h": "1_000",
        "i": "=",
    }
    assert expected == parse(text.encode(), "f", fast=fast).root


@both_parsers
@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_only_a_plain_empty_scalar_is_nothing(written: str, fast: bool) -> None:
    assert {"a": NOTHING} == parse(f"a: {written}\n".encode(), "f", fast=fast).root


@both_parsers
def test_a_key_is_a_text_even_when_it_looks_like_null(fast: bool) -> None:
    assert {"null": "x", "~": "y"} == parse(b"null: x\n~: y\n", "f", fast=fast).root


@both_parsers
def test_an_alias_is_the_same_as_what_it_stands_for(fast: bool) -> None:
    root = parse(b"a: &x [b, c]\nd: *x\ne: &y text\nf: *y\n", "f", fast=fast).root
    assert {"a": ["b", "c"], "d": ["b", "c"], "e": "text", "f": "text"} == root


@both_parsers
def test_a_yaml_bomb_is_refused_where_it_goes_off(fast: bool) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InputError) as caught:
        parse("\n".join(lines).encode(), "f.yaml", fast=fast)
    expected = (
        "f.yaml:5:45: aliases that multiply\n"
        f"    Written out, the aliases up to here are more than {ALIASED_MAX:,} values.  "
        "No stack needs that: it looks like a YAML bomb."
    )
    assert expected == str(caught.value)


@both_parsers
def test_a_large_document_without_aliases_is_no_bomb(fast: bool) -> None:
    items = ALIASED_MAX // 10
    root = parse(("[" + "x, " * items + "x]").encode(), "f", fast=fast).root
    assert isinstance(root, list)
    assert items + 1 == len(root)


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_document_is_nothing(data: bytes) -> None:
    assert parse(data, "f").root is NOTHING


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert {"a": "b"} == parse(b"\xef\xbb\xbfa: b", "f").root


def test_bytes_that_are_no_utf8_are_told_with_their_place() -> None:
    with pytest.raises(InputError) as caught:
        parse("a: ü\nb: fr".encode() + b"\xfc" + b"h\n", "f.yaml")
    expected = "f.yaml:2:6: not UTF-8\n    The byte 0xfc here is no UTF-8.  Save the file as UTF-8."
    assert expected == str(caught.value)


def test_utf16_is_refused_as_not_utf8() -> None:
    with pytest.raises(InputError) as caught:
        parse("a: b".encode("utf-16"), "f.yaml")
    assert "not UTF-8" == caught.value.problems[0].summary


@both_parsers
def test_places_are_those_that_an_editor_shows(fast: bool) -> None:
    """Columns count characters; a mapping is found at its key, a text at its value."""
    tree = parse("ä: 1\nb:\n  ü: [x, {c: ö}]\n".encode(), "f.yaml", fast=fast)
    paths = [("ä",), ("b",), ("b", "ü"), ("b", "ü", 0), ("b", "ü", 1), ("b", "ü", 1, "c")]
    places = ["f.yaml:1:4", "f.yaml:2:1", "f.yaml:3:3", "f.yaml:3:7", "f.yaml:3:10", "f.yaml:3:14"]
    assert places == [str(tree.find(path)[1]) for path in paths]
    assert (1, "f.yaml:1:1") == place(tree, ("ä",), key=True)


def test_what_is_not_there_is_placed_at_the_nearest_thing_above() -> None:
    tree = parse(b"a:\n  b: c\n", "f.yaml")
    assert (1, "f.yaml:1:1") == place(tree, ("a", "x", "y"))
    assert (0, "f.yaml") == place(tree, ("x",))
