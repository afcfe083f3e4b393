"""Completion and the manual page, judged by the shells and by man themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli import ROOT

from reconciler.cli.man import page
from reconciler.cli.run import commands


def shell(folder: Path, *argv: str) -> str:
    """Run a shell that knows `mailstack`; return what it says on both streams."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / "mailstack"
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from reconciler.cli import main; main()" "$@"\n'
    )
    program.chmod(0o755)
    done = subprocess.run(
        argv,
        cwd=folder,
        env={
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "TERM": "dumb",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr


def script(alone, name: str) -> Path:
    return alone.write(f"completion.{name}", alone.run("completion", name).out)


def test_bash_completes_commands_and_options(alone):
    file = script(alone, "bash")
    ask = (
        "COMP_WORDS=(mailstack {words}); COMP_CWORD={at}; _mailstack_completion mailstack; "
        'printf "%s\\n" "${{COMPREPLY[@]}}"'
    )

    def completed(words: str, at: int) -> str:
        return shell(alone.folder, "bash", "-c", f"source {file}; {ask.format(words=words, at=at)}")

    assert completed("dr", 1) == "drift\n"
    assert completed("plan --det", 2) == "--detailed-exitcode\n"


def test_zsh_takes_the_script_and_completes(alone):
    if not shutil.which("zsh"):
        pytest.skip("no zsh")
    file = script(alone, "zsh")

    assert shell(alone.folder, "zsh", "-n", str(file)) == ""
    # The words as zsh hands them over; `compadd` and the like exist in a line that is edited only.
    stubs = "compdef() { :; }; _describe() { print -l -- ${(P)3}; }; compadd() { print -l -- ${@[-1]}; }"
    told = shell(
        alone.folder,
        "zsh",
        "-f",
        "-c",
        f"{stubs}; words=(mailstack dr); CURRENT=2; source {file}; _mailstack_completion",
    )
    assert told == "drift:Show what is no longer as declared. Changes nothing.\n"


def test_fish_completes_commands_and_options(alone):
    if not shutil.which("fish"):
        pytest.skip("no fish")
    file = script(alone, "fish")

    def completed(line: str) -> str:
        return shell(alone.folder, "fish", "-c", f"source {file}; complete --do-complete '{line}'")

    assert completed("mailstack dr").startswith("drift\tShow what is no longer as declared")
    assert completed("mailstack plan --det").startswith("--detailed-exitcode\t")


def test_man_shows_the_page_without_a_warning(alone):
    if not shutil.which("man"):
        pytest.skip("no man")
    file = alone.write("mailstack.1", alone.run("man").out)

    shown = shell(alone.folder, "man", "--warnings", "--encoding=ascii", "-P", "cat", "-l", str(file))

    assert "warning:" not in shown
    assert "mailstack - Terraform for the mail server that you run yourself" in shown
    assert "mailstack plan --out plan.json                save it, review it, apply just that" in shown


def test_mandoc_finds_no_error_in_the_page(alone):
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc")
    file = alone.write("mailstack.1", alone.run("man").out)

    assert shell(alone.folder, "mandoc", "-T", "lint", "-W", "error", str(file)) == ""


def test_the_page_tells_every_command_option_and_variable():
    text = page()

    for name, command in commands_of(commands):
        assert f".SS mailstack {name}".replace("-", r"\-") in text
        for option in command.params:
            if option.param_type_name == "option" and not option.hidden:
                assert option.opts[-1].replace("-", r"\-") in text, (name, option.opts)
    assert all(
        variable in text for variable in (".B MAILSTACK_FILE", ".B MAILSTACK_CONNECTIONS", ".B NO_COLOR")
    )


def commands_of(group, above=""):
    context = group.make_context("mailstack", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{above}{name}", command
        if hasattr(command, "list_commands"):
            yield from commands_of(command, f"{above}{name} ")
