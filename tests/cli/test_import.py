"""mailstack import at the command line: what it asks for, what it refuses, what it writes beside the server's state."""

from __future__ import annotations

import os

import cli
import pytest

from reconciler.sandbox import Sandbox

PAGE = """\
$TTL    3600
@       IN      SOA     ns1.example.org. postmaster.example.org. (
                        2026010101 3600 1800 604800 86400 )
@       IN      NS      ns1.example.org.
ns1     IN      A       203.0.113.2
mail    IN      A       203.0.113.10
@       IN      MX      10 mail.example.org.
"""
# As panels write zones out: every name whole, every TTL there, tabs, one long key in pieces.
PANEL = """\
;; Exported
example.org.\t3600\tIN\tSOA\tns1.panel.example. host.panel.example. 2026 1 2 3 4
example.org.\t86400\tIN\tNS\tns1.panel.example.
example.org.\t300\tIN\tA\t203.0.113.20
www.example.org.\t300\tIN\tCNAME\texample.org.
example.org.\t3600\tIN\tMX\t10\tmail.example.org.
mail.example.org.\t300\tIN\tA\t203.0.113.10
old._domainkey.example.org.\t3600\tIN\tTXT\t( "v=DKIM1; k=rsa; " "p=AAAA" )
_sip._tcp.example.org.\t3600\tIN\tSRV\t0 0 5060 sip.example.net.
"""


@pytest.fixture
def taken(tmp_path, server: Sandbox) -> cli.Project:
    """A folder with nothing in it, and a server with one account and a hostname."""
    project = cli.Project(tmp_path, server.url, server)
    project.api.create("individual", "alice", "alice@example.org")
    project.api.store({"lookup.default.hostname": "mail.example.org"})
    project.api.data("GET", "/api/reload")
    return project


def imported(project: cli.Project, *options: str) -> cli.Ended:
    return project.run("import", "--url", project.url, *options)


def written(project: cli.Project, name: str = "mailstack.yaml") -> str:
    return (project.folder / name).read_text(encoding="utf-8")


def changes_nothing(project: cli.Project, *options: str) -> None:
    plan = project.run("plan", *options)
    assert plan.code == 0 and (
        "Plan: 0 to add, 0 to change, 0 to delete" in plan.out or "Nothing to do" in plan.out
    ), plan


def test_it_writes_a_file_and_says_what_is_in_it(taken):
    ended = imported(taken)

    assert ended == cli.Ended(
        code=0,
        out="",
        err=(
            "mailstack.yaml holds 1 domain, 1 account, 1 hostname.\n"
            "mailstack.schema.json, beside it, lets your editor complete it and tell mistakes.\n"
            "\n"
            "Proved by a plan: it changes nothing on the server and nothing in DNS.\n"
            "The first apply will mark 1 thing as this stack's, and do nothing else.\n"
            "\n"
            "Next:\n"
            "\n"
            "    mailstack plan\n"
            "    mailstack apply\n"
        ),
    )
    changes_nothing(taken)
    assert taken.run("validate").code == 0


def test_it_overwrites_nothing(taken):
    taken.write("mailstack.yaml", "mine")
    ended = imported(taken)

    assert ended.code == 1
    assert ended.err == (
        "error: mailstack.yaml is there already, and import overwrites nothing\n"
        "    Name another file, or have what is missing added to this one:\n"
        "\n"
        "        mailstack import --into mailstack.yaml\n"
    )
    assert written(taken) == "mine"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--url", "nonsense"], "error: --url nonsense: not a URL\n"),
        (["--url", "http://a:b@127.0.0.1:1"], "error: --url"),
        (["--url", "http://127.0.0.1:1", "--via", "tower"], "error: --via tower: not an ssh address\n"),
        (["--url", "http://127.0.0.1:1", "--domain", "x"], "error: --domain x: not a domain\n"),
    ],
    ids=["url", "password in it", "via", "domain"],
)
def test_a_flag_that_is_wrong_is_told_before_anything_is_asked(alone, options, told):
    ended = alone.run("import", *options)

    assert ended.code == 1
    assert ended.err.startswith(told)


def test_one_says_where_the_server_is(alone):
    assert alone.run("import").code == 64


def test_a_missing_password_is_told_with_the_variable_to_set(taken):
    del taken.environ["STALWART_PASSWORD"]
    ended = imported(taken)

    assert ended.code == 1
    assert "The environment variable STALWART_PASSWORD is not set." in ended.err
    assert not (taken.folder / "mailstack.yaml").exists()


def test_the_password_is_asked_for_on_a_terminal(taken):
    del taken.environ["STALWART_PASSWORD"]
    ended = taken.terminal(
        "import",
        "--url",
        taken.url,
        types=cli.ADMIN_PASSWORD + "\n",
        after=f"Password of admin at {taken.url}:",
    )

    assert ended.code == 0, ended
    assert "password: {env: STALWART_PASSWORD}" in written(taken)


def test_the_password_may_lie_in_a_file_or_another_variable(taken):
    secret = taken.write("secret", cli.ADMIN_PASSWORD + "\n")
    taken.environ = {"OTHER": cli.ADMIN_PASSWORD}

    assert imported(taken, "--password-file", "secret", "--out", "a.yaml").code == 0
    assert f"password: {{file: {secret}}}" in written(taken, "a.yaml")
    assert imported(taken, "--password-env", "OTHER", "--out", "b.yaml").code == 0
    assert "password: {env: OTHER}" in written(taken, "b.yaml")
    changes_nothing(taken, "-f", "b.yaml")


