"""mailstack init: six answers, each with what was found here as its default, and the files that follow from them."""

from __future__ import annotations

import json
from pathlib import Path

import cli
import pytest
from fake_docker import FakeDocker

from reconciler.cli import found
from reconciler.config.load import load

ZONE = """\
$TTL 3600
@ IN SOA ns1 postmaster 2026010101 1 2 3 4
@ IN NS ns1
ns1 IN A 203.0.113.2
@ IN MX 10 mx
mx IN A 203.0.113.10
mx IN AAAA 2001:db8::10
"""
FLAGS = [
    "--domain",
    "example.org",
    "--hostname",
    "mail.example.org",
    "--address",
    "203.0.113.10",
    "--account",
    "alice",
]


def written(project: cli.Project) -> str:
    return (project.folder / "mailstack.yaml").read_text(encoding="utf-8")


@pytest.fixture
def new(alone: cli.Project) -> cli.Project:
    """An empty folder on a machine that has no containers and no name server."""
    alone.environ["PATH"] = str(alone.folder / "no-programs")
    return alone


def test_flags_answer_the_questions_and_the_file_is_whole(new):
    ended = new.run("init", *FLAGS, "--url", "http://127.0.0.1:8080", "--zone", "none")

    assert ended.code == 0, ended
    assert (
        written(new)
        == """\
# yaml-language-server: $schema=mailstack.schema.json
#
# What shall be true of one mail server.  Change this file, then run
#
#     mailstack plan     shows what differs, and changes nothing
#     mailstack apply    makes it so
#
# What you leave out stays as it is on the server and in the zone.

version: 1
domain: example.org  # a bare name below, such as alice, means alice@example.org
hostname: mail.example.org  # how the server calls itself when it talks to other servers

# How to reach the mail server.  Secrets never stand in this file, only where they lie.
stalwart:
  url: http://127.0.0.1:8080
  username: admin
  password: {env: STALWART_PASSWORD}
  # restart: [docker, restart, stalwart]  # used only where that is needed

# The records that mail needs follow from this: MX, SPF, DKIM, DMARC, TLS reports, SRV.
dns:
  # zonefile: /srv/bind/db.example.org  # without it, the records are shown, to be pasted elsewhere
  # reload: [rndc, reload, "{zone}"]  # how the name server loads a changed file
  # servers: [127.0.0.1]  # name servers to ask afterwards whether they serve the change
  addresses: [203.0.113.10]  # where the hostname is, seen from the internet
  mail:
    dmarc: {policy: none, reports: postmaster}  # begin by watching; quarantine or reject later

# Mailboxes.  postmaster and abuse must reach a person in every domain.
accounts:
  alice:
    password: {env: ALICE_PASSWORD}  # set when the account is made
    aliases: [postmaster, abuse]

# Addresses that the server never bans: your proxy or tunnel, above all.
allowed_ips: [203.0.113.10]

# Mail is deleted only when this list says so, for example: account/bob@example.org
removed: []
"""
    )
    assert ended.out.startswith(
        "written   mailstack.yaml\nwritten   mailstack.schema.json\nwritten   .gitignore\n"
    )
    assert ended.out.endswith(
        "Next:\n\n    export STALWART_PASSWORD=... ALICE_PASSWORD=...\n    mailstack plan\n"
    )
    assert (new.folder / "mailstack.schema.json").read_text() == (
        cli.ROOT / "schemas/mailstack.schema.json"
    ).read_text()
    assert ".env\n" in (new.folder / ".gitignore").read_text()
    assert new.run("validate").code == 0


def test_lint_has_run_and_finds_no_error(new):
    ended = new.run("init", *FLAGS)

    lines = [line for line in new.run("lint").out.splitlines() if not line.startswith("not checked")]
    assert new.run("lint", "--strict").code == 0
    assert "\n".join(lines) in ended.out


def test_it_overwrites_nothing(new):
    new.write("mailstack.yaml", "mine")
    ended = new.run("init", *FLAGS)

    assert (ended.code, written(new)) == (1, "mine")
    assert ended.err.startswith("error: mailstack.yaml is there already")
    (new.folder / "mailstack.yaml").unlink()
    new.write(".gitignore", "*.log\n.env\n")
    ended = new.run("init", *FLAGS)
    assert "is there  .gitignore, left as it is\nAdd to it what git shall not keep: plan.json" in ended.out
    assert (new.folder / ".gitignore").read_text() == "*.log\n.env\n"


