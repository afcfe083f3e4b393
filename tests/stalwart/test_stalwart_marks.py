"""Marks: which key says what of whom, and what a setting remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.backends.stalwart.rest import marks
from reconciler.backends.stalwart.rest.marks import Mark, Memory
from reconciler.resource import Address


@pytest.mark.parametrize(
    ("key", "stack", "address"),
    [
        ("mailstack.home.setting/a.b.c", "home", Address("setting", "a.b.c")),
        ("mailstack.home.setting/lookup.default.hostname", "home", Address("hostname", "")),
        ("mailstack.home.setting/server.hostname", "home", Address("hostname", "")),
        ("mailstack.home.password/a@example.org", "home", Address("account", "a@example.org")),
        ("mailstack.example.org.tls/letsencrypt", "example.org", Address("tls", "letsencrypt")),
        (
            "mailstack.home.elsewhere/allowed_ip/2001:db8::/32",
            "home",
            Address("allowed_ip", "2001:db8::/32"),
        ),
    ],
)
def test_a_key_names_the_stack_and_what_is_marked(key, stack, address):
    (mark,) = marks.marks_in({key: "x"})

    assert (mark.stack, mark.address, mark.text) == (stack, address, "x")
    assert marks.key_of(mark.stack, mark.what, mark.name) == key


@pytest.mark.parametrize(
    "key", ["mailstack", "mailstack.lease", "mailstack.home", "mailstack.home.other/x", "x.mailstack.a.tls/b"]
)
def test_other_keys_are_no_marks(key):
    assert list(marks.marks_in({key: "x"})) == []


def test_one_stack_is_not_another_whose_name_begins_alike():
    found = [m.stack for m in marks.marks_in({"mailstack.home.tls/a": "", "mailstack.homer.tls/a": ""})]

    assert found == ["home", "homer"]


@given(
    was=st.none() | st.text(),
    digest=st.none() | st.text(min_size=1),
    revision=st.none() | st.integers(min_value=0),
)
def test_a_memory_is_read_as_it_was_written(was, digest, revision):
    memory = Memory(was=was, digest=digest, revision=revision)

    assert Memory.parse(memory.text()) == memory


@given(st.text())
def test_a_mark_that_a_person_edited_is_never_an_error(text):
    assert isinstance(Memory.parse(text), Memory)


@pytest.mark.parametrize("text", ["", "null", "[]", "3", '{"was": 3, "revision": "x"}'])
def test_a_mark_that_says_nothing_remembers_nothing(text):
    assert Memory.parse(text) == Memory()


def test_what_was_not_there_and_what_was_empty_are_two_things():
    assert Memory(was=None).text() == '{"was":null}'
    assert Memory(was="").text() == '{"was":""}'


def test_a_mark_of_an_activation_is_read_by_its_name():
    assert list(marks.marks_in({"mailstack.home.activation/reload": "owed"})) == [
        Mark(stack="home", what="activation", name="reload", text="owed")
    ]
