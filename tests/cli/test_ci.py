"""What a run hands to the job around it: a summary, outputs, annotations."""

from __future__ import annotations

import json

import pytest
import runner_log


@pytest.fixture
def job(project):
    """The project, run in a job: `outputs` reads the file of outputs as a runner does."""
    project.summary()
    project.environ["GITHUB_OUTPUT"] = str(project.write("outputs.txt", ""))
    return project


def outputs(job):
    return runner_log.outputs((job.folder / "outputs.txt").read_text(encoding="utf-8"))


def test_plan_and_apply_leave_a_summary_and_outputs(job):
    planned = job.run("plan", "--format", "markdown")

    assert (job.folder / "summary.txt").read_text() == planned.out + "\n"
    plan_id = json.loads(job.run("plan", "--format", "json").out)["plan_id"]
    assert outputs(job) == {"changes": "2", "held": "0", "plan-id": plan_id, "summary": planned.out}

    (job.folder / "outputs.txt").write_text("")
    applied = job.run("apply", "--yes", "--format", "markdown")
    assert outputs(job) == {"changes": "2", "held": "0", "plan-id": plan_id, "summary": applied.out}


def test_lint_leaves_a_summary_and_outputs(job):
    linted = job.run("lint", "--format", "markdown")

    assert (job.folder / "summary.txt").read_text() == linted.out + "\n"
    assert outputs(job) == {"errors": "0", "warnings": "1", "summary": linted.out}


def test_a_summary_is_appended_to_what_stands_there(job):
    job.write("summary.txt", "before\n")

    assert job.run("plan").code == 0

    assert (job.folder / "summary.txt").read_text().startswith("before\n<!-- mailstack:home -->\n")


def test_what_cannot_be_written_is_told_and_does_not_change_how_a_run_ends(job):
    job.environ["GITHUB_OUTPUT"] = str(job.folder)

    ended = job.run("apply", "--yes")

    assert (ended.code, ended.err) == (0, f"GITHUB_OUTPUT: {job.folder} cannot be written: Is a directory\n")


def test_annotations_stand_at_the_line_of_the_stack_that_they_are_about(job):
    job.api.create("domain", "example.net")
    job.api.create("individual", "carol", "carol@example.net")
    job.stack(
        "accounts: {alice: {aliases: [postmaster]}}\nremoved:\n  - domain/example.net\n  - alias/gone@example.org\n"
    )
    job.environ["GITHUB_WORKSPACE"] = str(job.folder.parent)

    ended = job.run("plan", "--format", "github")

    file = f"{job.folder.name}/mailstack.yaml"
    assert ended.out == (
        f"::notice file={file},line=8,col=5,title=REMOVED-01::alias/gone@example.org is gone"
        "%0Adrop the line under removed:\n"
        f"::notice file={file},line=3,col=9,title=ADDR-01::apply mends this: "
        "nobody has postmaster@example.org, which every mail domain must deliver\n"
        f"::warning file={file},line=7,col=5,title=held%3A delete domain example.net::"
        "the server no longer takes mail for it · listed under removed:"
        "%0A1 thing in this domain would stop getting mail: account/carol@example.net. "
        "A domain goes when everything in it is listed too."
        "%0ATo do it, write in the stack:%0A    removed: [account/carol@example.net]\n"
    )


def test_findings_of_a_plan_are_to_be_had_as_sarif(project):
    project.stack("accounts: {alice: {aliases: [postmaster, abuse]}}\nremoved: [alias/gone@example.org]\n")

    run = json.loads(project.run("plan", "--format", "sarif").out)["runs"][0]

    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("REMOVED-01", "note"),
        ("ADDR-01", "note"),
    ]


@pytest.mark.parametrize("command", [("plan",), ("show", "plan.json"), ("lint",), ("apply", "--yes")])
def test_markdown_is_made_as_short_as_is_asked(project, command):
    project.stack("accounts: {" + ", ".join(f"user{n}: {{name: Somebody}}" for n in range(100)) + "}\n")
    project.run("plan", "--out", "plan.json")

    ended = project.run(*command, "--format", "markdown", "--max-bytes", "4000")

    assert ended.code == 0
    assert len(ended.out.encode()) <= 4000


def test_markdown_cannot_be_asked_to_be_shorter_than_its_headline(project):
    assert project.run("plan", "--format", "markdown", "--max-bytes", "100").code == 64


def test_a_saved_plan_is_shown_as_the_comment_that_plan_made(project):
    planned = project.run("plan", "--out", "plan.json", "--format", "markdown")

    assert project.run("show", "plan.json", "--format", "markdown").out == planned.out
    assert (
        project.run("show", "plan.json", "--format", "json").out == (project.folder / "plan.json").read_text()
    )


# What somebody may write into a stack, which takes no control characters, and what a server may hold.
WRITTEN = "::set-output name=changes::0 ##[set-output name=changes;]0 @everyone ``` </details><b>%0A"
STORED = f"\n{WRITTEN}\n```\n</details>\n\x1b[2J\u202e"


def test_a_hostile_stack_and_server_stay_inert_in_every_form(job):
    """Names, values, findings, what is held and what failed: in logs, annotations, outputs and the summary."""
    job.api.create("individual", "bob@example.org", "bob@example.org")
    job.api.patch("bob@example.org", "set", "description", STORED)
    written = json.dumps(WRITTEN)
    job.stack(
        f"accounts: {{alice: {{name: {written}}}, bob: {{name: Bob, login: robert}}}}\n"
        f"settings: {{session.rcpt.directory: {written}}}\nremoved: ['alias/gone@example.org']\n"
    )

    logs = {
        form: job.run("plan", "--unmanaged", "--format", form, "--json-into", "plan.json")
        for form in ("text", "markdown", "json", "sarif", "github")
    }
    logs["show"] = job.run("show", "plan.json")
    logs["error"] = job.run("plan", "-f", WRITTEN.replace("/", ""))
    logs["apply"] = job.run("apply", "--yes")

    found = {form: runner_log.commands(ended.out + ended.err) for form, ended in logs.items()}
    assert {form: [c.name for c in commands] for form, commands in found.items() if commands} == {
        "github": ["notice", "warning", "warning"]
    }
    assert "set-output name=changes" in logs["text"].out  # it is shown, and does nothing
    for ended in logs.values():
        assert [c for c in ended.out + ended.err if not c.isprintable() and c != "\n"] == []
    assert set(outputs(job)) == {"changes", "held", "plan-id", "summary"}
    assert outputs(job)["held"] == "1"


def test_a_pull_request_of_ten_thousand_changes_fits_in_one_comment(job):
    accounts = "".join(
        f"  user{n}: {{aliases: [{', '.join(f'alias{m}.{n}' for m in range(99))}]}}\n" for n in range(100)
    )
    job.stack(f"accounts:\n{accounts}")

    planned = job.run("plan", "--format", "markdown")

    assert planned.out.startswith("<!-- mailstack:home -->\n### mailstack plan `home`: 10,000 to add")
    assert len(planned.out) <= 65_536
    assert len(planned.out.encode()) <= 60_000
    assert outputs(job)["changes"] == "10000"
    assert outputs(job)["summary"] == planned.out
