"""An addition stands in the file's own style, and every other byte stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.events import parse
from reconciler.config.tree import NOTHING
from reconciler.takeover.insertion import Entry, Item, inserted
from reconciler.takeover.scalars import flow, flow_mapping, scalar

BOB = Entry(path=("accounts",), key="bob", lines=("bob:", "  name: Bob", "  aliases: [b, bobby]"))
INFO = Item(path=("accounts", "alice", "aliases"), text="info")


@pytest.mark.parametrize(
    ("before", "addition", "after"),
    [
        (
            "accounts:\n  alice: {}   # she\n  # nobody else\n\nend: 1\n",
            BOB,
            "accounts:\n  alice: {}   # she\n  bob:\n    name: Bob\n    aliases: [b, bobby]\n  # nobody else\n\nend: 1\n",
        ),
        (
            "accounts:\n    alice:\n",
            BOB,
            "accounts:\n    alice:\n    bob:\n      name: Bob\n      aliases: [b, bobby]\n",
        ),
        ("accounts: {alice: {}}\n", BOB, "accounts: {alice: {}, bob: {name: Bob, aliases: [b, bobby]}}\n"),
        (
            "accounts: {}  # none yet\n",
            BOB,
            "accounts:  # none yet\n  bob:\n    name: Bob\n    aliases: [b, bobby]\n",
        ),
        (
            "accounts:   # none yet\n",
            BOB,
            "accounts:   # none yet\n  bob:\n    name: Bob\n    aliases: [b, bobby]\n",
        ),
        ("a: 1\n", BOB, "a: 1\n\naccounts:\n  bob:\n    name: Bob\n    aliases: [b, bobby]\n"),
        ("a: 1", BOB, "a: 1\n\naccounts:\n  bob:\n    name: Bob\n    aliases: [b, bobby]"),
        ("a: 1\r\n", BOB, "a: 1\r\n\r\naccounts:\r\n  bob:\r\n    name: Bob\r\n    aliases: [b, bobby]\r\n"),
        ("accounts:\n  alice: {aliases: [abuse]}\n", INFO, "accounts:\n  alice: {aliases: [abuse, info]}\n"),
        (
            "accounts:\n  alice:\n    aliases:\n    - abuse # x\n",
            INFO,
            "accounts:\n  alice:\n    aliases:\n    - abuse # x\n    - info\n",
        ),
        ("accounts:\n  alice: {name: A}\n", INFO, "accounts:\n  alice: {name: A, aliases: [info]}\n"),
        ("accounts:\n  alice:\n", INFO, "accounts:\n  alice:\n    aliases: [info]\n"),
        ("accounts: {alice: }\n", INFO, "accounts: {alice: {aliases: [info]} }\n"),
        ("accounts:\n  alice:\n    aliases: []\n", INFO, "accounts:\n  alice:\n    aliases:\n      - info\n"),
        ("\ufeffa: 1\n", Item(path=("l",), text="x", is_long=True), "\ufeffa: 1\n\nl:\n  - x\n"),
        ("t: |\n  a\n  b\n", Item(path=("l",), text="x"), "t: |\n  a\n  b\n\nl: [x]\n"),
    ],
)
def test_an_addition_is_in_the_style_of_what_is_there(before, addition, after):
    assert inserted(before.encode(), "s.yaml", [addition]).decode() == after


def test_several_additions_keep_their_order():
    text = inserted(
        b"a: {}\n",
        "s.yaml",
        [
            BOB,
            Entry(path=("domains", "x.org", "accounts"), key="eve", lines=("eve: {}",)),
            Item(path=("domains", "x.org", "dns", "records"), text="{name: a}", is_long=True),
            Item(path=("l",), text="1"),
            Item(path=("l",), text="2"),
        ],
    ).decode()

    assert parse(text.encode(), "s.yaml").root == {
        "a": {},
        "accounts": {"bob": {"name": "Bob", "aliases": ["b", "bobby"]}},
        "l": ["1", "2"],
        "domains": {"x.org": {"accounts": {"eve": {}}, "dns": {"records": [{"name": "a"}]}}},
    }


words = st.sampled_from(["a", "b", "c d", "e: f", "#", "1"])
trees = st.recursive(
    words | st.just(NOTHING),
    lambda inner: (
        st.lists(inner.filter(lambda one: one is not NOTHING), max_size=3)
        | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=8,
)


def block(node, indent: int, draw) -> str:
    """Return a tree as YAML, here and there in brackets, here and there with a comment."""
    if node is NOTHING:
        return ""
    if isinstance(node, str):
        return f" {scalar(node)}"
    if not node or draw(st.integers(0, 2)) == 0:
        return f" {brackets(node)}"
    gap, comment = " " * indent, draw(st.sampled_from(["", "  # said", "\n\n# between"]))
    if isinstance(node, list):
        return comment + "".join(f"\n{gap}-{block(one, indent + 2, draw)}" for one in node)
    return comment + "".join(f"\n{gap}{scalar(k)}:{block(one, indent + 2, draw)}" for k, one in node.items())


def brackets(node) -> str:
    if isinstance(node, dict):
        return flow_mapping((scalar(k), brackets(v)) for k, v in node.items())
    if isinstance(node, list):
        return flow(map(brackets, node))
    return "" if node is NOTHING else scalar(node)


@given(st.dictionaries(words, trees, min_size=1, max_size=3), st.data())
def test_whatever_the_file_looks_like_the_addition_is_all_that_it_gains(tree, data):
    text = block(tree, 0, lambda strategy: data.draw(strategy)).lstrip() + "\n"
    before = parse(text.encode(), "s.yaml").root
    if not isinstance(before, dict):
        return
    places: list[tuple[tuple, object]] = [((), before)]
    for path, node in places:
        if isinstance(node, dict):
            places += [((*path, key), inner) for key, inner in node.items()]
    path, node = data.draw(st.sampled_from(places))
    if isinstance(node, str) or node == "":
        return
    if isinstance(node, list):
        result = inserted(text.encode(), "s.yaml", [Item(path=path, text="new")])
        wanted: object = [*node, "new"]
    else:
        result = inserted(text.encode(), "s.yaml", [Entry(path=path, key="new", lines=("new: {x: y}",))])
        wanted = {**(node if isinstance(node, dict) else {}), "new": {"x": "y"}}

    after = parse(result, "s.yaml").root
    assert after == _replaced(before, path, wanted)
    rest = iter(result.decode())
    assert all(sign in rest for sign in text if sign not in "{}[], "), "what was there is there, in its order"


def _replaced(node, path, wanted):
    if not path:
        return wanted
    return {**node, path[0]: _replaced(node[path[0]], path[1:], wanted)}
