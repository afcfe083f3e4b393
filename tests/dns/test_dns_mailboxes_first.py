"""The MX of a new domain waits for everybody who gets mail in it: what a server refuses is refused for good."""

from __future__ import annotations

import cli
import pytest

ALICE = "hostname: mail.example.org\naccounts: {alice: {aliases: [postmaster]}}"
MAIL = ["mx", "dmarc"]


@pytest.fixture
def fresh(unserved):
    """The site, with a server that does not have the domain yet."""
    with cli.sandbox() as empty:
        unserved.project.url, unserved.project.server = empty.url, empty
        unserved.stack("addresses: [203.0.113.10]", top=ALICE, mail=MAIL)
        yield unserved


def test_it_is_published_when_they_are_there(fresh):
    assert fresh.apply().code == 0
    assert " MX " in fresh.text


@pytest.mark.parametrize("refused", ["domain/example.org", "account/alice@example.org"])
def test_it_is_not_published_when_one_of_them_failed(fresh, refused):
    def full(number, method, path, phase):
        is_creation = (method, path, phase) == ("POST", "/api/principal", "before")
        seen.append(is_creation)
        # The domain comes first, then alice with her alias; who hangs up once is asked again.
        return is_creation and seen.count(True) > (refused != "domain/example.org")

    seen: list[bool] = []
    fresh.project.server.on_request = full

    ended = fresh.apply()

    assert ended.code == 3
    mx = "record/example.org/@/MX/10 mail.example.org."
    assert f"    + {mx}\n        It needs {refused}, which is not done.\n" in ended.out
    assert " MX " not in fresh.text
    assert "DMARC1" in fresh.text

    fresh.project.server.on_request = None
    assert fresh.apply().code == 0
    assert " MX " in fresh.text


def test_a_second_mx_of_a_domain_that_is_there_waits_for_nobody(unserved):
    unserved.stack("addresses: [203.0.113.10]", top=ALICE, mail=MAIL)
    unserved.project.server.on_request = lambda number, method, path, phase: (
        (method, path) == ("POST", "/api/principal")
    )

    assert unserved.apply().code == 3
    assert " MX " in unserved.text
