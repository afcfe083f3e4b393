"""Help, version, typing mistakes, completion, and the log of requests."""

from __future__ import annotations

import socket

import pytest

from reconciler import __version__

COMMANDS = ["plan", "apply", "validate", "show", "schema", "sandbox", "completion"]


def test_the_version(alone):
    assert alone.run("--version").out == f"mailstack {__version__}\n"
    assert alone.process("--version").out == f"mailstack {__version__}\n"


def test_help_begins_with_examples_and_names_every_command_and_exit_code(alone):
    text = alone.run("--help").out

    assert text.index("Examples:") < text.index("Exit codes:") < text.index("Commands:")
    assert all(f"\n  {command} " in text for command in COMMANDS)
    assert alone.run("-h").out == text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(alone, command):
    ended = alone.run(command, "--help")

    assert (ended.code, f"Examples:\n    mailstack {command}" in ended.out) == (0, True)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("plam", "Error: There is no command 'plam'. Did you mean plan?"),
        ("destroy", "Error: There is no command 'destroy'."),
    ],
)
def test_an_unknown_command_is_an_error_with_the_nearest_one(alone, command, error):
    ended = alone.run(command)

    assert (ended.code, ended.out, ended.err.splitlines()[-1]) == (64, "", error)


@pytest.mark.parametrize(
    "arguments",
    [["plan", "--nonsense"], ["plan", "--format", "xml"], ["show"], ["plan", "extra"], ["apply", "a", "b"]],
    ids=" ".join,
)
def test_wrong_usage_ends_with_64_and_a_usage_line(alone, arguments):
    ended = alone.run(*arguments)

    assert (ended.code, ended.out) == (64, "")
    assert ended.err.startswith(f"Usage: mailstack {arguments[0]} ")


def test_a_release_of_something_that_is_no_address_is_an_error(project):
    ended = project.run("plan", "--release", "nonsense")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: --release nonsense: ")


@pytest.mark.parametrize("option", ["--port", "--dns-port"])
def test_a_port_that_somebody_has_is_an_error(alone, option):
    zone = alone.write(
        "db.example.org", "$TTL 1h\n@ SOA ns1 admin 1 1h 1h 1w 1h\n@ NS ns1\nns1 A 192.0.2.1\n"
    )
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = str(somebody.getsockname()[1])
        ends = alone.run("sandbox", "--port", "0", "--zone", f"example.org={zone}", option, port)

    assert ends.code == 1
    assert ends.err == (
        f"error: the port {port} of 127.0.0.1 cannot be used\n"
        "    The system says: Address already in use. Take another one; 0 takes one that is free.\n"
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(alone, shell):
    ended = alone.run("completion", shell)

    assert (ended.code, "_MAILSTACK_COMPLETE" in ended.out) == (0, True)


def test_debug_tells_each_request_and_no_body(project):
    ended = project.run("plan", "--debug")

    told = [line.partition(" -> ")[0] for line in ended.err.splitlines()]
    asked = [f"{method} {path.partition('?')[0]}" for method, path in project.server.requests]
    assert told == asked


def test_unmanaged_things_are_counted_and_listed_when_asked(project):
    project.api.create("individual", "carol", "carol@example.org", "info@example.org")

    assert (
        "  Unmanaged, left alone: 1 account, 1 alias   (--unmanaged lists them)\n" in project.run("plan").out
    )
    assert (
        "  Unmanaged, left alone: 1 account, 1 alias\n"
        "      account/carol@example.org\n"
        "      alias/info@example.org\n"
    ) in project.run("plan", "--unmanaged").out


def test_what_a_server_says_cannot_repaint_the_terminal(project):
    """Names come from outside; control characters in them are shown by their number."""
    project.api.create("individual", "carol", "carol@example.org", description="\x1b[2J\x07Carol")
    project.stack("accounts: {carol: {name: Carol}}\n")

    ended = project.run("plan")

    assert "    ~ account  carol@example.org  name \\x1b[2J\\x07Carol -> Carol\n" in ended.out


def test_a_long_apply_tells_its_waves_on_stderr(project):
    project.stack("accounts:\n" + "".join(f"  u{number}: {{}}\n" for number in range(25)))

    assert project.run("apply", "--yes").err == "stalwart, mailboxes: 25 changes\n"
