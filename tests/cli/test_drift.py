"""`mailstack drift`: the plan seen from the other side, for a job that looks every night."""

from __future__ import annotations

import json

STACK = """\
accounts: {alice: {name: Alice, aliases: [postmaster]}}
allowed_ips: [203.0.113.10, 203.0.113.11]
settings: {session.rcpt.max-recipients: 50}
"""


def applied(project):
    project.stack(STACK)
    assert project.run("apply", "--yes").code == 0
    return project


def test_after_an_apply_there_is_none(project):
    ended = applied(project).run("drift", "--detailed-exitcode")

    assert (ended.code, ended.out) == (
        0,
        "mailstack drift · home · stalwart 0.15.5\n\nNo drift: everything is as declared.\n",
    )


def test_what_changed_by_hand_is_told_as_what_happened(project):
    """Gone is what apply would add; a value goes from the declared one to the live one."""
    applied(project)
    project.api.patch("alice@example.org", "set", "description", "Somebody")
    project.api.patch("alice@example.org", "removeItem", "emails", "postmaster@example.org")
    project.api.store({"server.blocked-ip.203.0.113.10": "", "server.allowed-ip.203.0.113.11": ""})
    project.stack(STACK.replace("settings: {session.rcpt.max-recipients: 50}\n", ""))

    ended = project.run("drift", "--detailed-exitcode")
    plan_id = json.loads(project.run("plan", "--format", "json").out)["plan_id"]

    assert ended.code == 2
    assert ended.out == (
        "mailstack drift · home · stalwart 0.15.5\n"
        "\n"
        "  Stalwart\n"
        "    > allowed ip  203.0.113.11                 as declared, without our mark\n"
        "    + ban         203.0.113.10                 is there: the stack allows exactly this address\n"
        "    ~ account     alice@example.org            name Alice -> Somebody\n"
        "    - alias       postmaster@example.org       is gone · -> alice@example.org\n"
        "    + setting     session.rcpt.max-recipients  is there: written by mailstack, no longer declared\n"
        "\n"
        "i STW-04  apply mends this: the server has banned 203.0.113.10, its own front: "
        "nothing gets through there\n"
        "i ADDR-01  mailstack.yaml:3  apply mends this: nobody has postmaster@example.org, "
        "which every mail domain must deliver\n"
        "\n"
        "Drift: 1 gone · 1 different · 2 there and not declared · 1 without our mark\n"
        f"plan id {plan_id}\n"
        "\n"
        "Make it as declared again, or declare what is there now:\n"
        "\n"
        f"    mailstack apply --plan-id {plan_id}\n"
    )


def test_what_is_held_is_drift_although_apply_leaves_it(project):
    applied(project)
    project.stack(STACK.replace("name: Alice", "name: Alice, login: alice"))

    ended = project.run("drift", "--detailed-exitcode")

    assert ended.code == 2
    assert (
        "  Not as declared, and held: apply leaves it\n"
        "    ~ account  alice@example.org  login alice -> alice@example.org\n"
        "        The login alice@example.org stops at once and becomes alice: "
        "every device of this person must be told.\n"
    ) in ended.out
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_without_being_asked_it_ends_with_0(project):
    assert project.run("drift").code == 0


def test_a_server_that_cannot_be_read_is_no_drift_but_an_error(project):
    project.server.stop()

    ended = project.run("drift", "--detailed-exitcode")

    assert (ended.code, ended.out) == (1, "")


def test_the_json_is_that_of_the_plan(project):
    assert project.run("drift", "--format", "json").out == project.run("plan", "--format", "json").out


def test_drift_writes_nothing(project):
    applied(project)
    before = len(project.server.writes)

    project.run("drift", "--unmanaged")

    assert len(project.server.writes) == before


def test_markdown_is_for_an_issue_and_is_found_again_by_its_first_line(project):
    applied(project)
    project.api.patch("alice@example.org", "set", "description", "``` @everyone <b>")
    project.api.patch("alice@example.org", "removeItem", "emails", "postmaster@example.org")

    ended = project.run("drift", "--format", "markdown")

    assert ended.out == (
        "<!-- mailstack:home -->\n"
        "### mailstack drift `home`: 1 gone · 1 different\n"
        "\n"
        "`stalwart 0.15.5`\n"
        "\n"
        "Make it as declared again with `mailstack apply`, or declare what is there now.\n"
        "\n"
        "**Not as declared: 2**\n"
        "\n"
        "````diff\n"
        "! account  alice@example.org       name Alice -> ``` @everyone <b>\n"
        "- alias    postmaster@example.org  is gone · -> alice@example.org\n"
        "````\n"
        "\n"
        "**Findings: 1**\n"
        "\n"
        "```diff\n"
        "  hint ADDR-01  mailstack.yaml:3\n"
        "      apply mends this: nobody has postmaster@example.org, which every mail domain must deliver\n"
        "```\n"
        "\n" + _plan_id(project)
    )


def test_markdown_of_no_drift_says_so(project):
    ended = applied(project).run("drift", "--format", "markdown")

    assert ended.out.startswith(
        "<!-- mailstack:home -->\n### mailstack drift `home`: none\n\n`stalwart 0.15.5`\n\nEverything is as declared.\n"
    )


def test_a_job_gets_the_summary_and_the_numbers(project):
    project.environ |= {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output"}
    project.stack(STACK)

    project.run("drift")

    assert (
        (project.folder / "summary.md").read_text().startswith("<!-- mailstack:home -->\n### mailstack drift")
    )
    assert "changes=5\n" in (project.folder / "output").read_text()


def _plan_id(project):
    return f"plan id `{json.loads(project.run('plan', '--format', 'json').out)['plan_id']}`\n"


def test_a_record_that_stands_in_the_way_is_told_with_its_value(project):
    """In the place of what was declared there is something by hand: apply leaves it, and it is no longer so."""
    zone = project.write(
        "db.example.org", "$TTL 1h\n@ SOA ns root 1 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.33\n"
    )
    project.stack(
        f"dns: {{zonefile: {zone}, reload: ['true'], mail: false, records: [{{name: www, type: A, value: 192.0.2.2}}]}}\n"
    )

    ended = project.run("drift")

    assert (
        "  DNS example.org\n"
        "    - A  www  is gone · 192.0.2.2\n"
        "\n"
        "  Not as declared, and held: apply leaves it\n"
        "    + A  www  is there: 192.0.2.33  stands against record/example.org/www/A/192.0.2.2\n"
        "        mailstack did not write it, so it stays until it is listed.\n"
    ) in ended.out
