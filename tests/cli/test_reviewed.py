"""Planned on Friday, applied on Monday: the same, or what is left of the same, and nothing else.

Each claim holds for `apply FILE` and for `apply --plan-id ID`.
"""

from __future__ import annotations

import json

import pytest

ZONE = """\
$TTL 1h
@    IN SOA ns1 hostmaster ( 2026010101 1d 2h 4w 1h )
     IN NS  ns1
ns1  IN A   203.0.113.2
www  IN A   203.0.113.20
"""
STACK = """\
dns: {{zonefile: {zone}, mail: [], records: [{{name: www, type: A, value: 203.0.113.20}}]}}
accounts: {{alice: {{name: {name}, quota: 5GiB, aliases: [postmaster]}}, bob: {{}}}}
allowed_ips: [203.0.113.10]
settings: {{session.rcpt.max-recipients: 50}}
removed: [alias/info@example.org]
"""


@pytest.fixture
def friday(project):
    """A plan that changes an account, a setting and a zone, makes an account, and takes an alias away."""
    project.write("db.example.org", ZONE)
    project.api.create("individual", "alice@example.org", "alice@example.org", "info@example.org")
    project.api.create("individual", "dave@example.org", "dave@example.org")
    _declare(project)
    return project


def _declare(project, name="Alice"):
    project.stack(STACK.format(zone=project.folder / "db.example.org", name=name))


@pytest.fixture(params=["file", "id"])
def reviewed(request, friday):
    """The arguments that apply what was planned."""
    planned = json.loads(friday.run("plan", "--out", "plan.json", "--format", "json").out)
    return ["plan.json"] if request.param == "file" else ["--plan-id", planned["plan_id"]]


def _zone(project, before, after):
    path = project.folder / "db.example.org"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def _fail(project, number):
    """Let a write fail, and its repetition."""
    project.server.fail_write(number, "before", "500")
    project.server.fail_write(number + 1, "before", "500")


MOVES_OF_OTHERS = {
    "the serial": lambda p: _zone(p, "2026010101", "2026013107"),
    "somebody else's record": lambda p: _zone(p, "ns1  IN", "shop IN A 203.0.113.30\nns1  IN"),
    "a ban of a stranger": lambda p: p.api.store({"server.blocked-ip.198.51.100.9": ""}),
    "a ban of what the stack allows": lambda p: p.api.store({"server.blocked-ip.203.0.113.10": ""}),
    "an account that nobody declares": lambda p: p.api.create(
        "individual", "erin@example.org", "erin@example.org"
    ),
    "the name of such an account": lambda p: p.api.patch("dave@example.org", "set", "description", "Dave"),
    "a setting that nobody declares": lambda p: p.api.store({"queue.limit": "7"}),
    "an adoption": lambda p: _zone(p, "203.0.113.20", "203.0.113.20 ; mine"),
}


@pytest.mark.parametrize("move", MOVES_OF_OTHERS.values(), ids=MOVES_OF_OTHERS)
def test_what_others_do_over_the_weekend_does_not_matter(friday, reviewed, move):
    move(friday)

    ended = friday.run("apply", *reviewed)

    assert (ended.code, ended.err) == (0, "")
    assert friday.run("plan", "--detailed-exitcode").code == 0


MOVES_OF_OURS = {
    "an account": (
        lambda p: p.api.patch("alice@example.org", "set", "description", "Alicia"),
        '  was  ~ account  alice@example.org  name "" -> Alice\n'
        "      now  ~ account  alice@example.org  name Alicia -> Alice\n",
    ),
    "an account that was to be made": (
        lambda p: p.api.create("individual", "alice2", "bob@example.org", "b@example.org"),
        None,
    ),
    "a setting": (
        lambda p: p.api.store({"session.rcpt.max-recipients": "99"}),
        "  was  + setting  session.rcpt.max-recipients  50\n"
        "      now  ~ setting  session.rcpt.max-recipients  99 -> 50\n",
    ),
    "a record that was to be adopted": (
        lambda p: _zone(p, "www  IN A   203.0.113.20", "www  IN A   203.0.113.21"),
        "  now  held: - A  www  203.0.113.21",
    ),
    "what was to go": (
        lambda p: (
            p.api.patch("alice@example.org", "removeItem", "emails", "info@example.org"),
            p.api.patch("dave@example.org", "addItem", "emails", "info@example.org"),
        ),
        "  was  - alias  info@example.org",
    ),
    "the stack": (
        lambda p: _declare(p, name="Alicia"),
        '  was  ~ account  alice@example.org  name "" -> Alice\n'
        '      now  ~ account  alice@example.org  name "" -> Alicia\n',
    ),
}


@pytest.mark.parametrize("move", MOVES_OF_OURS)
def test_what_the_stack_declares_must_be_as_it_was_reviewed(friday, reviewed, move):
    does, told = MOVES_OF_OURS[move]
    does(friday)
    before = friday.server.state.settings.listed("mailstack"), (friday.folder / "db.example.org").read_text()
    writes = len(friday.server.writes)

    ended = friday.run("apply", *reviewed)

    if told is None and "plan.json" in reviewed:
        assert ended.code == 0  # bob has come into being as declared: less is left than was reviewed
        return
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: what would be done now is not what was planned\n")
    assert "plan.json" not in reviewed or told in ended.err
    assert len(friday.server.writes) == writes
    assert before == (
        friday.server.state.settings.listed("mailstack"),
        (friday.folder / "db.example.org").read_text(),
    )


def test_a_run_that_failed_in_part_is_finished_by_the_same_command(friday, reviewed):
    _fail(friday, 4 + ("--plan-id" in reviewed))
    assert friday.run("apply", *reviewed).code == 3

    assert friday.run("apply", *reviewed).code == 0
    assert friday.run("plan", "--detailed-exitcode").code == 0