def test_a_server_without_a_domain_has_nothing_to_take_over(tmp_path):
    with cli.sandbox() as empty:
        ended = imported(cli.Project(tmp_path, empty.url, empty))

    assert ended.code == 1
    assert ended.err == (
        "error: the server has no mail domain yet, so there is nothing to take over\n"
        "    Begin with a stack of your own:\n\n        mailstack init\n"
    )


def test_only_the_named_domains_are_taken_over(taken):
    taken.api.create("domain", "example.net")
    taken.api.create("individual", "carol", "carol@example.net")

    assert imported(taken, "--domain", "example.net").code == 0
    assert "domain: example.net " in written(taken)
    assert "account/alice@example.org: its domain example.org is not taken over" in written(taken)
    changes_nothing(taken)
    ended = imported(taken, "--domain", "example.com", "--out", "b.yaml")
    assert (ended.code, ended.err.splitlines()[0]) == (1, "error: the server has no domain example.com")


@pytest.mark.parametrize("zone", [PAGE, PANEL], ids=["the guide's page", "a panel's export"])
def test_a_zone_is_taken_over_whatever_it_looks_like(taken, zone):
    taken.write("db.example.org", zone)

    assert imported(taken, "--zone", "db.example.org").code == 0
    changes_nothing(taken)
    assert "mx: false" not in written(taken)
    assert "ns1" in written(taken)
    assert taken.run("apply", "--yes").code == 0
    assert taken.run("plan").out.splitlines()[-1] == "Nothing to do: everything is as declared."


def test_what_an_included_file_says_is_satisfied_there(taken):
    taken.write("db.example.org", PAGE + "$INCLUDE mail.inc\n")
    taken.write("mail.inc", '@ IN TXT "v=spf1 mx -all"\nftp IN A 203.0.113.9\n')

    assert imported(taken, "--zone", "db.example.org").code == 0
    changes_nothing(taken)
    assert "\n    spf: false" not in written(taken)
    assert "ftp" not in written(taken)


def test_a_file_that_does_not_say_its_zone_is_asked_about(taken):
    taken.api.create("domain", "example.net")
    taken.write("zone.txt", PAGE)
    ended = imported(taken, "--zone", "zone.txt")

    assert ended.code == 1
    assert "    --zone example.org=zone.txt\n" in ended.err
    assert imported(taken, "--zone", "example.org=zone.txt").code == 0


def test_a_zone_without_a_domain_of_the_server_is_refused(taken):
    taken.write("db.example.com", PANEL.replace("example.org", "example.com"))
    ended = imported(taken, "--zone", "db.example.com")

    assert ended.code == 1
    assert "is the zone example.com, and none of the domains is in it" in ended.err


def test_an_import_whose_plan_is_not_empty_says_what_differs_and_exits_3(taken):
    """A reload that an earlier run of this stack still owes is no difference that a file could take up."""
    taken.api.store({"mailstack.example.org.activation/reload": "owed"})
    ended = imported(taken)

    assert ended.code == 3
    assert "The plan of what was written is not empty, so look at it before you apply:" in ended.err
    assert "* activate  Stalwart" in ended.err
    assert (taken.folder / "mailstack.yaml").exists()


def test_a_hostile_server_gives_a_file_that_is_just_its_data(taken):
    names = [
        "two\nlines: x",
        "\x1b[2Jred",
        "!!python/object:os.system",
        "# no comment",
        'a "b" \\ c',
        "\u202edlrow",
    ]
    for number, name in enumerate(names):
        taken.api.create("individual", f"u{number}", f"u{number}@example.org", description=name)

    assert imported(taken).code == 0
    text = written(taken)
    assert all(line.isprintable() for line in text.splitlines())
    changes_nothing(taken)
    from reconciler.config.load import load

    accounts = load(str(taken.folder / "mailstack.yaml")).stack.domain.accounts
    assert [accounts[f"u{n}@example.org"].name for n in range(2, len(names))] == names[2:]
    assert "account/u0@example.org: its name has characters that cannot stand in one line" in text


def test_the_file_opens_in_another_place(taken):
    """Paths in it are those of the machine, so it may be written anywhere."""
    taken.write("db.example.org", PAGE)
    os.mkdir(taken.folder / "stacks")

    assert imported(taken, "--zone", "db.example.org", "--out", "stacks/home.yaml").code == 0
    changes_nothing(taken, "-f", "stacks/home.yaml")


def test_the_first_plan_reads_as_somebody_hopes_who_has_just_imported(taken):
    taken.write("db.example.org", PAGE)
    taken.api.create("individual", "scanner")
    imported(taken, "--zone", "db.example.org")

    assert taken.run("plan").out.split("\n\n")[1:] == [
        "  Stalwart\n    > hostname    as declared; gets our mark and nothing else",
        "  DNS example.org\n    > 4 records as declared: marked as ours, nothing else changes",
        "  Unmanaged, left alone: 1 account   (--unmanaged lists them)",
        "Nothing changes on the server and nothing in DNS.\n"
        "5 things are as declared and will be marked as this stack's:\n"
        "what you take out of this file later is then taken away there as well.\n"
        "Mailboxes, aliases, lists and domains go only when they are listed under removed:.\n"
        "What is unmanaged stays as it is; `mailstack import --into FILE` adds what it can, and says why not.",
        taken.run("plan").out.split("\n\n")[-1],
    ]
    markdown = taken.run("plan", "--format", "markdown").out
    assert "Nothing changes on the server and nothing in DNS. 5 things are as declared" in markdown
