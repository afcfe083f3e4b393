"""A plan file may come from anywhere, such as from an artefact of a pull request: whatever it holds, it is shown or refused."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_hostile import assert_is_inert_markdown, assert_is_inert_text, hostile, hostile_plan

from reconciler import planfile, reviewed
from reconciler.errors import InputError
from reconciler.render import json as as_json
from reconciler.render import markdown, moved, text
from reconciler.render.sizes import MIN_BYTES

PLAN = as_json.plan_data(hostile_plan(["☠", "☠a", "☠ b"]))

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | hostile | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=2),
    max_leaves=5,
)


def places(data: object, path: tuple = ()):
    """Yield the path of every part of JSON data."""
    yield path
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        yield from places(value, (*path, key))


PLACES = sorted(set(places(PLAN)) - {()}, key=str)


def put(data: object, path: tuple, value: object) -> None:
    *outer, last = path
    for key in outer:
        data = data[key]
    data[last] = value


@given(path=st.sampled_from(PLACES), value=anything)
def test_a_file_with_anything_in_any_place_is_shown_or_refused(path, value):
    data = copy.deepcopy(PLAN)
    put(data, path, value)
    try:
        plan = planfile.parse(json.dumps(data), "plan.json")
    except InputError as error:
        assert str(error).startswith("plan.json: this is no plan that can be used\n")
        return

    assert_is_inert_text(text.plan(plan, unmanaged=True))
    assert_is_inert_text(as_json.plan(plan))
    assert_is_inert_markdown(markdown.plan(plan, max_bytes=MIN_BYTES), MIN_BYTES)
    found = reviewed.of_plan(hostile_plan(["☠"])).moved(plan)
    assert_is_inert_text(moved.moved(found, "plan.json"))


@pytest.mark.parametrize("address", ["record", "record/example.org", "record/example.org/@", ""])
def test_an_address_that_is_none_is_refused(address):
    data = copy.deepcopy(PLAN)
    data["held"][0]["address"] = address

    with pytest.raises(InputError, match="this is no plan that can be used"):
        planfile.parse(json.dumps(data), "plan.json")