def test_what_is_done_is_done_again_as_nothing(friday, reviewed):
    """A job that is run again after it has succeeded succeeds."""
    assert friday.run("apply", *reviewed).code == 0

    ended = friday.run("apply", *reviewed)

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Nothing to do: everything is as declared.")


def test_something_else_is_refused_also_while_a_part_is_left(friday, reviewed):
    _fail(friday, 4 + ("--plan-id" in reviewed))
    assert friday.run("apply", *reviewed).code == 3
    friday.api.create("individual", "erin@example.org", "erin@example.org")
    friday.stack(
        STACK.format(zone=friday.folder / "db.example.org", name="Alice") + "aliases: {new: alice}\n"
    )

    ended = friday.run("apply", *reviewed)

    assert ended.code == 1
    name = "plan.json" if "plan.json" in reviewed else f"the plan {reviewed[-1]}"
    assert f"    Not in {name}:\n      now  + alias  new@example.org  -> alice@example.org\n" in ended.err


def test_a_key_that_was_pending_may_be_known_when_the_rest_is_done(project):
    """The first run makes the key and cannot have its record served; the second adds the record."""
    project.write("db.example.org", ZONE)
    reload = project.write("reload.sh", "exit 1\n")
    project.stack(
        f"dns: {{zonefile: {project.folder / 'db.example.org'}, mail: [dkim], reload: [sh, {reload}]}}\naccounts: {{alice: {{}}}}\n"
    )
    project.run("plan", "--out", "plan.json")
    assert project.run("apply", "plan.json").code == 3
    reload.write_text("exit 0\n")
    assert "(known after apply)" not in project.run("plan").out

    assert project.run("apply", "plan.json").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


ADMINS = "accounts: {alice: {admin: false}, bob: {name: Bob}}\n"


@pytest.fixture
def one_admin(project):
    """A plan that holds what would take away the last administrator."""
    project.api.create("individual", "alice@example.org", "alice@example.org")
    project.api.patch("alice@example.org", "addItem", "roles", "admin")
    project.api.create("individual", "carol@example.org", "carol@example.org")
    project.stack(ADMINS)
    return project


def test_what_was_held_when_it_was_reviewed_stays_held(one_admin, request):
    planned = json.loads(one_admin.run("plan", "--out", "plan.json", "--format", "json").out)
    assert [held["rule"] for held in planned["held"]] == ["last-admin"]
    one_admin.api.patch("carol@example.org", "addItem", "roles", "admin")

    ended = one_admin.run("apply", "plan.json")

    assert ended.code == 4
    assert (
        "        The reviewed plan held it. No other account could administer the server then.\n" in ended.out
    )
    assert [c["address"] for c in json.loads(one_admin.run("plan", "--format", "json").out)["changes"]] == [
        "account/alice@example.org"
    ]


def test_what_would_be_held_now_and_was_not_is_refused(one_admin):
    one_admin.api.patch("carol@example.org", "addItem", "roles", "admin")
    one_admin.run("plan", "--out", "plan.json")
    one_admin.api.patch("carol@example.org", "removeItem", "roles", "admin")

    ended = one_admin.run("apply", "plan.json")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: what would be done now is not what was planned\n"
        "    Otherwise than in plan.json:\n"
        "      was  ~ account  alice@example.org  no longer an administrator\n"
        "      now  held: ~ account  alice@example.org  no longer an administrator\n"
        "               No other account could administer the server then.\n"
        "    Nothing was done. Look at the new plan:\n"
        "\n"
        "        mailstack plan\n"
    )


def test_a_plan_for_another_server_is_refused(project, friday):
    friday.run("plan", "--out", "plan.json")
    saved = json.loads((friday.folder / "plan.json").read_text())
    saved["systems"][0]["where"] = "http://192.0.2.1:8080"
    friday.write("plan.json", json.dumps(saved))

    ended = friday.run("apply", "plan.json")

    assert ended.code == 1
    assert ended.err == (
        "error: what would be done now is not what was planned\n"
        f"    The plan was made for the server at http://192.0.2.1:8080, and this one is at {friday.url}. "
        "If that is another way to the same server, make the plan again this way.\n"
        "    Nothing was done. Look at the new plan:\n"
        "\n"
        "        mailstack plan\n"
    )


def test_a_file_and_an_id_must_be_of_one_plan(friday):
    friday.run("plan", "--out", "plan.json")

    ended = friday.run("apply", "plan.json", "--plan-id", "0123456789ab")

    assert (ended.code, friday.server.writes[2:]) == (1, friday.server.writes[2:])
    assert "    plan.json has the id " in ended.err


def test_many_differences_are_counted(project):
    project.run("plan", "--out", "plan.json")
    project.stack("accounts: {" + ", ".join(f"user{n:02}: {{}}" for n in range(50)) + "}\n")

    ended = project.run("apply", "plan.json")

    assert ended.err.count("+ account") == 20
    assert "      … and 30 more\n" in ended.err


def test_what_was_begun_by_an_id_is_remembered_on_the_server_until_it_is_done(friday):
    plan_id = json.loads(friday.run("plan", "--format", "json").out)["plan_id"]
    _fail(friday, 5)
    friday.run("apply", "--plan-id", plan_id)

    kept = friday.server.state.settings.listed("mailstack.home.plan/")
    assert list(kept) == [f"mailstack.home.plan/{plan_id}.000"]
    assert {line.split()[0] for text in kept.values() for line in text.splitlines()} == {"does"}

    friday.run("apply", "--plan-id", plan_id)
    assert friday.server.state.settings.listed("mailstack.home.plan/") == {}
