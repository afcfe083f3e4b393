"""One suite for every Stalwart.  What the sandbox passes, a real server must pass as well.

After each apply the second plan must be empty (`Server.applied` looks); here is what it must have meant.
"""

from __future__ import annotations

import json

import cli
from cli import ALICE_PASSWORD, BOB_PASSWORD

RICH = """\
hostname: mail.example.org
dns: {mail: {dkim: [ed25519]}}
accounts:
  alice: {name: Alice Example, password: {env: ALICE_PASSWORD}, aliases: [postmaster, abuse], quota: 5GiB}
  bob: {name: "Bob Ünal", password: {env: BOB_PASSWORD}, admin: true}
aliases: {info: alice, sales: alice, support: bob}
lists: {team: {name: The team, members: [alice, bob, carol@example.net]}}
groups:
  office: {name: The office, members: [alice, bob], quota: 1GiB}
  everybody: {members: [office]}
catch_all: alice
allowed_ips: [203.0.113.10, 192.168.128.0/24, "2001:db8::1"]
settings:
  session.rcpt.max-recipients: 50
domains: {example.com: {aliases: {info: alice@example.org}}}
"""
TWO = """\
accounts:
  alice: {password: {env: ALICE_PASSWORD}}
  bob: {password: {env: BOB_PASSWORD}}
settings:
"""


def test_a_first_apply_makes_everything(server):
    ended = server.applied(RICH)

    api = server.api
    assert "0 deleted" in ended.out.splitlines()[-1]
    assert api.names("domain") == ["example.com", "example.org"]
    emails = api.principal("alice@example.org")["emails"]
    assert emails[0] == "alice@example.org"
    assert set(emails[1:]) == {
        *("postmaster@example.org", "abuse@example.org", "info@example.org", "sales@example.org"),
        *("info@example.com", "@example.org"),
    }
    assert api.principal("alice@example.org")["quota"] == 5 << 30
    assert _texts(api.principal("bob@example.org")["roles"]) == {"user", "admin"}
    assert _texts(api.principal("team@example.org")["externalMembers"]) == {"carol@example.net"}
    assert _texts(api.principal("everybody@example.org")["members"]) == {"office@example.org"}
    assert api.keys("session.rcpt.max-recipients") == {"session.rcpt.max-recipients": "50"}
    assert api.may_log_in("alice@example.org", ALICE_PASSWORD)
    assert "mail.example.org." in _mx(server)
    assert api.data("GET", "/api/reload")["errors"] == {}


def test_a_plan_before_and_after_changes_nothing(server):
    server.says(RICH)
    before = server.api.below("")
    server.project.run("plan")
    assert server.api.below("") == before

    server.applied(RICH)
    before = server.api.below("")
    server.project.run("plan")
    assert server.api.below("") == before


def test_changes_of_every_kind(server):
    server.applied(RICH)
    changed = (
        RICH.replace("Alice Example", "Alice Beispiel")
        .replace("quota: 5GiB", "quota: none")
        .replace("bob, carol@example.net", "dave@example.net")
        .replace("admin: true", "admin: false")
        .replace("max-recipients: 50", "max-recipients: 60")
        .replace("office: {name: The office, members: [alice, bob]", "office: {name: Office, members: [bob]")
        .replace("hostname: mail.", "hostname: mx.")
    )
    server.applied(changed, "--release", "account/bob@example.org")  # he was the last administrator

    api = server.api
    assert api.principal("alice@example.org")["description"] == "Alice Beispiel"
    assert api.principal("alice@example.org").get("quota", 0) == 0
    assert _texts(api.principal("team@example.org")["members"]) == {"alice@example.org"}
    assert _texts(api.principal("team@example.org")["externalMembers"]) == {"dave@example.net"}
    assert _texts(api.principal("office@example.org")["members"]) == {"bob@example.org"}
    assert _texts(api.principal("bob@example.org")["roles"]) == {"user"}
    assert "mx.example.org." in _mx(server)


