from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import txt
from reconciler.mail.errors import SyntaxProblem

# Any octets at all can stand in a TXT record; a text is their UTF-8 with lone surrogates for the rest.
texts = st.binary(max_size=900).map(lambda octets: txt.join([octets]))


@given(texts)
def test_parse_gives_back_what_text_wrote(value: str) -> None:
    assert txt.parse(txt.text(value)) == value


@given(texts)
def test_split_loses_nothing_and_keeps_every_string_within_255_octets(value: str) -> None:
    strings = txt.split(value)
    assert txt.join(strings) == value
    assert strings
    assert max(map(len, strings)) <= 255


@given(texts)
def test_zone_file_text_is_printable_ascii(value: str) -> None:
    assert txt.text(value).isascii()
    assert txt.text(value).isprintable()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("v=spf1 mx -all", '"v=spf1 mx -all"', id="plain"),
        pytest.param("", '""', id="empty"),
        pytest.param('say "hi" \\ bye', r'"say \"hi\" \\ bye"', id="quote and backslash"),
        pytest.param("grün\t", r'"gr\195\188n\009"', id="octets beyond ASCII, and a tab"),
        pytest.param("a" * 256, f'"{"a" * 255}" "a"', id="256 octets"),
        pytest.param(
            "é" * 128, '"' + r"\195\169" * 127 + r'\195" "\169"', id="the cut may split a character"
        ),
    ],
)
def test_text_quotes_and_splits(value: str, expected: str) -> None:
    assert txt.text(value) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param('"v=spf1 mx " "-all"', "v=spf1 mx -all", id="joined with nothing between"),
        pytest.param('"v=spf1 mx" "-all"', "v=spf1 mx-all", id="a blank that is missing stays missing"),
        pytest.param('"a""b"', "ab", id="no blank between the strings"),
        pytest.param("v=spf1 -all", "v=spf1-all", id="unquoted words are strings of their own"),
        pytest.param(r"a\032b\;c", "a b;c", id="escapes outside quotes"),
        pytest.param(r'"\\034"', r"\034", id="a backslash before digits"),
        pytest.param('"grün"', "grün", id="raw UTF-8"),
        pytest.param('"a;b(c)d"', "a;b(c)d", id="signs that count only outside quotes"),
    ],
)
def test_parse_joins_and_unescapes(data: str, expected: str) -> None:
    assert txt.parse(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            "",
            "TXT, column 1: There is no string at all; an empty one is written as two quotes. (RFC "
            "1035 §3.3.14)",
            id="nothing",
        ),
        pytest.param('"a" "b', "TXT, column 5: The quote that opens here is never closed.", id="open quote"),
        pytest.param(
            '"é" v=DMARC1; p=none',
            'TXT, column 13: A ";" outside quotes is not part of the text in a zone file. Quote the string.',
            id="unquoted semicolon",
        ),
        pytest.param(
            r'"\256"',
            r"TXT, column 1: \256 is not an octet; \000 to \255 are. (RFC 1035 §5.1)",
            id="no octet",
        ),
        pytest.param(
            r'"\12x"',
            r"TXT, column 1: A backslash before a digit needs three digits, as in \034. (RFC 1035 §5.1)",
            id="two digits",
        ),
        pytest.param(
            "a\nb",
            "TXT, column 2: A character-string cannot hold this sign without quotes or a backslash.",
            id="line end",
        ),
        pytest.param(
            f'"{"a" * 256}"',
            "TXT, column 1: This string has 256 octets, and 255 is the most that one can hold. Split "
            'it: "first part" "second part". (RFC 1035 §3.3)',
            id="too long",
        ),
    ],
)
def test_parse_says_what_is_wrong(data: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        txt.parse(data)
    assert str(caught.value) == expected
