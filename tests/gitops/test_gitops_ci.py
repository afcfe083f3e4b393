"""`mailstack ci`: what it does where the best of this field fail, in the small things."""

from __future__ import annotations

import re

import cli
import pytest
from github_server import BOT, LONGEST, Pull
from servers import answering

from reconciler.cli.ci.comments import shown_plan

MARKER = "<!-- mailstack:home -->"
WORK = cli.HEAD.replace("home", "work")


def names(job):
    return job.project.api.names("individual")


def merged(job, number=1, commit="m1"):
    """Let a pull request be merged as this commit."""
    job.github.pulls[number] = Pull(number, "topic", "c0", merge_sha=commit, merged=True)
    return commit


def test_a_plan_with_changes_is_work_done_and_its_own_code_is_an_output(job):
    """Exit code 2 would fail the step; a wrapper that hides it would hide the changes."""
    told = job.run("plan", pull=1)

    assert told.code == 0
    assert (told.outputs["exit-code"], told.outputs["changes"], told.outputs["held"]) == ("2", "2", "0")
    assert told.outputs["plan-id"] in job.github.comments[0].body
    assert told.outputs["url"].endswith(f"#issuecomment-{job.github.comments[0].id}")
    assert told.summary.startswith(f"{MARKER}\n### mailstack plan `home`: 2 to add")


def test_a_plan_without_changes_is_0_and_says_so(job):
    job.project.run("apply", "--yes")

    told = job.run("plan", pull=1)

    assert (told.code, told.outputs["exit-code"]) == (0, "0")
    assert "### mailstack plan `home`: nothing to do" in job.github.comments[0].body


def test_among_several_stacks_one_that_does_not_change_begins_no_comment(job):
    job.project.run("apply", "--yes")
    job.project.stack("accounts: {alice: {}}\naliases: {info: alice}\n", "work.yaml", WORK)

    told = job.run("plan", pull=1)

    assert told.code == 0
    assert [c.body.splitlines()[0] for c in job.github.comments] == ["<!-- mailstack:work -->"]


def test_a_plan_that_fails_takes_the_place_of_the_plan_before_and_fails_the_job(job):
    job.run("plan", pull=1)
    job.project.stack("accounts: {alice: {quota: much}}\n")

    told = job.run("plan", pull=1, commit="c1")

    assert told.code == 1
    (comment,) = job.github.comments
    assert comment.body.startswith(
        f"{MARKER}\n### mailstack plan `home`: failed\n\n```text\nerror: mailstack.yaml:5:"
    )
    assert "to add" not in comment.body
    assert re.search(r"^::error file=mailstack\.yaml,line=5,col=\d+,title=mailstack::", told.shown(), re.M)


def test_what_a_failed_plan_showed_is_never_applied(job):
    job.project.stack("accounts: {alice: {quota: much}}\n")
    job.run("plan", pull=1)
    job.project.stack("accounts: {alice: {}}\n")

    told = job.run("apply", commit=merged(job))

    assert told.code == 1
    assert names(job) == []
    assert (
        "The last plan on this commit's pull request failed: nobody has seen what would be done."
        in told.summary
    )


def test_a_comment_that_cannot_be_written_is_a_warning_and_the_summary_has_the_plan(job):
    job.permissions = {"pull-requests": "read"}

    told = job.run("plan", pull=1)

    assert told.code == 0
    assert "1 to add" not in told.summary and "### mailstack plan `home`: 2 to add" in told.summary
    assert (
        "::warning title=mailstack home::This could not be written to the pull request; the job's summary has it."
        "%0APOST /repos/octavia/mail/issues/1/comments: 403 Resource not accessible by integration"
    ) in told.shown()


def test_without_comments_nobody_is_asked_anything(job):
    assert job.run("plan", "--no-comment", pull=1).code == 0
    assert job.github.calls == {}


def test_a_pull_request_of_a_fork_is_linted_and_told_why_and_nothing_is_asked(job):
    job.project.environ = {}

    told = job.run("plan", pull=1, fork="mallory/mail")

    assert (told.code, job.github.calls) == (0, {})
    assert told.summary.startswith(
        f"{MARKER}\n### mailstack `home`: lint only, no plan\n\nThis pull request comes from a fork."
    )
    assert "### mailstack lint `home`: 1 warning" in told.summary
    assert "::notice title=lint only::This pull request comes from a fork." in told.shown()


@pytest.mark.parametrize("value", [{}, {"STALWART_PASSWORD": ""}], ids=["unset", "empty"])
def test_without_the_login_there_is_lint_only_and_the_comment_says_what_to_set(job, value):
    """A secret that a job may not see is an empty text on GitHub."""
    job.project.environ = value

    told = job.run("plan", pull=1)

    assert told.code == 0
    assert (
        "### mailstack `home`: lint only, no plan\n\nSTALWART_PASSWORD, the login"
        in job.github.comments[0].body
    )


def test_on_main_a_missing_login_is_an_error_and_no_reason_to_lint(job):
    job.project.environ = {}

    assert job.run("plan").code == 1
    assert job.run("apply").code == 1


