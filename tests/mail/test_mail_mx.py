from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import mx
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.mx import Mx

label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
host = st.lists(label, min_size=1, max_size=5).map(".".join)


@given(st.builds(Mx, preference=st.integers(0, 65535), target=host))
def test_parse_gives_back_what_text_wrote(record: Mx) -> None:
    assert mx.parse(mx.text(record)) == record


def test_null_mx_is_preference_0_and_the_root() -> None:
    """RFC 7505 §3."""
    assert mx.text(mx.NULL) == "0 ."
    assert mx.parse("0 .") == mx.NULL


def test_target_is_read_lower_case_and_without_its_dot() -> None:
    assert mx.parse("10\tMail.Example.ORG.") == Mx(preference=10, target="mail.example.org")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            "10", "MX, column 3: MX data is <preference> <target>; the target is missing.", id="no target"
        ),
        pytest.param(
            "mail.example.org.",
            "MX, column 18: MX data is <preference> <target>; the target is missing.",
            id="no preference",
        ),
        pytest.param(
            "ten mail.example.org.", 'MX, column 1: "ten" is not a number from 0 to 65535.', id="words"
        ),
        pytest.param(
            "65536 mail.example.org.",
            'MX, column 1: "65536" is not a number from 0 to 65535.',
            id="too large",
        ),
        pytest.param(
            "10 mail.example.org",
            'MX, column 4: "mail.example.org" lacks the dot at its end; a zone file would add the '
            "zone's name to it. (RFC 1035 §5.1)",
            id="no dot",
        ),
        pytest.param(
            "10 mail..example.org.",
            'MX, column 4: "mail..example.org." is not a host name. (RFC 1123 §2.1)',
            id="empty label",
        ),
        pytest.param(
            "10 .",
            'MX, column 1: The target "." says "no mail here", with preference 0. (RFC 7505 §3)',
            id="null MX with a preference",
        ),
    ],
)
def test_parse_says_what_is_wrong(data: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        mx.parse(data)
    assert str(caught.value) == expected
