"""A plan that was saved and reviewed: shown as it was, and nothing else is done than what it says."""

from __future__ import annotations

import json

import pytest
from cli import HASH


def test_show_says_what_plan_said(project):
    planned = project.run("plan", "--out", "plan.json")

    assert project.run("show", "plan.json").out == planned.out


def test_a_saved_plan_is_the_json_of_the_plan(project):
    project.run("plan", "--out", "plan.json")

    assert (project.folder / "plan.json").read_text() == project.run("plan", "--format", "json").out


def test_a_saved_plan_counts_what_is_not_declared_and_names_none_of_it(project):
    """Whoever sees the pull request sees the plan; who else has mail there is not their business."""
    project.api.create("individual", "carol@example.org", "carol@example.org", "c@example.org")

    planned = project.run("plan", "--out", "plan.json")

    text = (project.folder / "plan.json").read_text()
    assert "carol" not in text
    assert json.loads(text)["beside"] == {"account": 1, "alias": 1}
    assert project.run("show", "plan.json").out == planned.out
    assert project.run("apply", "plan.json").code == 0


def test_a_saved_plan_names_it_when_asked(project):
    project.api.create("individual", "carol@example.org", "carol@example.org")

    planned = project.run("plan", "--unmanaged", "--out", "plan.json")

    assert "      account/carol@example.org\n" in planned.out
    assert project.run("show", "plan.json", "--unmanaged").out == planned.out


def test_apply_does_what_was_saved_without_asking(project):
    project.run("plan", "--out", "plan.json")

    assert project.run("apply", "plan.json").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_what_came_into_the_stack_since_is_refused_and_named(project):
    project.run("plan", "--out", "plan.json")
    project.stack("accounts: {alice: {aliases: [postmaster]}, bob: {}}\n")

    ended = project.run("apply", "plan.json")

    assert (ended.code, ended.out, project.server.writes) == (1, "", [])
    assert ended.err == (
        "error: what would be done now is not what was planned\n"
        "    Not in plan.json:\n"
        "      now  + account  bob@example.org\n"
        "    Nothing was done. Look at the new plan:\n"
        "\n"
        "        mailstack plan\n"
    )


def test_what_moved_on_the_server_since_is_refused_and_named(project):
    project.run("apply", "--yes")
    project.stack("accounts: {alice: {name: Alice, aliases: [postmaster]}}\n")
    project.run("plan", "--out", "plan.json")
    project.api.patch("alice@example.org", "set", "description", "Somebody")

    ended = project.run("apply", "plan.json")

    assert ended.code == 1
    assert ended.err == (
        "error: what would be done now is not what was planned\n"
        "    Otherwise than in plan.json:\n"
        '      was  ~ account  alice@example.org  name "" -> Alice\n'
        "      now  ~ account  alice@example.org  name Somebody -> Alice\n"
        "    Nothing was done. Look at the new plan:\n"
        "\n"
        "        mailstack plan\n"
    )


def test_what_is_left_of_a_saved_plan_is_done(project):
    """A run that ended early is followed by the same command again."""
    project.stack("accounts: {alice: {}, bob: {}}\n")
    project.run("plan", "--out", "plan.json")
    project.server.fail_write(3, "before", "500")
    project.server.fail_write(4, "before", "500")
    assert project.run("apply", "plan.json").code == 3

    assert project.run("apply", "plan.json").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_a_plan_for_another_stack_is_refused(project):
    project.run("plan", "--out", "plan.json")
    project.stack("accounts: {alice: {aliases: [postmaster]}}\n", head=_other())

    ended = project.run("apply", "plan.json")

    assert ended.code == 1
    assert "    The plan is for the stack home, and this one is work.\n" in ended.err


def _other():
    from cli import HEAD

    return HEAD.replace("stack: home", "stack: work")


def test_the_id_of_the_plan_is_enough(project):
    plan_id = json.loads(project.run("plan", "--format", "json").out)["plan_id"]

    assert project.run("apply", "--plan-id", plan_id).code == 0


def test_another_id_is_refused(project):
    plan_id = json.loads(project.run("plan", "--format", "json").out)["plan_id"]

    ended = project.run("apply", "--plan-id", "0123456789ab")

    assert (ended.code, ended.out, project.server.writes) == (1, "", [])
    assert ended.err == (
        "error: what would be done now is not what was planned\n"
        f"    The plan made now has the id {plan_id}.\n"
        "    Nothing was done. Look at the new plan:\n"
        "\n"
        "        mailstack plan\n"
    )


LOGIN = "accounts: {alice: {login: alice, aliases: [postmaster]}}\n"


