"""`mailstack stacks`: every stack of a repository, also the broken one, and nothing else."""

from __future__ import annotations

import json

SMALL = "version: 1\ndomain: example.org\n"


def test_every_stack_of_the_folder_is_listed_by_name_and_file(alone):
    alone.write("mailstack.yaml", f"{SMALL}stack: home\n")
    alone.write("customers/shop.yml", SMALL.replace("org", "net"))

    ended = alone.run("stacks")

    assert (ended.code, ended.out) == (0, "example.net  customers/shop.yml\nhome         mailstack.yaml\n")


def test_json_is_one_line_that_a_matrix_takes(alone):
    alone.write("mailstack.yaml", f"{SMALL}stack: home\n")
    alone.write("b/mailstack.yaml", SMALL)

    ended = alone.run("stacks", "--json")

    assert json.loads(ended.out) == [
        {"name": "example.org", "file": "b/mailstack.yaml"},
        {"name": "home", "file": "mailstack.yaml"},
    ]
    assert ended.out.count("\n") == 1


def test_files_are_named_as_seen_from_here(alone):
    alone.write("mail/a.yaml", SMALL)

    assert alone.run("stacks", "mail").out == "example.org  mail/a.yaml\n"
    assert alone.run("stacks", "..", where=alone.folder / "mail").out == "example.org  ../mail/a.yaml\n"


def test_a_stack_that_is_broken_is_listed_too(alone):
    """A job that left it out would find nothing wrong with it."""
    alone.write("twice.yaml", f"{SMALL}stack: home  # ours\naccounts: {{}}\naccounts: {{}}\n")
    alone.write("open.yaml", f"{SMALL}accounts: [\n")
    alone.write("empty/mailstack.yaml", "")

    assert alone.run("stacks").out == (
        "empty-mailstack  empty/mailstack.yaml\nexample.org      open.yaml\nhome             twice.yaml\n"
    )


def test_what_is_no_stack_and_what_is_not_ours_is_left_out(alone):
    alone.write("mailstack.yaml", SMALL)
    alone.write("compose.yaml", 'version: "3"\nservices: {mail: {domainname: example.org}}\n')
    alone.write("nested.yaml", "all:\n  version: 1\n  domain: example.org\n")
    alone.write("notes.md", SMALL)
    alone.write(".cache/mailstack.yaml", SMALL)
    alone.write("node_modules/a/mailstack.yaml", SMALL)
    alone.write("venv/pyvenv.cfg", "")
    alone.write("venv/lib/mailstack.yaml", SMALL)

    assert alone.run("stacks").out == "example.org  mailstack.yaml\n"


def test_a_folder_without_a_stack_is_an_error(alone):
    ended = alone.run("stacks", "--json")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: there is no stack in .\n"
        "    A stack is a file mailstack.yaml, or another YAML file with `version:` and `domain:` at its top.\n"
    )


def test_two_files_of_one_name_are_named_on_stderr(alone):
    """On one server each would unwrite what the other has made."""
    alone.write("a.yaml", SMALL)
    alone.write("b.yaml", SMALL)

    ended = alone.run("stacks")

    assert (ended.code, ended.out) == (0, "example.org  a.yaml\nexample.org  b.yaml\n")
    assert ended.err == (
        "a.yaml and b.yaml are both the stack example.org. On one server each would delete what the other has made:\n"
        "give them names of their own with `stack:`.\n"
    )
