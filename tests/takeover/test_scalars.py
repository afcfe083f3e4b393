"""Whatever a text holds, it stands in the file so that it is read as just this text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config.events import parse
from reconciler.takeover.scalars import flow, flow_mapping, scalar, value

HOSTILE = [
    *(
        "a: b",
        "a #b",
        "# a",
        "- a",
        "? a",
        "!!python/object:os.system",
        "&a",
        "*a",
        "<<",
        "{a}",
        "[a]",
        "%YAML",
    ),
    *(
        "",
        " a",
        "a ",
        "a\nb",
        "a\n---\nb",
        "\x1b[31mred",
        "\u202eevil",
        "\ufeff",
        "\u2028",
        "\x85",
        "\xa0",
        "'",
        '"',
    ),
    *(
        "no",
        "007",
        "1e3",
        "12:30:00",
        "2026-01-01",
        "~",
        "null",
        "=",
        "|",
        ">",
        "@a",
        "`a",
        "a:",
        "a,b",
        "\\x41",
    ),
    *(
        "\U0001f600",
        "naïve Ünal",
        "a  b",
        "0x1F",
        "1_000",
        ".inf",
        "None",
        "y",
        "\ud7ff",
        "\uffff",
        "\x00",
        "\x7f",
    ),
]
texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE)


def read(text: str) -> object:
    return parse(text.encode(), "s.yaml").root


@given(texts)
def test_a_text_is_read_as_it_is(text):
    assert read(f"a: {scalar(text)}\n") == {"a": text}
    assert read(f"a: {value(text)}\n") == {"a": text}


@given(st.lists(texts, unique=True, max_size=5))
@example(HOSTILE)
def test_it_may_be_a_key_and_stand_on_one_line_with_others(found):
    assert read(f"a: {flow(map(scalar, found))}\n") == {"a": found}
    # The one key that the loader refuses, with quotes as well: merge keys are not read.
    found = [text for text in found if text != "<<"]
    pairs = flow_mapping((scalar(text), scalar(text)) for text in found)
    assert read(f"a: {pairs}\n") == {"a": {text: text for text in found}}
    block = "".join(f"{scalar(text)}: {scalar(text)}  # said\n" for text in found)
    assert read(f"a: 1\nb:\n{''.join(f'  {line}' for line in block.splitlines(True)) or '  {}'}") == {
        "a": "1",
        "b": {text: text for text in found},
    }


@given(texts)
def test_no_control_character_stands_in_the_file(text):
    assert scalar(text).isprintable()


@pytest.mark.parametrize(
    "text", ["no", "007", "1e3", "12:30:00", "2026-01-01", "null", "~", "true", "1.10", "0x1F", "", "y", "42"]
)
def test_what_another_reader_would_take_for_something_else_has_quotes(text):
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize(
    "text",
    [
        *(
            "alice",
            "alice@example.org",
            "Alice Example",
            "5GiB",
            "/srv/bind/db.example.org",
            "v=DMARC1",
            "mail.example.org",
        ),
        *("Bob Ünal", "203.0.113.10", "10.0.0.0/8", "10 mail.example.org.", "tls-alpn-01", "Sales (EU)"),
    ],
)
def test_what_people_write_without_quotes_has_none(text):
    assert scalar(text) == text
