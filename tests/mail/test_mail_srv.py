from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.mail import autoconfig, srv
from reconciler.mail.errors import SyntaxProblem
from reconciler.mail.srv import Srv

short = st.integers(0, 65535)
host = st.sampled_from([".", "mail.example.org", "_x.example.org", "a"])


@given(st.builds(Srv, priority=short, weight=short, port=short, target=host))
def test_parse_gives_back_what_text_wrote(record: Srv) -> None:
    assert srv.parse(srv.text(record)) == record


def test_text_is_what_stalwart_publishes() -> None:
    """Seen on 0.15.5: `0 1 993 mail.example.org.` at `_imaps._tcp.example.org.`"""
    assert (
        srv.text(Srv(priority=0, weight=1, port=993, target="mail.example.org"))
        == "0 1 993 mail.example.org."
    )
    assert srv.owner("imaps", "example.org") == "_imaps._tcp.example.org"


def test_service_that_is_not_offered_has_the_root_as_target() -> None:
    """RFC 2782, and RFC 6186 §3.4."""
    assert srv.text(srv.DENIED) == "0 0 0 ."
    assert srv.parse("0 0 0 .") == srv.DENIED


def test_every_cleartext_service_but_sieve_names_a_sibling_that_begins_with_tls() -> None:
    tls = {service.name for service in srv.SERVICES if service.tls}
    siblings = {service.name: service.secure for service in srv.SERVICES if not service.tls}
    assert siblings.pop("sieve") == ""
    assert set(siblings.values()) < tls


def test_ports_are_the_registered_ones() -> None:
    assert {service.name: service.port for service in srv.SERVICES} == {
        "submissions": 465,
        "submission": 587,
        "imaps": 993,
        "imap": 143,
        "pop3s": 995,
        "pop3": 110,
        "jmap": 443,
        "caldavs": 443,
        "caldav": 80,
        "carddavs": 443,
        "carddav": 80,
        "sieve": 4190,
    }


def test_parse_says_which_part_is_missing() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        srv.parse("0 993 mail.example.org.")
    assert (
        str(caught.value)
        == "SRV, column 24: SRV data is <priority> <weight> <port> <target>; the target is missing."
    )


def test_programs_look_for_two_names() -> None:
    assert autoconfig.names("example.org") == ("autoconfig.example.org", "autodiscover.example.org")