def test_an_alias_is_handed_over_and_two_are_swapped(server):
    server.applied(RICH)
    server.applied(RICH.replace("sales: alice, support: bob", "sales: bob, support: alice"))

    assert "support@example.org" in server.api.principal("alice@example.org")["emails"]
    assert "sales@example.org" in server.api.principal("bob@example.org")["emails"]

    server.applied(
        RICH.replace("sales: alice, support: bob", "sales: bob, support: bob").replace(
            "catch_all: alice", "catch_all: bob"
        )
    )
    assert {"sales@example.org", "support@example.org", "@example.org"} <= _texts(
        server.api.principal("bob@example.org")["emails"]
    )


def test_an_alias_becomes_a_list(server):
    server.applied(RICH)
    server.applied(
        RICH.replace(", sales: alice", "").replace("lists: {", "lists: {sales: {members: [alice, bob]}, ")
    )

    assert _texts(server.api.principal("sales@example.org")["emails"]) == {"sales@example.org"}


def test_a_rename_keeps_login_mail_and_place(server):
    server.applied(RICH)
    renamed = (
        RICH.replace("  alice: {", "  alicia: {renamed_from: alice, ")
        .replace("[alice, bob", "[alicia, bob")
        .replace(": alice", ": alicia")
        .replace("info: alicia, sales", "info: alicia, alice: alicia, sales")
    )
    server.applied(renamed.replace("renamed_from: alicia", "renamed_from: alice"))

    principal = server.api.principal("alice@example.org")
    assert principal["emails"][0] == "alicia@example.org"
    assert "alice@example.org" in principal["emails"]
    assert server.api.may_log_in("alice@example.org", ALICE_PASSWORD)
    assert "alice@example.org" in _texts(server.api.principal("team@example.org")["members"])


def test_a_disabled_account_is_refused_and_let_in_again(server):
    server.applied(TWO)
    server.applied(TWO.replace("bob: {", "bob: {enabled: false, "))
    assert not server.api.may_log_in("bob@example.org", BOB_PASSWORD)
    assert server.api.may_log_in("alice@example.org", ALICE_PASSWORD)

    server.applied(TWO.replace("bob: {", "bob: {enabled: true, "))
    assert server.api.may_log_in("bob@example.org", BOB_PASSWORD)


def test_a_raised_revision_replaces_the_password(server):
    """Up to 0.13 a server would keep the old one beside it."""
    server.applied(TWO)
    server.api.patch("bob@example.org", "addItem", "secrets", "$app$phone$canary-app-6612")
    server.project.environ["BOB_PASSWORD"] = "canary-bob-the-second"

    server.applied(TWO.replace("env: BOB_PASSWORD", "env: BOB_PASSWORD, revision: 2"))

    assert server.api.may_log_in("bob@example.org", "canary-bob-the-second")
    assert not server.api.may_log_in("bob@example.org", BOB_PASSWORD)
    assert server.api.may_log_in("bob@example.org", "canary-app-6612")


def test_the_same_revision_never_sets_a_password_again(server):
    server.applied(TWO)
    server.project.environ["BOB_PASSWORD"] = "canary-bob-the-second"
    server.applied(TWO)

    assert server.api.may_log_in("bob@example.org", BOB_PASSWORD)


def test_what_is_listed_goes_and_what_is_not_stays(server):
    server.applied(RICH)
    server.api.create("individual", "dave@example.org", "dave@example.org", "d@example.org")
    server.applied(
        TWO + "removed: [list/team@example.org, alias/info@example.org, domain/example.com,"
        " alias/info@example.com, catch_all/example.org, dkim_key/example.org/ed25519]\n"
    )

    assert server.api.names("list") == []
    assert server.api.names("domain") == ["example.org"]
    assert server.api.below("signature") == {}
    assert "info@example.org" not in server.api.principal("alice@example.org")["emails"]
    assert server.api.names("group") == ["everybody@example.org", "office@example.org"]
    assert _texts(server.api.principal("dave@example.org")["emails"]) == {"dave@example.org", "d@example.org"}


def test_an_account_goes_with_all_that_is_listed(server):
    server.applied(RICH)
    without_bob = (
        RICH.replace('  bob: {name: "Bob Ünal", password: {env: BOB_PASSWORD}, admin: true}\n', "")
        .replace(", support: bob", ", support: alice")
        .replace("alice, bob", "alice")
    )
    server.applied(
        without_bob + "removed: [account/bob@example.org]\n", "--release", "account/bob@example.org"
    )

    assert server.api.names("individual") == ["alice@example.org"]
    assert "support@example.org" in server.api.principal("alice@example.org")["emails"]


