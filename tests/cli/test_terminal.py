"""Somebody sits there, or nobody does: the question, its answer, and Ctrl-C."""

from __future__ import annotations

import signal
import subprocess

QUESTION = 'Do this? Only "yes" does it: '


def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(project):
    ended = project.process("apply")

    assert (ended.code, ended.out, project.server.requests) == (64, "", [])
    assert ended.err.splitlines()[-1] == (
        "Error: Nobody is here to ask. Give --yes, a plan file or --plan-id."
    )


def test_on_a_terminal_the_plan_comes_before_the_question(project):
    ended = project.terminal("apply", types="yes\n", after=QUESTION)

    assert ended.code == 0
    assert ended.out.index("plan id ") < ended.out.index(QUESTION) < ended.out.index("Done: 2 added")
    assert project.api.names("individual") == ["alice@example.org"]


def test_any_other_answer_changes_nothing(project):
    ended = project.terminal("apply", types="y\n", after=QUESTION)

    assert (ended.code, project.server.writes) == (1, [])
    assert ended.out.endswith("Stopped; nothing was changed.\n")


def test_ctrl_c_at_the_question_changes_nothing(project):
    # The line end lets the reader notice a signal that came just before it began to wait.
    ended = project.terminal("apply", types="\x03\n", after=QUESTION)

    assert (ended.code, project.server.writes) == (1, [])
    assert ended.out.endswith("Stopped; nothing was changed.\n")


def test_nothing_to_do_is_not_asked_about(project):
    project.run("apply", "--yes")

    ended = project.terminal("apply", types="", after=QUESTION)

    assert (ended.code, QUESTION in ended.out) == (0, False)


def test_colour_is_never_the_only_carrier(project):
    """With NO_COLOR the same text comes without colours."""
    coloured = project.terminal("plan", types="", after=QUESTION).out
    project.environ["NO_COLOR"] = "1"
    plain = project.terminal("plan", types="", after=QUESTION).out

    assert "\x1b[32m+ account" in coloured
    assert "\x1b" not in plain
    assert plain == project.process("plan").out


def test_ctrl_c_in_the_middle_ends_after_the_current_write(project):
    """What is done stays done and is told, the rest is not tried, and the next apply does it."""
    project.stack("accounts: {alice: {}, bob: {}, carol: {}}\n")
    process: list[subprocess.Popen[str]] = []

    def interrupt(number, method, path, phase):
        if (method, path, phase) == ("POST", "/api/principal", "before") and not asked:
            asked.append(number)
            process[0].send_signal(signal.SIGINT)

    asked: list[int] = []
    project.server.on_request = interrupt
    process.append(project.start("apply", "--yes"))
    ended = project.ended(process[0])

    assert (ended.code, ended.err) == (3, "Stopping after the current write.\n")
    assert ended.out.endswith(
        "  Not tried\n"
        "    + account/bob@example.org\n"
        "    + account/carol@example.org\n"
        "        The run was stopped before this change.\n"
        "\n"
        "Done: 1 added, 0 changed, 0 deleted · 2 not tried · mend it and apply again: what is done stays done\n"
    )
    assert project.api.names("individual") == ["alice@example.org"]
    assert project.run("apply", "--yes").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_a_reader_that_has_seen_enough_is_no_error(project):
    """`mailstack plan | head -1` ends without a traceback."""
    process = project.start("plan")
    assert process.stdout is not None
    process.stdout.close()

    assert process.stderr is not None
    text = process.stderr.read()
    process.stderr.close()

    assert (process.wait(timeout=60), text) == (1, "")


def test_a_long_apply_shows_on_a_terminal_how_far_it_is(project):
    """A bar that is gone when all is done; the last line is the report's."""
    people = "".join(f"  u{number}: {{}}\n" for number in range(25))
    project.stack(f"accounts:\n{people}")
    project.environ["TERM"] = "xterm"

    ended = project.terminal("apply", "--yes", types="", after=QUESTION)

    assert ended.code == 0
    assert "stalwart, mailboxes" in ended.out
    assert "25/25" in ended.out
    assert ended.out.rstrip().endswith("Done: 25 added, 0 changed, 0 deleted\x1b[0m")
