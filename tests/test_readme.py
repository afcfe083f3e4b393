"""What the documents say exists: commands, flags, exit codes, make targets, files."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from reconciler import report
from reconciler.cli.run import commands
from reconciler.config.load import load_bytes

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
STACKS = [ROOT / "examples" / "mailstack.yaml"]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def spoken(text: str) -> Iterator[str]:
    """Yield every command line of ours: in backticks, or a line of its own in a block.

    Between four backticks stands what a job has said, which is no command.
    """
    text = re.sub(r"^`{4}\w+\n.*?^`{4}$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`(mailstack [^`]+)`", text)
    for line in text.splitlines():
        # A plan's own headline begins with the command too, and goes on with dots.
        if (match := re.match(r"[\s#]+(?:\$ )?(mailstack .*)|\$ (mailstack .*)", line)) and " · " not in line:
            yield match[1] or match[2]


def arguments_of(line: str) -> list[str]:
    """Return what the shell would hand to the program, up to a pipe, a redirection or a comment."""
    command = re.split(r"\s[|>#&]|\s{2,}", line.replace("[", "").replace("]", ""))[0]
    return shlex.split(command)[1:]


def all_lines() -> list[tuple[str, str]]:
    return [
        (named(path), line)
        for path in (*DOCUMENTS, *STACKS)
        for line in dict.fromkeys(spoken(path.read_text(encoding="utf-8")))
    ]


def stacks_in(path: Path) -> list[str]:
    """Return the YAML blocks of a document."""
    blocks = re.findall(
        r"^( *)```yaml\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return [textwrap.dedent(block) for _, block in blocks]


def subcommand(name: str) -> click.Command:
    found = commands.get_command(click.Context(commands), name)
    assert found is not None, f"there is no command {name}"
    return found


def options_of(command: click.Command) -> set[str]:
    return {
        flag for p in command.params if isinstance(p, click.Option) for flag in (*p.opts, *p.secondary_opts)
    }


@pytest.mark.parametrize(("document", "line"), all_lines())
def test_every_command_in_the_documents_is_one_that_the_program_takes(document: str, line: str) -> None:
    name, *rest = arguments_of(line)
    if name.startswith("-"):
        assert {name} - options_of(commands) - {"--help", "-h"} == set()
    elif not rest or "--help" in rest:
        subcommand(name)  # a command that is only named
    else:
        subcommand(name).make_context(name, rest)  # raises UsageError for what it does not know


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_flag_in_the_documents_belongs_to_a_command(path: Path) -> None:
    names = commands.list_commands(click.Context(commands))
    known = set().union({"--help", "--version"}, *(options_of(subcommand(name)) for name in names))
    said = set(re.findall(r"`(?:[^`\n]*[\s(])?(--[a-z-]+)[^`\n]*`", path.read_text(encoding="utf-8")))
    assert said - known == set()


def test_the_readme_tells_every_exit_code_and_no_other() -> None:
    table = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    )
    said = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    known = {report.DONE, report.NOTHING_DONE, report.CHANGES, report.IN_PART, report.HELD}
    assert said == known | {report.USAGE, report.BUSY}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_make_target_in_the_documents_is_in_the_makefile(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    said = {a or b for a, b in re.findall(r"`make ([a-z]+)|^ {4}make ([a-z]+)", text, re.MULTILINE)}
    assert said - targets == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_file_and_link_in_the_documents_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = [path.parent / link for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)]
    told = [ROOT / name for name in re.findall(r"`((?:reconciler|tests|schemas|examples)/[^`\s]*)`", text)]
    assert [named(found) for found in (*linked, *told) if not found.exists()] == []


@pytest.mark.parametrize("block", stacks_in(ROOT / "README.md"))
def test_every_stack_in_the_readme_is_valid(block: str) -> None:
    head = "" if "version:" in block else "version: 1\ndomain: example.org\nhostname: mail.example.org\n"
    assert "example.org" in load_bytes((head + block).encode(), "README.md").stack.domains