@pytest.mark.parametrize("again", [(), ("--release", "account/alice")], ids=["alone", "given again"])
def test_a_release_travels_in_the_plan(project, again):
    """What was released when the plan was reviewed is done by the plan's file alone."""
    project.run("apply", "--yes")
    project.stack(LOGIN)
    planned = project.run("plan", "--out", "plan.json", "--release", "account/alice@example.org")

    ended = project.run("apply", "plan.json", *again)

    assert ended.code == 0
    assert ended.out.startswith(planned.out)
    assert project.run("show", "plan.json").out == planned.out
    assert "\nreleased with --release account/alice@example.org\n" in planned.out


def test_the_number_of_removals_and_the_new_server_travel_too(project):
    project.run("plan", "--out", "plan.json", "--allow-deletes", "12", "--new-server")

    saved = json.loads((project.folder / "plan.json").read_text())

    assert (saved["released"], saved["allowed_deletes"]) == (["new-server"], 12)
    assert project.run("show", "plan.json").out.endswith("released with --new-server --allow-deletes 12\n")
    assert project.run("apply", "plan.json").code == 0


@pytest.mark.parametrize(
    "more", [("--release", "account/alice@example.org"), ("--allow-deletes", "3"), ("--new-server",)]
)
def test_what_nobody_reviewed_is_not_released_with_a_saved_plan(project, more):
    project.run("plan", "--out", "plan.json")

    ended = project.run("apply", "plan.json", *more)

    assert (ended.code, project.server.writes) == (64, [])
    assert ended.err.endswith("What is released is in the plan file: give it to `mailstack plan --out`.\n")


def test_releases_are_part_of_the_id(project):
    """Two plans that do the same, one of them because somebody let it go, are two plans."""

    def plan_id(*more):
        return json.loads(project.run("plan", "--format", "json", *more).out)["plan_id"]

    assert (
        len({plan_id(), plan_id("--allow-deletes", "3"), plan_id("--release", "account/alice@example.org")})
        == 3
    )


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "It is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "It is JSON, but not a plan of mailstack's. Make one with: mailstack plan --out FILE"),
        (
            '{"format": 2, "plan_id": "x", "waves": []}',
            "It has the format 2, and this version reads format 1. Make the plan again.",
        ),
        (
            '{"format": 1, "plan_id": "x", "waves": [], "changes": [{}]}',
            "A part of it is missing or of the wrong kind ('address'). Make the plan again.",
        ),
    ],
    ids=["empty", "a list", "another format", "torn"],
)
@pytest.mark.parametrize("command", ["show", "apply"])
def test_a_file_that_is_no_plan_is_an_error_with_its_name(project, command, text, detail):
    project.write("saved.plan", text)

    ended = project.run(command, "saved.plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"error: saved.plan: this is no plan that can be used\n    {detail}\n"


def test_a_plan_file_that_is_not_there_is_an_error(project):
    ended = project.run("show", "none.json")

    assert ended.code == 1
    assert ended.err == (
        "error: none.json cannot be read\n    [Errno 2] No such file or directory: 'none.json'\n"
    )


def test_a_saved_plan_holds_no_secret_and_still_shows_that_one_changes(project):
    project.stack(
        f"accounts: {{alice: {{password: {{env: ALICE_PASSWORD}}}}, bob: {{password: '{HASH}'}}}}\n"
        "settings: {queue.route.relay.auth.secret: {env: RELAY_PASSWORD}}\n"
    )

    planned = project.run("plan", "--out", "plan.json")

    fields = {
        (change["address"], field["path"])
        for change in json.loads((project.folder / "plan.json").read_text())["changes"]
        for field in change["fields"]
        if field == {"path": field["path"], "secret": True}
    }
    assert fields == {
        ("account/alice@example.org", "password"),
        ("account/bob@example.org", "password"),
        ("setting/queue.route.relay.auth.secret", "secret"),
    }
    assert project.run("show", "plan.json").out == planned.out


def test_a_password_whose_mark_was_not_reached_is_left_of_the_plan(project):
    """All of an account goes in one request and its mark in the next; a run that was killed there goes on."""
    project.stack("accounts: {alice: {name: Alice, password: {env: ALICE_PASSWORD}}}\n")
    assert project.run("apply", "--yes").code == 0
    project.stack("accounts: {alice: {name: Alicia, password: {env: ALICE_PASSWORD, revision: 2}}}\n")
    assert project.run("plan", "--out", "plan.json").code == 0
    project.api.patch("alice@example.org", "set", "description", "Alicia")

    assert project.run("apply", "plan.json").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0