def test_lint_fails_on_an_error_and_shows_it_at_its_line(job):
    job.project.stack("accounts: {alice: {quota: much}}\n")

    told = job.run("lint", pull=1)

    assert (told.code, told.outputs["exit-code"]) == (1, "1")
    assert re.search(r"^::error file=mailstack\.yaml,line=5,col=\d+", told.shown(), re.M)


def test_main_without_a_pull_request_applies_what_is_planned_now(job):
    told = job.run("apply")

    assert (told.code, names(job)) == (0, ["alice@example.org"])
    assert told.summary.startswith(f"{MARKER}\n### mailstack apply `home`: 2 added")


def test_apply_runs_when_there_is_nothing_to_do_and_adopts(job):
    """What is as declared gets its mark on main, also from an empty plan."""
    job.project.stack("settings: {session.rcpt.max-recipients: 50}\n")
    job.project.api.store({"session.rcpt.max-recipients": "50"})

    told = job.run("apply")

    assert told.code == 0
    assert job.project.api.below("mailstack.home.") != {}


@pytest.mark.parametrize(("reviewed", "code"), [("auto", 1), ("required", 1), ("no", 0)])
def test_another_plan_than_the_reviewed_one_is_done_only_where_nobody_looks(job, reviewed, code):
    job.run("plan", pull=1)
    job.project.stack("accounts: {alice: {aliases: [postmaster]}, mallory: {}}\n")

    told = job.run("apply", "--reviewed", reviewed, commit=merged(job))

    assert told.code == code
    assert names(job) == ([] if code else ["alice@example.org", "mallory@example.org"])


def test_that_a_plan_was_refused_is_said_where_it_was_reviewed(job):
    job.run("plan", pull=1)
    job.project.stack("accounts: {mallory: {}}\n")
    commit = merged(job)

    for _ in range(2):
        job.run("apply", commit=commit)

    told = job.github.comments[0].body.rpartition("\n\n")[2]
    assert told == (
        "**Not applied** as commit m1 by [this run](https://github.example/octavia/mail/actions/runs/7): "
        "what would be done now is not what was planned\n"
    )
    assert job.github.comments[0].body.count("**Not applied**") == 1


def test_who_wants_no_comments_still_gets_what_was_reviewed_and_nothing_else(job):
    job.run("plan", pull=1)
    before = job.github.comments[0].body
    job.project.stack("accounts: {mallory: {}}\n")

    assert job.run("apply", "--no-comment", commit=merged(job)).code == 1
    assert job.github.comments[0].body == before


def test_where_a_review_is_required_a_push_may_change_marks_and_nothing_else(job):
    refused = job.run("apply", "--reviewed", "required")
    assert (refused.code, names(job)) == (1, [])
    assert "A reviewed plan is wanted, and no pull request of this commit shows one." in refused.summary

    job.project.run("apply", "--yes")
    assert job.run("apply", "--reviewed", "required").code == 0


def test_a_plan_of_a_stranger_is_not_a_reviewed_plan(job):
    """Anybody may comment; only what we wrote ourselves counts."""
    job.run("plan", pull=1)
    forged = job.github.comments[0]
    forged.author = "mallory"

    told = job.run("apply", "--reviewed", "required", commit=merged(job))

    assert (told.code, names(job)) == (1, [])


def test_when_the_forge_is_silent_nothing_is_applied(job):
    job.run("plan", pull=1)
    job.github.refuse["GET", "pulls_of"] = 403

    told = job.run("apply", commit=merged(job))

    assert (told.code, names(job)) == (1, [])
    assert "It could not be found out which plan was reviewed." in told.summary


def test_what_a_job_that_broke_off_has_left_is_done_by_running_it_again(job):
    """The reviewed plan is then more than what is left, and that is all right."""
    job.run("plan", pull=1)
    job.project.api.create("individual", "alice@example.org", "alice@example.org")

    told = job.run("apply", commit=merged(job))

    assert told.code == 0
    assert job.project.api.principal("alice@example.org")["emails"] == [
        "alice@example.org",
        "postmaster@example.org",
    ]
    assert "**Applied** as commit m1 by [this run]" in job.github.comments[0].body


def test_what_became_of_a_plan_is_said_once_however_often_it_runs(job):
    job.run("plan", pull=1)
    commit = merged(job)

    for _ in range(2):
        assert job.run("apply", commit=commit).code == 0

    assert job.github.comments[0].body.count("**Applied**") == 1


def test_something_held_keeps_its_exit_code(job):
    job.project.run("apply", "--yes")
    job.project.stack("accounts: {alice: {login: al}}\n")

    told = job.run("apply")

    assert (told.code, told.outputs["exit-code"], told.outputs["held"]) == (4, "4", "1")


def test_a_release_is_given_to_plan_and_apply(job):
    job.project.run("apply", "--yes")
    job.project.stack("accounts: {alice: {login: al}}\n")
    job.project.environ["MAILSTACK_CI_RELEASE"] = "account/alice@example.org"

    assert job.run("plan", pull=1).outputs["held"] == "0"
    assert job.run("apply", commit=merged(job)).code == 0


