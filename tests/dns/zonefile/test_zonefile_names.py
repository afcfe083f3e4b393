from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.dnsdata import names, ttl
from reconciler.dnsdata.names import BadData

ORIGIN = "example.org."


@pytest.mark.parametrize(
    ("text", "origin", "expected"),
    [
        ("www", ORIGIN, "www.example.org."),
        ("WWW", ORIGIN, "www.example.org."),
        ("www.example.net.", ORIGIN, "www.example.net."),
        ("@", ORIGIN, ORIGIN),
        ("\\@", ORIGIN, "\\@.example.org."),
        ("mail", ".", "mail."),
        (".", ORIGIN, "."),
        ("a\\.b", ORIGIN, "a\\.b.example.org."),
        ("a\\046b", ORIGIN, "a\\.b.example.org."),
        ("\\065", ORIGIN, "a.example.org."),
        ("\xe9", ORIGIN, "\\233.example.org."),
        ("a b", ORIGIN, "a\\032b.example.org."),
    ],
)
def test_a_name_has_one_form(text, origin, expected):
    assert expected == names.absolute(text, origin)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a..b", "empty label"),
        (".a", "empty label"),
        ("", "empty"),
        ("a\\12b", "bad escape"),
        ("a\\999", "bad escape"),
        ("a\\", "bad escape"),
        ("a" * 64, "longer than 63"),
        (".".join(["a" * 60] * 5), "longer than 255"),
    ],
)
def test_a_bad_name_is_told_in_words(text, words):
    with pytest.raises(BadData, match=words):
        names.absolute(text, ORIGIN)


@given(st.text(st.characters(max_codepoint=255), max_size=20))
def test_the_one_form_stays_as_it_is(text):
    try:
        name = names.absolute(text, ORIGIN)
    except BadData:
        return
    assert name == names.absolute(name, "other.")


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        (ORIGIN, ORIGIN, True),
        ("www.example.org.", ORIGIN, True),
        ("badexample.org.", ORIGIN, False),
        ("a\\.example.org.", ORIGIN, False),
        ("a\\\\.example.org.", ORIGIN, True),
        ("org.", ".", True),
    ],
)
def test_a_name_is_under_a_zone_by_its_labels(name, zone, expected):
    assert expected is names.is_under(name, zone)


@pytest.mark.parametrize(
    ("name", "origin", "expected"),
    [
        ("www.example.org.", ORIGIN, "www"),
        (ORIGIN, ORIGIN, "@"),
        ("www.example.net.", ORIGIN, "www.example.net."),
        ("www.example.org.", ".", "www.example.org."),
        ("a\\.example.org.", ORIGIN, "a\\.example.org."),
    ],
)
def test_a_relative_name_means_the_same(name, origin, expected):
    assert expected == names.relative(name, origin)
    assert name == names.absolute(expected, origin)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.b.org.", "b.org."), ("a\\.b.org.", "org."), ("org.", "."), (".", ".")],
)
def test_the_parent_is_the_name_without_its_first_label(name, expected):
    assert expected == names.parent(name)


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("3600", 3600), ("1h", 3600), ("1H30M", 5400), ("1w2d3h4m5s", 788645)]
)
def test_a_ttl_is_seconds_or_units(text, expected):
    assert expected == ttl.seconds(text)


@pytest.mark.parametrize("text", ["", "h", "1h30", "0x10", "-1", "1 h", "4294967296", "1.5h"])
def test_a_bad_ttl_is_refused(text):
    with pytest.raises(BadData):
        ttl.seconds(text)
