"""Taking over, on every Stalwart: import, then plan, changes nothing; one line more is one addition more.

The server is set up by the requests that the guide's clicks make, the zone is that of the guide.
"""

from __future__ import annotations

import difflib

import cli
import pytest

# Secrets of the live server, in every place that takes one.
CANARIES = (
    *("canary-admin-pass-1", "canary-second-2", "canary-apppass-3", "canary-acme-4", "canary-relay-5"),
    *("canary-api-key-6", "CANARYOTP7"),
)
TEMPLATE = """\
$TTL 3600
$ORIGIN .
example.org             IN SOA  ns1.example.org. postmaster.example.org. (
                                2026010101 ; serial
                                43200      ; refresh
                                3600       ; retry
                                1209600    ; expire
                                3600       ; minimum
                                )
                        NS      ns1.example.org.
$ORIGIN example.org.
ns1                     A       203.0.113.2
mail                    A       203.0.113.10
"""


def clicked(server) -> None:
    """Set the server up as somebody does who follows the guide, and with what he may have added since."""
    api = server.api
    for domain in ("example.org", "example.com", "xn--bcher-kva.example"):
        api.create("domain", domain)
    api.create(
        "individual",
        "alice",
        *("alice@example.org", "postmaster@example.org", "abuse@example.org", "hello@example.com"),
        description='Alice: the "first" # one',
        secrets=[CANARIES[0]],
        quota=5 << 30,
        roles=["user"],
    )
    api.patch("alice", "addItem", "emails", "@example.org")
    api.patch("alice", "addItem", "secrets", f"$app$phone$ {CANARIES[2]}")
    api.create(
        "individual", "bob@example.org", "bob@example.org", secrets=[CANARIES[1]], roles=["user", "admin"]
    )
    api.create("individual", "norole", "norole@example.org", secrets=[CANARIES[1]], roles=[])
    api.create("individual", "disabled", "disabled@example.org", secrets=[CANARIES[1]])
    api.patch("disabled", "addItem", "disabledPermissions", "authenticate")
    otp = f"otpauth://totp/x:bob?algorithm=SHA1&secret={CANARIES[6]}&issuer=x&digits=6&period=30"
    api.patch("bob@example.org", "addItem", "secrets", otp)
    api.create("individual", "eva", "eva@xn--bcher-kva.example", secrets=[CANARIES[1]])
    # What a stack does not know.
    api.create("role", "auditor", enabledPermissions=["authenticate"])
    api.create("apiKey", "robot", secrets=[CANARIES[5]])
    api.create("individual", "scanner", secrets=[CANARIES[1]], description="no address at all")
    api.create("group", "office@example.org", "office@example.org", description="Office")
    api.create("group", "all@example.org", "all@example.org")
    api.patch("alice", "addItem", "memberOf", "office@example.org")
    api.patch("office@example.org", "addItem", "memberOf", "all@example.org")
    api.create(
        "list",
        "team@example.org",
        "team@example.org",
        members=["alice", "bob@example.org"],
        externalMembers=["carol@elsewhere.test"],
    )
    api.store(
        {
            "server.allowed-ip.203.0.113.10": "",
            "server.allowed-ip.192.168.128.0/24": "",
            "lookup.default.hostname": "mail.example.org",
            "session.rcpt.max-recipients": "50",
            "spam-filter.pyzor.enable": "false",  # a server in a test cannot resolve names
            "acme.own.eab.hmac-key": CANARIES[3],
            "queue.route.relay.auth.secret": CANARIES[4],
        }
    )
    assert api.data("GET", "/api/reload")["errors"] == {}
    api.data(
        "POST", "/api/dkim", {"id": None, "algorithm": "Ed25519", "domain": "example.org", "selector": None}
    )


def zone_of(server) -> str:
    """Return the guide's zone with the records that the server proposes, as somebody pastes them."""
    lines = [TEMPLATE]
    for record in server.api.data("GET", "/api/dns/records/example.org"):
        content = record["content"]
        if record["name"] in ("mail.example.org.",) and record["type"] == "CNAME":
            continue  # the guide's zone has its address
        if record["type"] == "TXT":
            text = content.replace('"', "").replace(" ", " ")
            content = " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))
        if record["type"] != "TLSA":
            lines.append(f"{record['name']} IN {record['type']} {content}\n")
    return "".join(lines)


@pytest.fixture
def running(server):
    clicked(server)
    server.project.write("db.example.org", zone_of(server))
    return server


def imported(server, *options: str) -> cli.Ended:
    return server.project.run("import", "--url", server.project.url, "--zone", "db.example.org", *options)


def test_the_plan_after_an_import_is_empty_and_one_line_more_is_one_addition(running):
    project = running.project
    before, zone = running.api.below(""), (project.folder / "db.example.org").read_bytes()

    ended = imported(running)
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert "it changes nothing on the server and nothing in DNS" in ended.err
    assert running.api.below("") == before
    assert (project.folder / "db.example.org").read_bytes() == zone
    plan = project.run("plan")
    assert "Plan: 0 to add, 0 to change, 0 to delete · " in plan.out, plan

    file = project.folder / "mailstack.yaml"
    text = file.read_text()
    assert all(canary not in text for canary in CANARIES)
    alias = "    aliases: [abuse, hello@example.com, postmaster]\n"
    assert alias in text
    file.write_text(text.replace(alias, alias.replace("[", "[info, ")))
    plan = project.run("plan")
    assert "+ alias" in plan.out
    assert "Plan: 1 to add, 0 to change, 0 to delete · " in plan.out


def test_what_was_imported_can_be_applied_and_is_then_as_declared(running):
    imported(running)
    project = running.project

    assert project.run("apply", "--yes").code == 0
    second = project.run("plan", "--detailed-exitcode")
    assert (second.code, second.out.splitlines()[-1]) == (0, "Nothing to do: everything is as declared.")
    # And again, from the marks that this has left.
    again = project.run("import", "-f", "mailstack.yaml", "--out", "again.yaml")
    assert again.code == 0, again
    body = (project.folder / "mailstack.yaml").read_text().split("version: 1", 1)[1]
    assert (project.folder / "again.yaml").read_text().split("version: 1", 1)[1] == body


def test_two_imports_give_the_same_bytes(running):
    one = imported(running, "--out", "-")
    two = imported(running, "--out", "-")

    assert one.code == two.code == 0
    assert one.out == two.out != ""


def test_what_cannot_be_taken_over_is_told_with_its_reason(running):
    ended = imported(running)

    text = (running.project.folder / "mailstack.yaml").read_text()
    for told in ("account/login:scanner: it has no mail address",):
        assert f"    {told}\n" in ended.err
        assert f"#   {told}\n" in text


def test_what_is_made_by_clicking_afterwards_joins_the_file(running):
    imported(running)
    project, api = running.project, running.api
    before = (project.folder / "mailstack.yaml").read_text()
    api.create("individual", "carol", "carol@example.com", "c@example.org", secrets=[CANARIES[1]])

    ended = project.run("import", "--into", "mailstack.yaml")
    assert ended.code == 0, ended
    assert ended.err.startswith("+ account/carol@example.com\n+ alias/c@example.org\n")
    after = (project.folder / "mailstack.yaml").read_text()
    told = difflib.ndiff(before.splitlines(), after.splitlines())
    assert [line[2:] for line in told if line[0] == "+"] == [
        "  example.com:",
        "    accounts:",
        "      carol:",
        "        login: carol",
        "        aliases: [c@example.org]",
    ]
    assert "Plan: 0 to add, 0 to change, 0 to delete · " in project.run("plan").out