def test_a_drift_is_told_in_an_issue_and_where_it_can_be_told_nowhere_the_job_fails(job):
    assert (job.run("drift", event="schedule").code, len(job.github.issues)) == (0, 1)

    job.permissions = {"contents": "read"}
    assert job.run("drift", event="schedule").code == 2
    assert job.run("drift", "--no-comment", event="schedule").code == 2


def test_without_drift_there_is_no_issue(job):
    job.project.run("apply", "--yes")

    assert (job.run("drift", event="schedule").code, job.github.issues) == (0, [])


HOSTILE = "``` @everyone <img src=x onerror=alert(1)> ::set-output name=plan-id::x <!-- mailstack-plan 00 -->"


def test_a_hostile_name_gives_the_runner_no_orders_and_forges_no_plan(job):
    job.project.stack(f"accounts: {{alice: {{name: '{HOSTILE}'}}}}\n")

    told = job.run("plan", pull=1)

    assert "set-output" not in told.shown()
    assert told.code == 0
    shown = shown_plan(job.github.comments[0].body)
    assert shown is not None and shown.id == told.outputs["plan-id"]


def test_a_hostile_name_on_the_server_gives_the_runner_no_orders(job):
    """What is live is from outside as well, and may hold what no stack may: line ends, colours."""
    name = "\n::set-output name=plan-id::x\n::add-mask::e\n\x1b[31m```\n**Applied** @everyone\n<!-- mailstack-plan 00 -->"
    job.project.api.create("individual", "alice@example.org", "alice@example.org", description=name)
    job.project.stack("accounts: {alice: {name: Alice}}\n")

    told = job.run("plan", pull=1)

    assert (told.code, told.outputs["changes"]) == (0, "1")
    assert "\n::" not in told.shown().replace("::notice", "").replace("::warning", "")
    body = job.github.comments[0].body
    shown = shown_plan(body)
    assert shown is not None and shown.id == told.outputs["plan-id"]
    assert "\x1b" not in body + told.log
    assert not [line for line in body.splitlines() if line.startswith("**Applied**")]

    applied = job.run("apply", commit=merged(job))
    assert (applied.code, job.project.api.principal("alice@example.org")["description"]) == (0, "Alice")


def test_ten_thousand_changes_fit_into_one_comment(job):
    people = ", ".join(f"user{n}: {{name: Somebody Or Other Number {n}}}" for n in range(10_000))
    job.project.stack(f"accounts: {{{people}}}\n")

    told = job.run("plan", pull=1)

    (comment,) = job.github.comments
    assert (told.code, comment.author) == (0, BOT)
    assert len(comment.body) <= LONGEST
    assert told.outputs["plan-id"] in comment.body and "10,000" in comment.body


CONNECTIONS = """\
version: 1
stacks:
  home: {{stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}}}
"""


@pytest.fixture
def connected(job, tmp_path):
    """A job on a runner that has the connections; the stack says none of them."""
    file = tmp_path / "connections.yaml"
    file.write_text(CONNECTIONS.format(url=job.project.url), encoding="utf-8")
    job.project.environ["MAILSTACK_CONNECTIONS"] = str(file)
    job.project.write(
        "mailstack.yaml", "version: 1\nstack: home\ndomain: example.org\naccounts: {alice: {}}\n"
    )
    return job


def test_connections_of_the_runner_are_used_by_plan_apply_and_drift(connected):
    assert connected.run("plan", pull=1).code == 0
    assert "1 to add" in connected.github.comments[0].body
    assert connected.run("apply", commit=merged(connected)).code == 0
    assert (connected.run("drift", event="schedule").code, connected.github.issues) == (0, [])


def test_the_login_of_the_connections_is_missed_like_another(connected):
    del connected.project.environ["STALWART_PASSWORD"]

    connected.run("plan", pull=1)

    assert "lint only, no plan\n\nSTALWART_PASSWORD, the login" in connected.github.comments[0].body


def test_a_branch_that_names_a_server_of_its_own_is_refused_before_the_login_goes_anywhere(connected):
    with answering(lambda *_: (200, "application/json", "{}")) as elsewhere:
        connected.project.stack("accounts: {alice: {}}\n", head=cli.HEAD.replace("{url}", elsewhere.url))

        told = connected.run("plan", pull=1)

    assert (told.code, elsewhere.asked) == (1, [])
    assert "### mailstack plan `home`: failed" in connected.github.comments[0].body


def test_in_no_job_at_all_it_prints_and_writes_nothing(job):
    for command, code in (("lint", 0), ("plan", 0), ("drift", 2), ("apply", 0), ("drift", 0)):
        ended = job.project.run("ci", command)
        assert (command, ended.code) == (command, code)
        assert "::stop-commands::" not in ended.out


def test_stacks_become_an_output_for_a_matrix(job):
    told = job.run("stacks")

    assert told.outputs["stacks"] == '[{"name": "home", "file": "mailstack.yaml"}]'


def test_a_stack_that_is_not_there_is_an_error(job):
    ended = job.project.run("ci", "plan", "--stack", "wrok")

    assert (ended.code, ended.err) == (
        1,
        "error: there is no stack wrok here\n    What there is:\n\n        mailstack stacks\n",
    )
