"""Which stack file a command takes, and what is said of one that cannot be used."""

from __future__ import annotations

import pytest

NO_FILE = (
    "error: there is no mailstack.yaml here or above\n"
    "    Name the file with -f FILE, or start from the example:\n"
    "\n"
    "        examples/mailstack.yaml\n"
)


def test_the_file_here_is_taken(alone):
    alone.stack("")

    ended = alone.run("validate")

    assert (ended.code, ended.out) == (
        0,
        "mailstack.yaml: home is valid: 1 domain, 1 resource\n",
    )


def test_the_file_above_is_taken_and_named_as_seen_from_here(alone):
    alone.stack("")
    below = alone.folder / "docs" / "deep"
    below.mkdir(parents=True)

    assert alone.run("validate", where=below).out == (
        "../../mailstack.yaml: home is valid: 1 domain, 1 resource\n"
    )


def test_the_search_ends_at_the_root_of_the_repository(alone):
    alone.stack("")
    below = alone.folder / "other-project"
    (below / ".git").mkdir(parents=True)

    ended = alone.run("validate", where=below)

    assert (ended.code, ended.out, ended.err) == (1, "", NO_FILE)


def test_the_environment_names_a_file(alone):
    alone.stack("", name="home.yaml")
    alone.environ["MAILSTACK_FILE"] = "home.yaml"

    assert alone.run("validate").out.startswith("home.yaml: ")


def test_the_command_line_wins_over_the_environment(alone):
    alone.stack("", name="home.yaml")
    alone.environ["MAILSTACK_FILE"] = "away.yaml"

    assert alone.run("validate", "-f", "home.yaml").out.startswith("home.yaml: ")


def test_secrets_lie_beside_the_file_and_not_where_one_stands(project):
    from cli import ADMIN_PASSWORD, HEAD

    project.write("secrets/admin.pw", ADMIN_PASSWORD + "\n")
    head = HEAD.replace("{{env: STALWART_PASSWORD}}", "{{file: secrets/admin.pw}}")
    project.stack("accounts: {alice: {}}\n", head=head)
    (project.folder / "below").mkdir()

    assert project.run("plan", where=project.folder / "below").code == 0


def test_all_errors_come_at_once_each_with_its_place(alone):
    alone.stack("acounts: {}\naccounts: {alice: {quota: 5}}\n")

    ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert [line for line in ended.err.splitlines() if not line.startswith(" ")] == [
        'error: mailstack.yaml:5:1: unknown key "acounts"',
        "error: mailstack.yaml:6:27: a size without a unit",
        "2 errors; nothing was changed.",
    ]


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["validate"]])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "error: mailstack.yaml: the file is empty\n"),
        ("- a\n", "error: mailstack.yaml:1:1: this is no stack\n"),
    ],
    ids=["empty", "a list"],
)
def test_a_file_that_is_no_stack(alone, command, text, error):
    alone.write("mailstack.yaml", text)

    ended = alone.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(error)


def test_a_file_that_is_not_there(alone):
    ended = alone.run("plan", "-f", "none.yaml")

    assert (ended.code, ended.err.splitlines()[0]) == (1, "error: none.yaml: there is no such file")


def test_a_stack_without_a_server_says_what_to_add(alone):
    alone.write("mailstack.yaml", "version: 1\ndomain: example.org\n")

    ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: mailstack.yaml: the stack does not say where its mail server is\n"
        "    Add a section such as:\n"
        "\n"
        "        stalwart: {url: http://127.0.0.1:8080, username: admin, password: {env: STALWART_PASSWORD}}\n"
        "\n"
        "    or name the file that says it, with --connections FILE.\n"
    )


def test_a_stack_without_a_login_says_what_is_missing(alone):
    alone.write(
        "mailstack.yaml", 'version: 1\ndomain: example.org\nstalwart: {url: "http://127.0.0.1:8080"}\n'
    )

    ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: mailstack.yaml:3:1: the stack does not say how to log in\n")


def test_a_login_that_is_not_set_is_an_error_with_its_place(alone):
    alone.stack("")
    del alone.environ["STALWART_PASSWORD"]

    ended = alone.run("plan")

    assert ended.code == 1
    assert ended.err.startswith("error: mailstack.yaml:4:")
    assert ended.err.endswith("    The environment variable STALWART_PASSWORD is not set.\n")


def test_validate_needs_neither_secrets_nor_a_server(alone):
    alone.stack("accounts: {alice: {password: {env: ALICE_PASSWORD}}}\n")
    alone.environ.clear()

    assert alone.run("validate").code == 0


def test_records_of_a_stack_without_dns_says_what_to_add(alone):
    alone.write("mailstack.yaml", "version: 1\ndomain: example.org\n")

    ended = alone.run("records")

    assert (ended.code, ended.out.strip()) == (0, "")
    assert ended.err == (
        "The stack declares no DNS records. A section dns: gives those that mail needs, such as\n"
        "\n"
        "    dns: {addresses: [203.0.113.10]}\n"
    )
    alone.write("mailstack.yaml", "version: 1\ndomain: example.org\ndns: {addresses: [203.0.113.10]}\n")
    assert "v=DMARC1" in alone.run("records").out
