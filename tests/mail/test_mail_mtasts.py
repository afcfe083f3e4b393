from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import mtasts
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.mtasts import Mode, Policy, Record

POLICY = Policy(mode=Mode.TESTING, max_age=604800, mx=("mail.example.org",))
DOCUMENT = "version: STSv1\nmode: testing\nmx: mail.example.org\nmax_age: 604800\n"

names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("v", "id", "version", "mode", "mx", "max_age")
)
others = st.dictionaries(names, st.from_regex(r"[!-:<>-~]{1,9}", fullmatch=True), max_size=2).map(
    lambda found: tuple(found.items())
)
hosts = st.sampled_from(["mail.example.org", "*.example.net", "mx1.example.org"])
policies = st.builds(
    Policy,
    mode=st.sampled_from(Mode),
    max_age=st.integers(0, mtasts.MAX_AGE),
    mx=st.lists(hosts, min_size=1, max_size=4).map(tuple),
    others=others,
)


@given(st.builds(Record, id=st.from_regex("[A-Za-z0-9]{1,32}", fullmatch=True), others=others))
def test_parse_gives_back_what_text_wrote(record: Record) -> None:
    assert mtasts.parse(mtasts.text(record)) == record


@given(policies)
def test_parse_policy_gives_back_what_policy_text_wrote(policy: Policy) -> None:
    assert mtasts.parse_policy(mtasts.policy_text(policy)) == policy


@given(policies, policies)
def test_id_differs_exactly_when_the_policy_does(one: Policy, other: Policy) -> None:
    assert (mtasts.record_of(one) == mtasts.record_of(other)) == (one == other)


def test_texts_are_these() -> None:
    assert mtasts.policy_text(POLICY) == DOCUMENT
    assert mtasts.text(mtasts.record_of(POLICY)) == "v=STSv1; id=c0581b88c9caadd31f93f5700d145a84;"
    assert mtasts.owner("example.org") == "_mta-sts.example.org"
    assert mtasts.policy_host("example.org") == "mta-sts.example.org"


def test_record_of_the_rfc_is_read() -> None:
    """RFC 8461 §3.1."""
    assert mtasts.parse("v=STSv1; id=20160831085700Z;") == Record(id="20160831085700Z")


def test_policy_of_the_rfc_is_read() -> None:
    """RFC 8461 §3.2, with the line ends of the web."""
    document = (
        "version: STSv1\r\nmode: enforce\r\n"
        "mx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\n"
        "max_age: 604800\r\n"
    )
    assert mtasts.parse_policy(document) == Policy(
        mode=Mode.ENFORCE,
        max_age=604800,
        mx=("mail.example.com", "*.example.net", "backupmx.example.com"),
    )


def test_first_of_a_field_that_is_there_twice_counts() -> None:
    assert mtasts.parse_policy(DOCUMENT + "mode: enforce\nmax_age: 1\n") == POLICY


def test_policy_with_mode_none_needs_no_host() -> None:
    """RFC 8461 §8.3: so a policy is taken back."""
    assert mtasts.parse_policy("version: STSv1\nmode: none\nmax_age: 86400") == Policy(
        mode=Mode.NONE, max_age=86400, mx=()
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "v=STSv1",
            'MTA-STS, column 1: The record must begin with "v=STSv1;"; as it is, senders ignore it. '
            "(RFC 8461 §3.1)",
            id="cut off",
        ),
        pytest.param(
            "v=STSv1; ID=1",
            'MTA-STS, column 14: There is no "id=", so senders cannot tell whether the policy '
            "changed. (RFC 8461 §3.1)",
            id="no id",
        ),
        pytest.param(
            "v=STSv1; id=2026-11-22;",
            'MTA-STS, column 13: "2026-11-22" is no id: 1 to 32 letters and digits. (RFC 8461 §3.1)',
            id="hyphens",
        ),
        pytest.param(
            f"v=STSv1; id={'1' * 33};",
            f'MTA-STS, column 13: "{"1" * 33}" is no id: 1 to 32 letters and digits. (RFC 8461 §3.1)',
            id="long",
        ),
    ],
)
def test_parse_says_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        mtasts.parse(text)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("", 'MTA-STS, column 1: The policy has no "version:". (RFC 8461 §3.2)', id="empty"),
        pytest.param(
            "version: STSv1\r\nmode=testing",
            'MTA-STS, column 17: "mode=testing" is not a line such as "mode: testing". (RFC 8461 §3.2)',
            id="behind a CRLF",
        ),
        pytest.param(
            "<html>",
            'MTA-STS, column 1: "<html>" is not a line such as "mode: testing". (RFC 8461 §3.2)',
            id="a web page",
        ),
        pytest.param(
            DOCUMENT.replace("testing", "test"),
            'MTA-STS, column 16: "test" is not none, testing or enforce. (RFC 8461 §3.2)',
            id="mode",
        ),
        pytest.param(
            DOCUMENT.replace("604800", "31557601"),
            "MTA-STS, column 51: 31557601 seconds are more than a year, 31557600. (RFC 8461 §3.2)",
            id="age",
        ),
        pytest.param(
            DOCUMENT.replace("mail.", "mail*."),
            'MTA-STS, column 30: "mail*.example.org" is no host name, nor "*." and one. (RFC 8461 §4.1)',
            id="star inside",
        ),
        pytest.param(
            DOCUMENT.replace("mx: mail.example.org\n", ""),
            'MTA-STS, column 46: The policy has no "mx:". (RFC 8461 §3.2)',
            id="no host",
        ),
    ],
)
def test_parse_policy_says_what_is_wrong(document: str, expected: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        mtasts.parse_policy(document)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        pytest.param("mail.example.org", "mail.example.org", True, id="equal"),
        pytest.param("*.example.org", "mail.example.org", True, id="one label"),
        pytest.param("*.example.org", "a.mail.example.org", False, id="two labels"),
        pytest.param("*.example.org", "example.org", False, id="no label"),
        pytest.param("mail.example.org", "mail2.example.org", False, id="other"),
    ],
)
def test_star_stands_for_one_label(pattern: str, host: str, expected: bool) -> None:
    assert mtasts.matches(pattern, host) is expected