def test_what_is_no_longer_declared_is_unwritten(server):
    """A setting gets back what stood there before, an allowed IP of ours goes, another's stays."""
    server.api.store({"session.rcpt.max-recipients": "30", "server.allowed-ip.198.51.100.1": ""})
    server.applied(RICH)
    server.applied(TWO)

    assert server.api.keys("session.rcpt.max-recipients") == {"session.rcpt.max-recipients": "30"}
    assert server.api.below("server.allowed-ip") == {"198.51.100.1": ""}
    assert server.api.keys("lookup.default.hostname") == {}


def test_what_an_interrupted_run_owes_is_found(server):
    server.applied(RICH)
    server.api.store({"mailstack.home.activation/reload": "owed"})

    assert "* activate  Stalwart  reload (left over)" in server.project.run("plan").out
    server.applied(RICH)
    assert server.api.keys("mailstack.home.activation/reload") == {}


def test_a_hostname_that_is_stored_and_not_in_use_is_found(server):
    server.applied(RICH)
    server.api.store({"lookup.default.hostname": "other.example.org"})
    server.api.data("GET", "/api/reload")
    server.api.store({"lookup.default.hostname": "mail.example.org"})

    assert "reload (left over)" in server.project.run("plan").out
    server.applied(RICH)
    assert "mail.example.org." in _mx(server)


def test_a_reload_with_an_error_fails_and_names_it(server):
    """One malformed address is enough for the server to apply nothing at all."""
    server.applied(TWO)
    server.api.store({"server.allowed-ip.not-an-ip": ""})
    server.says("hostname: mail.example.org\n" + TWO)

    ended = server.project.run("apply", "--yes")

    assert ended.code == 1
    assert "        the reload applied nothing\n" in ended.out
    assert "            There before this run:\n              server.allowed-ip: " in ended.out
    assert "mail.example.org." not in _mx(server)
    server.api.data("POST", "/api/settings", [{"type": "delete", "keys": ["server.allowed-ip.not-an-ip"]}])
    server.applied("hostname: mail.example.org\n" + TWO)
    assert "mail.example.org." in _mx(server)


def test_two_stacks_share_a_server(server):
    server.applied(TWO)
    first = server.project.folder / "mailstack.yaml"
    kept = first.read_text()
    other = cli.HEAD.replace("stack: home\ndomain: example.org", "stack: shop\ndomain: shop.example")
    other = other.format(url=server.project.url) + "accounts: {clerk: {}}\nallowed_ips: [198.51.100.7]\n"
    server.project.write("shop.yaml", other)
    assert server.project.run("apply", "--yes", "-f", "shop.yaml").code == 0

    assert first.read_text() == kept
    assert server.project.run("plan", "--detailed-exitcode").code == 0
    assert server.project.run("plan", "--detailed-exitcode", "-f", "shop.yaml").code == 0


def _mx(server) -> str:
    records = server.api.data("GET", "/api/dns/records/example.org")
    return next(record["content"] for record in records if record["type"] == "MX")


def _texts(value) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


def test_what_was_begun_by_an_id_is_finished_by_it(server):
    """The server keeps, beside its settings, what was reviewed: until all of it is done."""
    server.api.store({"server.allowed-ip.not-an-ip": ""})
    server.says("hostname: mail.example.org\n" + TWO)
    plan_id = json.loads(server.project.run("plan", "--format", "json").out)["plan_id"]
    assert server.project.run("apply", "--plan-id", plan_id).code in (1, 3)
    assert list(server.api.below(f"mailstack.home.plan/{plan_id}")) == ["000"]
    server.api.data("POST", "/api/settings", [{"type": "delete", "keys": ["server.allowed-ip.not-an-ip"]}])

    ended = server.project.run("apply", "--plan-id", plan_id)

    assert (ended.code, ended.err) == (0, "")
    assert server.project.run("plan", "--detailed-exitcode").code == 0
    assert [key for key in server.api.below("mailstack.home") if key.startswith("plan/")] == []
