"""Whatever a file holds: a stack comes out, or an InputError whose places are in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.load import load_bytes
from reconciler.config.schema import schema
from reconciler.errors import InputError

EXAMPLE = (Path(__file__).parents[2] / "examples" / "mailstack.yaml").read_text(encoding="utf-8")
SCHEMA = schema()
CANARY = "canary-4711"


def told(data: bytes, *, fast: bool = True) -> str:
    try:
        load_bytes(data, "f.yaml", fast=fast)
    except InputError as error:
        assert error.problems
        lines = data.count(b"\n") + data.count(b"\r") + 1
        assert all(p.summary and p.rule and p.where and 0 <= p.where.line <= lines for p in error.problems)
        return str(error)
    return ""


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    told(data)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_any_text(text: str, fast: bool) -> None:
    told(text.encode(), fast=fast)


_SNIPPETS = st.text(alphabet="{}[]:,#&*!|>'\"%@`-?~< \n\tabcé\x00", max_size=3)


@given(
    st.lists(st.tuples(st.integers(0, len(EXAMPLE)), st.integers(0, 5), _SNIPPETS), min_size=1, max_size=4)
)
def test_any_edit_of_the_example(edits: list[tuple[int, int, str]]) -> None:
    text = EXAMPLE
    for at, length, snippet in edits:
        text = text[:at] + snippet + text[at + length :]
    told(text.encode())


_TYPICAL = """\
alice bob info a@example.org x@example.net example.org example.net none true false 5GiB 1h 10 1.2.3.4
10.0.0.0/8 {domain} account/alice v=spf1 @ * xn--bcher-kva.de bücher.de mail.example.org ssh://x
http://x:99999999 parked ä@ö.de env mx 99999999999999999999"""
_WORDS = st.sampled_from(_TYPICAL.split()) | st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=6
)


def _shaped(node: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values of a schema's shape, with any words in it."""
    if "$ref" in node:
        node = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]]
    if depth > 6:
        return st.none()
    if "anyOf" in node:
        return st.one_of([_shaped(form, depth) for form in node["anyOf"]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "properties" in node:
        keys = {key: _shaped(value, depth + 1) for key, value in node["properties"].items()}
        return st.fixed_dictionaries({}, optional=keys)
    if node.get("type") == "object":
        return st.dictionaries(_WORDS, _shaped(node["additionalProperties"], depth + 1), max_size=3)
    if node.get("type") == "array":
        return st.lists(_shaped(node["items"], depth + 1), max_size=3)
    return _WORDS


@given(_shaped(SCHEMA))
def test_any_values_in_the_right_shape(values: dict[str, Any]) -> None:
    text = yaml.safe_dump({"version": 1, "domain": "example.org", **values}, allow_unicode=True)
    told(text.encode())


_ANYTHING = st.recursive(
    _WORDS | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), _ANYTHING, max_size=5))
def test_any_values_in_any_shape(values: dict[str, Any]) -> None:
    text = yaml.safe_dump({"version": 1, "domain": "example.org", **values}, allow_unicode=True)
    told(text.encode())


_SECRET_PLACES = [
    "stalwart: {{url: http://x, username: a, password: {0}}}",
    "stalwart: {{url: http://x, token: {0}}}",
    "stalwart: {{url: 'http://a:{0}@x', username: b, password: {{env: A}}}}",
    "accounts: {{a: {{password: {0}}}}}",
    "accounts: {{a: {{password: {{hash: {0}}}}}}}",
    "accounts: {{a: {{password: {{{0}}}}}}}",
    "accounts: {{a: {{password: {{env: A, {0}: x}}}}}}",
    "accounts: {{a: {{password: [{0}]}}}}",
    "accounts: {{a: {{password: {{env: A, revision: {0}}}}}}}",
    "settings: {{x.secret: {{{0}}}}}",
    "settings: {{x.secret: [{0}]}}",
]


@given(
    st.sampled_from(_SECRET_PLACES),
    st.sampled_from(["", "*", "&", "!", "@", "%", "- ", "$6$", "{PLAIN}", '"', "["]),
)
def test_no_message_has_a_secret_that_was_written(place: str, before: str) -> None:
    text = "version: 1\ndomain: example.org\n" + place.format(before + CANARY) + "\n"
    assert CANARY not in told(text.encode())
