"""`--connections FILE`: how the servers are reached comes from there, and the stack may say none of it."""

from __future__ import annotations

import cli
import pytest

STACK = """\
version: 1
stack: home
domain: example.org
accounts: {alice: {password: {env: ALICE_PASSWORD}}}
dns: {mail: false, records: [{name: www, type: A, value: 192.0.2.2}]}
"""
ZONE = "$TTL 1h\n@ SOA ns root 1 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"
NOT_HERE = "connections/c.yaml says how the servers of home are reached, so that no branch can change it. Delete this here"


@pytest.fixture
def apart(project):
    """A stack without any reach, and a folder with connections, the login, a zone file and a program for a secret."""
    project.write("mailstack.yaml", STACK)
    project.write(
        "connections/c.yaml",
        "version: 1\n"
        "stacks:\n"
        "  home:\n"
        f'    stalwart: {{url: "{project.url}", username: admin, password: {{file: login}}}}\n'
        '    dns: {zonefile: "zones/db.{domain}", reload: ["true"]}\n'
        "    secrets: {ALICE_PASSWORD: {command: [cat, alice]}}\n"
        "  other: {}\n",
    )
    project.write("connections/login", f"{cli.ADMIN_PASSWORD}\n")
    project.write("connections/alice", cli.BOB_PASSWORD)
    project.write("connections/zones/db.example.org", ZONE)
    project.environ = {"MAILSTACK_CONNECTIONS": "connections/c.yaml"}
    return project


def test_everything_that_reaches_out_comes_from_there(apart):
    """Paths and programs are meant as seen from its folder; a variable may be a secret that lies there."""
    assert apart.run("apply", "--yes").code == 0

    assert apart.run("plan", "--detailed-exitcode").code == 0
    assert "www" in (apart.folder / "connections/zones/db.example.org").read_text()
    assert apart.api.may_log_in("alice@example.org", cli.BOB_PASSWORD)


def test_the_flag_says_the_same_as_the_variable(apart):
    apart.environ = {}

    assert apart.run("drift", "--connections", "connections/c.yaml").code == 0


def test_the_plan_is_the_same_wherever_the_reach_stands(apart):
    connected = apart.run("plan", "--format", "json").out
    apart.environ = dict(cli.ENVIRON)
    apart.stack(
        STACK.partition("domain: example.org\n")[2].replace(
            "dns: {", "dns: {zonefile: connections/zones/db.example.org, reload: ['true'], "
        )
    )

    assert apart.run("plan", "--format", "json").out == connected


def test_unblock_takes_it_as_well(apart):
    apart.api.store({"server.blocked-ip.203.0.113.10": ""})

    assert apart.run("unblock", "203.0.113.10").out.startswith("lifted      203.0.113.10\n")


def test_what_the_stack_says_of_its_reach_is_refused_all_at_once(apart):
    apart.write(
        "mailstack.yaml",
        "version: 1\n"
        "stack: home\n"
        "domain: example.org\n"
        "stalwart: {url: http://evil.example}\n"
        "accounts: {alice: {password: {command: [curl, evil.example]}}}\n"
        "dns: {reload: [x], via: ssh://evil, zonefile: /a, servers: [127.0.0.1]}\n"
        "domains: {example.net: {dns: {reload: [y]}}}\n"
        "defaults: {dns: {via: ssh://evil}}\n"
        "settings: {a.b: {command: [z]}}\n",
    )

    ended = apart.run("plan")

    there = f"{NOT_HERE}: write {{env: NAME}}, and the command under `secrets:` there."
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: mailstack.yaml:4:1: `stalwart` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:5:31: a command that prints a secret\n    {there}\n"
        f"error: mailstack.yaml:6:7: `dns.reload` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:6:20: `dns.via` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:6:37: `dns.zonefile` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:7:31: `domains.example.net.dns.reload` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:8:18: `defaults.dns.via` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:9:18: a command that prints a secret\n    {there}\n"
        "8 errors; nothing was changed.\n"
    )
    assert apart.server.requests == []


def test_a_zone_file_may_stand_in_the_stack_where_the_connections_name_none(apart):
    connections = (apart.folder / "connections/c.yaml").read_text()
    apart.write("connections/c.yaml", connections.replace('zonefile: "zones/db.{domain}", ', ""))
    apart.write(
        "mailstack.yaml", STACK.replace("dns: {", "dns: {zonefile: connections/zones/db.example.org, ")
    )

    assert "+ A  www  192.0.2.2" in apart.run("plan").out


