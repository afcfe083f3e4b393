"""A zone with our marks and a server that knows nothing of us: its volume was lost, or it is a new one."""

from __future__ import annotations

import cli
import pytest

WWW = "records: [{name: www, type: A, value: 203.0.113.20}]"
ALICE = "accounts: {alice: {}}"


@pytest.fixture
def lost(unserved):
    """The site, applied once; then the server is another one."""
    unserved.stack(WWW, top=ALICE)
    assert unserved.apply().code == 0
    with cli.sandbox() as empty:
        unserved.project.url, unserved.project.server = empty.url, empty
        unserved.stack(WWW, top=ALICE)
        yield unserved


def test_nothing_is_made_on_it(lost):
    ended = lost.apply()

    assert ended.code == 4
    assert "Is its volume mounted?" in ended.out
    assert "To do it, run it again with:\n            --new-server\n" in ended.out
    assert lost.project.api.names("individual", "domain") == []


def test_it_is_filled_when_somebody_says_that_it_is_new(lost):
    assert lost.apply("--new-server").code == 0
    assert lost.project.api.names("individual", "domain") == ["alice@example.org", "example.org"]


def test_a_server_that_has_the_domain_is_not_a_lost_one(unserved):
    unserved.stack(WWW)
    assert unserved.apply().code == 0

    unserved.stack(WWW, top=ALICE)
    assert unserved.apply().code == 0
