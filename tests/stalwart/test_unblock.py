"""`mailstack unblock`: exactly what was asked for is let in again, and what keeps it so is told."""

from __future__ import annotations

import cli
import pytest

OWN = (
    "hostname: mail.example.org\n"
    "dns: {addresses: [203.0.113.10]}\n"
    "allowed_ips: [192.0.2.9, 192.168.128.0/24]\n"
)


@pytest.fixture
def server():
    with cli.sandbox(seed={"domains": ["example.org"]}) as server:
        yield server


@pytest.fixture
def project(tmp_path, server):
    project = cli.Project(tmp_path, server.url, server)
    project.stack(OWN)
    return project


def blocked(project):
    return sorted(project.api.below("server.blocked-ip"))


def test_without_an_address_the_stacks_own_are_let_in_and_no_other(project, server):
    for ip in ("203.0.113.10", "192.0.2.9", "192.168.128.7", "198.51.100.1"):
        server.ban(ip)

    ended = project.run("unblock")

    assert (0, "") == (ended.code, ended.err)
    assert ["lifted      192.0.2.9", "lifted      203.0.113.10"] == ended.out.splitlines()[:2]
    assert ["192.168.128.7", "198.51.100.1"] == blocked(project)
    assert {"192.168.128.7", "198.51.100.1"} == server.state.blocked


def test_with_addresses_exactly_these_are_let_in(project, server):
    server.ban("198.51.100.1")
    server.ban("203.0.113.10")

    ended = project.run("unblock", "198.51.100.1", "198.51.100.2")

    assert 0 == ended.code
    assert "lifted      198.51.100.1\nnot blocked 198.51.100.2\n" in ended.out
    assert ["203.0.113.10"] == blocked(project)


def test_it_tells_what_to_allow_and_why_that_alone_would_not_have_helped(project, server):
    server.ban("198.51.100.1")

    ended = project.run("unblock", "198.51.100.1")

    assert (
        "lifted      198.51.100.1\n"
        "\n"
        "It may be banned again: Stalwart 0.15.5 spares only what it allows. (To allow an address does not lift\n"
        "a ban: the server asks the block list first, and what stands there is refused, allowed or not.)\n"
        "If it is yours, write in the stack, and apply:\n"
        "\n"
        "    allowed_ips: [198.51.100.1]\n"
    ) == ended.out


def test_what_is_allowed_already_is_not_told_again(project, server):
    project.api.store({"server.allowed-ip.192.0.2.9": ""})
    server.ban("192.0.2.9")

    ended = project.run("unblock")

    assert "lifted      192.0.2.9\n" == ended.out


def test_a_network_is_lifted_by_the_full_reload(project, server):
    project.api.store({"server.blocked-ip.198.51.100.0/24": ""})
    project.api.data("GET", "/api/reload")
    assert {"198.51.100.0/24"} == server.state.active.blocked_networks

    ended = project.run("unblock", "198.51.100.0/24")

    assert 0 == ended.code
    assert set() == server.state.active.blocked_networks


def test_an_address_inside_a_blocked_network_is_told_how(project, server):
    project.api.store({"server.blocked-ip.198.51.100.0/24": ""})

    ended = project.run("unblock", "198.51.100.7")

    assert 0 == ended.code
    assert (
        "not blocked 198.51.100.7, but is inside the blocked network 198.51.100.0/24: "
        "mailstack unblock 198.51.100.0/24\n"
    ) == ended.out
    assert ["198.51.100.0/24"] == blocked(project)


def test_a_ban_that_is_only_in_memory_any_more_is_lifted_too(project, server):
    """A run that ended between the setting and the reload."""
    server.ban("198.51.100.1")
    project.api.data("DELETE", "/api/settings/server.blocked-ip.198.51.100.1")

    project.run("unblock", "198.51.100.1")

    assert set() == server.state.blocked


def test_where_no_reload_applies_an_address_is_let_in_and_a_network_is_not(project, server):
    project.api.store({"server.blocked-ip.198.51.100.0/24": ""})
    server.ban("203.0.113.10")
    server.reload_error("spam-filter.pyzor.host", "no name resolution")

    ended = project.run("unblock", "203.0.113.10", "198.51.100.0/24")

    assert 3 == ended.code
    assert ended.out.startswith("lifted      203.0.113.10\n\n")
    assert "the reload applied nothing" in ended.err
    assert "198.51.100.0/24 is still blocked: a blocked network is let go by a full reload only" in ended.err
    assert set() == server.state.blocked


def test_a_ban_in_config_toml_is_told_as_one(tmp_path):
    config = 'server.blocked-ip."203.0.113.10" = ""\n[authentication.fallback-admin]\nuser = "admin"\n'
    seed = {"domains": ["example.org"], "config_toml": f'{config}secret = "{cli.ADMIN_PASSWORD}"\n'}
    with cli.sandbox(seed=seed) as server:
        project = cli.Project(tmp_path, server.url, server)
        project.stack(OWN)
        ended = project.run("unblock", "203.0.113.10")

    assert (3, "") == (ended.code, ended.out)
    assert "203.0.113.10 is still blocked: config.toml blocks it" in ended.err


def test_while_an_apply_runs_it_waits_its_turn(project, server):
    lease = '{"token":"x","host":"ci","pid":1,"boot":"other","since":0,"until":99999999999}'
    project.api.store({"mailstack.lease": lease})
    server.ban("203.0.113.10")

    ended = project.run("unblock")

    assert 75 == ended.code
    assert ["203.0.113.10"] == blocked(project)


def test_the_lease_is_given_back(project, server):
    project.run("unblock")

    assert {} == project.api.keys("mailstack.lease")


@pytest.mark.parametrize("text", ["203.0.113", "mail.example.org", "0.0.0.0/0", "192.0.2.1/24"])
def test_what_is_no_address_is_wrong_usage(project, server, text):
    ended = project.run("unblock", text)

    assert 64 == ended.code
    assert [] == server.writes


def test_a_file_is_named_with_f(tmp_path, server):
    project = cli.Project(tmp_path, server.url, server)
    project.stack(OWN, name="other.yaml")
    server.ban("203.0.113.10")

    assert 0 == project.run("unblock", "-f", "other.yaml").code

    assert [] == blocked(project)


def test_a_server_that_closes_the_connection_is_told_as_a_ban_with_the_way_in(project, server):
    server.close_connections = True

    ended = project.run("unblock")

    assert 1 == ended.code
    assert "Loopback is never banned" in ended.err