def test_one_domain_may_be_reached_otherwise(apart):
    connections = (apart.folder / "connections/c.yaml").read_text()
    other = "    domains: {example.net: {zonefile: elsewhere.net}}\n    secrets:"
    apart.write("connections/c.yaml", connections.replace("    secrets:", other))
    apart.write("connections/elsewhere.net", ZONE)
    apart.write(
        "mailstack.yaml",
        STACK
        + "domains: {example.net: {dns: {mail: false, records: [{name: a, type: A, value: 192.0.2.3}]}}}\n",
    )

    assert "zone db.example.org · zone elsewhere.net" in apart.run("plan").out


def test_what_is_wrong_in_it_is_told_with_its_place(apart):
    apart.write(
        "connections/c.yaml",
        "version: 1\n"
        "stacks:\n"
        "  home:\n"
        "    stalwart: {url: ftp://x, username: a, password: {env: NOPE}, restart: [./r]}\n"
        "    dns: {reload: [bin/x], via: foo}\n"
        "    domains: {example.ogr: {via: ssh://x}}\n",
    )

    ended = apart.run("validate")

    start = "It would be looked for in the folder in which mailstack runs. Write it from the root: /..."
    assert (ended.code, ended.err) == (
        1,
        "error: connections/c.yaml:4:21: not a URL\n"
        "    Write scheme, host and port, such as http://127.0.0.1:8080.\n"
        f"error: connections/c.yaml:4:76: a program that is not absolute\n    {start}\n"
        f"error: connections/c.yaml:5:20: a program that is not absolute\n    {start}\n"
        "error: connections/c.yaml:5:33: not an ssh address\n"
        "    Write ssh://user@host or ssh://user@host:port.  A password has no place here: ssh uses its keys.\n"
        "error: connections/c.yaml:6:15: a domain that the stack does not declare\n"
        '    Did you mean "example.org"?  The stack home declares: example.org.\n'
        "5 errors; nothing was changed.\n",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "version: 1\nstacks: {hom: {}}\n",
            'connections/c.yaml:2:1: nothing is said of the stack home\n    Did you mean "hom"?  It knows: hom.\n',
        ),
        (
            "version: 1\nstacks: {home: {stalwart: {url: 'http://x', usrname: a}}}\n",
            'connections/c.yaml:2:45: unknown key "usrname"\n    Did you mean "username"?\n',
        ),
        (
            "version: 1\n",
            'connections/c.yaml:1:1: "stacks" is missing\n    By the name of the stack.  For example:\n',
        ),
        (
            "version: 1\nstacks: {home: {secrets: {A: hunter2}}}\n",
            "connections/c.yaml:2:30: a secret in the file\n    This file is shared and kept in a repository",
        ),
        ("- a\n", "connections/c.yaml: this is no file of connections\n    It begins like this:\n"),
    ],
    ids=["another stack", "an unknown key", "no stacks", "a secret", "a list"],
)
def test_a_file_that_is_no_use_is_refused(apart, text, told):
    apart.write("connections/c.yaml", text)

    ended = apart.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {told}")


def test_a_secret_that_is_missing_is_told_where_it_is_named(apart):
    (apart.folder / "connections/login").unlink()

    ended = apart.run("plan")

    file = apart.folder / "connections/login"
    assert ended.code == 1
    assert ended.err.startswith("error: connections/c.yaml:4:")
    assert ended.err.endswith(f": a secret that cannot be had\n    There is no file {file}.\n")


def test_a_file_that_is_not_there_is_an_error(apart):
    ended = apart.run("plan", "--connections", "none.yaml")

    assert ended.err == "error: none.yaml: there is no such file\n    Name it with --connections FILE.\n"


def test_what_is_unmanaged_joins_a_stack_that_says_nothing_of_its_reach(apart):
    apart.api.create("individual", "bob@example.org", "bob@example.org")

    assert apart.run("import", "--into", "mailstack.yaml", "account/bob@example.org").code == 0

    assert "bob" in (apart.folder / "mailstack.yaml").read_text()
    assert "+ account  bob@example.org" not in apart.run("plan").out


def test_what_a_single_domain_has_there_is_not_said_here_as_well(apart):
    connections = (apart.folder / "connections/c.yaml").read_text()
    single = "    domains: {example.org: {servers: [127.0.0.1]}, example.net: {timeout: 5s}}\n    secrets:"
    apart.write("connections/c.yaml", connections.replace("    secrets:", single))
    apart.write(
        "mailstack.yaml",
        "version: 1\nstack: home\ndomain: example.org\ndns: {servers: [127.0.0.1], timeout: 5s}\n"
        "domains: {example.net: {dns: {timeout: 5s, servers: [127.0.0.1]}}}\n",
    )

    ended = apart.run("validate")

    assert ended.err == (
        f"error: mailstack.yaml:4:7: `dns.servers` belongs to the connections\n    {NOT_HERE}.\n"
        f"error: mailstack.yaml:5:31: `domains.example.net.dns.timeout` belongs to the connections\n    {NOT_HERE}.\n"
        "2 errors; nothing was changed.\n"
    )
