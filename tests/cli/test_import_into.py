"""mailstack import --into: what is live and unmanaged joins a file that a person has written, and only that."""

from __future__ import annotations

import cli
import pytest

from reconciler.config.load import load
from reconciler.sandbox import Sandbox

MINE = """\
# The family's mail.

# Mailboxes
accounts:
  alice:                    # she
    aliases: [postmaster]   # and more one day
  # bob is gone

lists: {team: {members: [alice]}}
allowed_ips: [203.0.113.10]   # the proxy
dns:
  zonefile: db.example.org
  mail: [mx]
  records:
    - {name: www, type: A, value: 203.0.113.20}   # the web
"""
ZONE = """\
$TTL 3600
@ IN SOA ns1 postmaster 2026010101 1 2 3 4
@ IN NS ns1
ns1 IN A 203.0.113.2
@ IN MX 10 mail
www IN A 203.0.113.20
ftp 300 IN CNAME www
"""


@pytest.fixture
def mine(tmp_path, server: Sandbox) -> cli.Project:
    """A stack for a part of what is on the server and in the zone."""
    project = cli.Project(tmp_path, server.url, server)
    api = project.api
    api.create("domain", "example.net")
    api.create("individual", "alice", "alice@example.org", "postmaster@example.org", "info@example.org")
    api.create("individual", "bob", "bob@example.org", "b@example.org", description="Bob: the second")
    api.create("individual", "carol", "carol@example.net")
    api.create("list", "team@example.org", "team@example.org", members=["alice"])
    api.create(
        "list",
        "all@example.org",
        "all@example.org",
        members=["alice", "bob"],
        externalMembers=["x@else.test"],
    )
    api.create("group", "office@example.org", "office@example.org")
    api.patch("bob", "addItem", "memberOf", "office@example.org")
    api.patch("bob", "addItem", "emails", "@example.org")
    api.create("individual", "scanner")
    api.store({"server.allowed-ip.203.0.113.10": "", "server.allowed-ip.192.168.0.0/24": ""})
    project.stack("hostname: mail.example.org\n" + MINE)
    api.store({"lookup.default.hostname": "mail.example.org"})
    api.data("GET", "/api/reload")
    project.write("db.example.org", ZONE)
    return project


def text_of(project: cli.Project) -> str:
    return (project.folder / "mailstack.yaml").read_text(encoding="utf-8")


def gained(project: cli.Project, before: str) -> list[str]:
    """Return the lines that are new; all others must be there as they were, in their order."""
    old, new = before.splitlines(), text_of(project).splitlines()
    rest = iter(new)
    kept = [line for line in old if line in new]
    assert all(line in rest for line in kept), "the order has changed"
    return [line for line in new if line not in old]


def test_all_that_is_unmanaged_is_added_in_the_style_of_the_file(mine):
    before = text_of(mine)
    ended = mine.run("import", "--into", "mailstack.yaml")

    assert ended.code == 0, ended
    assert gained(mine, before) == [
        "    aliases: [postmaster, info]   # and more one day",
        "  bob:",
        '    name: "Bob: the second"',
        "    login: bob",
        "    aliases: [b]",
        "lists: {team: {members: [alice]}, all: {members: [alice, bob, x@else.test]}}",
        "allowed_ips: [203.0.113.10, 192.168.0.0/24]   # the proxy",
        '    - {name: "@", type: NS, value: ns1.example.org.}',
        "    - {name: ftp, type: CNAME, value: www.example.org.}",
        "    - {name: ns1, type: A, value: 203.0.113.2}",
        "catch_all: bob",
        "domains:",
        "  example.net:",
        "    accounts:",
        "      carol:",
        "        login: carol",
        "groups:",
        "  office:",
        "    members: [bob]",
    ]
    assert "account/login:scanner: it has no mail address" in ended.err
    assert ended.err.endswith(
        "\nAdded to mailstack.yaml; proved by a plan: nothing else is said, and nothing more would be changed.\n"
    )
    plan = mine.run("plan", "--unmanaged")
    assert "0 to add, 0 to change, 0 to delete" in plan.out
    again = mine.run("import", "--into", "mailstack.yaml")
    assert (again.code, again.err.splitlines()[-1]) == (0, "Nothing was added to mailstack.yaml.")


def test_one_address_is_added_alone(mine):
    before = text_of(mine)
    ended = mine.run("import", "account/bob@example.org")

    assert ended.code == 0, ended
    assert gained(mine, before) == ["  bob:", '    name: "Bob: the second"', "    login: bob"]
    assert ended.err.startswith("+ account/bob@example.org\n")
    stack = load(str(mine.folder / "mailstack.yaml")).stack
    assert set(stack.domain.accounts) == {"alice@example.org", "bob@example.org"}


def test_an_alias_joins_those_of_its_account(mine):
    before = text_of(mine)

    assert mine.run("import", "alias/info@example.org").code == 0
    assert gained(mine, before) == ["    aliases: [postmaster, info]   # and more one day"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (
            "alias/b@example.org",
            "its account bob@example.org is not in the stack: take account/bob@example.org as well",
        ),
        (
            "list/all@example.org",
            "its member bob@example.org is not in the stack: take account/bob@example.org as well",
        ),
        (
            "account/carol@example.net",
            "its domain example.net is not in the stack: take domain/example.net as well",
        ),
        ("account/nobody@example.org", "there is no such thing on the live side"),
    ],
)
def test_what_cannot_be_added_is_told_with_what_to_do(mine, address, why):
    before = text_of(mine)
    ended = mine.run("import", address)

    assert ended.code == 1
    assert f"    {address}: {why}\n" in ended.err
    assert text_of(mine) == before


def test_what_is_declared_already_is_told_with_its_place(mine):
    ended = mine.run("import", "account/alice@example.org")

    assert ended.code == 1
    assert "account/alice@example.org is in the stack already" in ended.err
    assert "mailstack.yaml:" in ended.err


def test_several_addresses_may_need_one_another(mine):
    ended = mine.run("import", "list/all@example.org", "alias/b@example.org", "account/bob@example.org")

    assert ended.code == 0, ended
    assert "    aliases: [b]" in text_of(mine)


def test_an_account_that_has_its_aliases_in_the_map_gets_another_one_there(mine):
    file = mine.folder / "mailstack.yaml"
    file.write_text(
        text_of(mine).replace("    aliases: [postmaster]   # and more one day\n", "")
        + "aliases:\n  postmaster: alice\n"
    )
    before = text_of(mine)

    assert mine.run("import", "alias/info@example.org").code == 0
    assert gained(mine, before) == ["  info: alice"]


def test_a_file_that_would_say_more_is_left_alone_and_the_lines_are_shown(mine):
    """Defaults are laid under a new domain, so that it would get more than what is there."""
    file = mine.folder / "mailstack.yaml"
    file.write_text(text_of(mine) + "defaults: {aliases: {abuse: alice@example.org}}\n")
    before = text_of(mine)
    ended = mine.run("import", "domain/example.net")

    assert ended.code == 1
    assert text_of(mine) == before
    assert "this file cannot be added to without changing what it says" in ended.err
    assert "        domains:\n          example.net: {}\n" in ended.err
