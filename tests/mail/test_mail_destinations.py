from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import destinations
from reconciler.mail.destinations import Destination


def parse(value: str) -> tuple[tuple[Destination, ...], list[str]]:
    good, problems = destinations.parse(value, 10, standard="DMARC", rfc="")
    return good, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "address", ["postmaster@example.org", "a,b@example.org", "o!k@example.org", "ü;x@example.org"]
)
def test_mailbox_is_the_address_that_was_encoded(address: str) -> None:
    destination = destinations.to_mailbox(address)
    assert destination.mailbox == address
    assert parse(str(destination)) == ((destination,), [])


def test_signs_that_part_the_list_or_the_record_are_encoded() -> None:
    assert str(destinations.to_mailbox("a,b!c;d@example.org")) == "mailto:a%2Cb%21c%3Bd@example.org"


def test_size_is_kept_apart() -> None:
    assert parse("mailto:a@example.org!10m, https://example.org/x") == (
        (Destination(uri="mailto:a@example.org", size="10m"), Destination(uri="https://example.org/x")),
        [],
    )


def test_each_uri_that_is_wrong_is_told_with_its_column() -> None:
    assert parse("mailto:a@example.org, b@example.org,,mailto:nobody,https:x,a b") == (
        (Destination(uri="mailto:a@example.org"),),
        [
            'DMARC, column 33: "b@example.org" lacks its scheme. Write "mailto:b@example.org".',
            "DMARC, column 47: A URI is missing here.",
            'DMARC, column 48: "mailto:nobody" names no mailbox. Write it like '
            '"mailto:postmaster@example.org".',
            'DMARC, column 62: "https:x" names no host. Write it like "https://example.org/reports".',
            'DMARC, column 70: "a b" is not a URI; commas and exclamation marks in one are percent-encoded.',
        ],
    )


def test_domain_of_a_mailbox_is_lower_case_and_headers_are_not_part_of_it() -> None:
    assert Destination(uri="MAILTO:Joe@Example.ORG?subject=x").mailbox == "Joe@example.org"


@given(st.text())
def test_any_text_gives_uris_and_problems(value: str) -> None:
    good, problems = parse(value)
    assert len(good) + len(problems) == value.count(",") + 1