def test_without_a_terminal_the_domain_must_be_said(new):
    ended = new.run("init")

    assert ended.code == 1
    assert "there is no terminal to ask on, so say at least the domain" in ended.err
    assert list(new.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--domain", "x"], "error: x: not a domain\n"),
        (
            ["--domain", "example.org", "--hostname", "9f31c0aa12bc"],
            "error: 9f31c0aa12bc: not a public host name\n",
        ),
        (["--domain", "example.org", "--address", "mail"], "error: mail: not an IP address\n"),
    ],
)
def test_an_answer_that_is_wrong_is_told_and_nothing_is_written(new, flags, told):
    ended = new.run("init", *flags)

    assert ended.code == 1 and ended.err.startswith(told)
    assert list(new.folder.iterdir()) == []


def test_what_is_found_on_the_machine_is_the_default(new):
    docker = FakeDocker(new.folder.parent / "docker")
    docker.container("mail")
    docker.container("ns", mounts=json.dumps([{"Source": str(new.folder / "bind")}]))
    told = [
        {
            "Names": "mail",
            "Image": "stalwartlabs/stalwart:v0.15.5",
            "Ports": "0.0.0.0:9080->8080/tcp, [::]:9080->8080/tcp",
        },
        {"Names": "ns", "Image": "ubuntu/bind9", "Ports": "0.0.0.0:53->53/udp"},
    ]
    (docker.folder / "ps").write_text("".join(json.dumps(one) + "\n" for one in told))
    new.environ["PATH"] = docker.path
    new.write("bind/db.example.org", ZONE)
    ended = new.run("init", "--domain", "example.org")

    assert ended.code == 0, ended
    stack = load(str(new.folder / "mailstack.yaml")).stack
    assert stack.hostname == "mx.example.org"
    assert stack.domain.dns.addresses == ("203.0.113.10", "2001:db8::10")
    assert stack.domain.dns.zonefile is not None and stack.domain.dns.zonefile.path == str(
        new.folder / "bind/db.example.org"
    )
    assert stack.domain.dns.reload == ("docker", "exec", "ns", "rndc", "reload", "{zone}")
    assert stack.stalwart is not None
    assert (stack.stalwart.url, stack.stalwart.restart) == (
        "http://127.0.0.1:9080",
        ("docker", "restart", "mail"),
    )


def test_on_a_terminal_six_questions_are_asked_and_return_takes_what_was_found(new):
    new.write("db.example.org", ZONE)
    ended = new.terminal("init", types="\n\n\n\n\nalice\nnone\n", after="Mail domain")

    assert ended.code == 0, ended
    for question in (
        "Mail domain [example.org]:",
        "Name of the mail server [mx.example.org]:",
        "Its public addresses [203.0.113.10, 2001:db8::10]:",
        "Where its API answers [http",
        f"Zone file [{new.folder}/db.example.org]:",
        "First account [none]:",
        "Workflow files for CI (github, forgejo, gitea, gitlab, none) [none]:",
    ):
        assert question in ended.out
    stack = load(str(new.folder / "mailstack.yaml")).stack
    assert (stack.domain.name, stack.hostname) == ("example.org", "mx.example.org")
    assert set(stack.domain.accounts) == {"alice@example.org"}


def test_an_answer_that_is_wrong_is_asked_for_again(new):
    ended = new.terminal("init", types="example\nexample.org\n\n\n\n\n\nnone\n", after="Mail domain")

    assert ended.code == 0, ended
    assert "example: not a domain" in ended.out
    assert "domain: example.org " in written(new)


def test_the_stack_can_be_applied_to_an_empty_server(new):
    with cli.sandbox() as server:
        project = cli.Project(new.folder, server.url, server)
        assert project.run("init", *FLAGS, "--url", server.url, "--zone", "none").code == 0
        assert project.run("apply", "--yes").code == 0
        assert project.api.may_log_in("alice@example.org", cli.ALICE_PASSWORD)
        assert project.run("plan", "--detailed-exitcode").code == 0


def test_listening_ports_are_those_that_linux_tells(tmp_path: Path):
    table = tmp_path / "tcp"
    table.write_text(
        "  sl  local_address rem_address   st\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000\n"
        "   1: 0100007F:01BB 0100007F:D2F0 01 00000000:00000000\n"
    )

    assert found.listening([str(table), str(tmp_path / "none")]) == {8080}


def test_files_that_are_no_zone_of_mine_are_passed_over(tmp_path: Path):
    for name, text in (
        ("db.local", ZONE),
        ("db.127", ZONE),
        ("db.example.com", "not a zone, SOA or not"),
        ("db.2.0.192.in-addr.arpa", "$TTL 1\n@ IN SOA a. b. 1 2 3 4 5\n"),
        ("db.example.net", "$ORIGIN example.net.\n$TTL 1\n@ IN SOA a. b. 1 2 3 4 5\n"),
        ("example.org.zone", ZONE),
    ):
        (tmp_path / name).write_text(text)

    assert [one.zone for one in found.zones([str(tmp_path), str(tmp_path)])] == ["example.net", "example.org"]
