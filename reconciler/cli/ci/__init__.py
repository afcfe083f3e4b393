"""`mailstack ci MODE`: one job of a pipeline, for every stack of a repository.  What `action.yml` and the templates run.

It runs mailstack's own commands, each as a process of its own, and tells what became of them where
people look: the log, the pull request, the issue.  It decides nothing about mail.

    child     runs a command; what it says goes into the log, where it cannot give orders to the runner
    one       one stack in one job; lint, plan, apply, drift: what is done for it
    comments  the texts of comments and issues, and the plan that a comment shows
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.errors import InputError, Problem

if TYPE_CHECKING:
    from reconciler.cli.ci.child import Child
    from reconciler.cli.ci.one import Asked
    from reconciler.forge.job import Job

_MODES = ("lint", "plan", "apply", "drift", "stacks")


@click.command("ci", short_help="Do one job of a pipeline: lint, plan, apply, drift.")
@click.argument("mode", type=click.Choice(_MODES))
@click.option(
    "-f",
    "--file",
    envvar="MAILSTACK_FILE",
    metavar="FILE",
    help="The stack file.  [default: every stack here and below]",
)
@options.connections
@click.option(
    "--stack", envvar="MAILSTACK_CI_STACK", metavar="NAME", help="Without -f: only the stack of this name."
)
@click.option(
    "--plan-id", envvar="MAILSTACK_CI_PLAN_ID", metavar="ID", help="apply: do only the plan with this id."
)
@click.option(
    "--reviewed",
    envvar="MAILSTACK_CI_REVIEWED",
    type=click.Choice(["auto", "required", "no"]),
    default="auto",
    show_default=True,
    help="apply: which plan may be done. auto: that of the pull request, where it shows one.",
)
@click.option(
    "--release", envvar="MAILSTACK_CI_RELEASE", multiple=True, metavar="ADDRESS", help="Let a held change go."
)
@click.option(
    "--allow-deletes",
    envvar="MAILSTACK_CI_ALLOW_DELETES",
    type=click.IntRange(min=0),
    metavar="N",
    help="Let up to N removals of one kind go at once.",
)
@click.option(
    "--comment/--no-comment",
    envvar="MAILSTACK_CI_COMMENT",
    default=True,
    help="Write to the pull request and to the issue of a drift.  [default: yes]",
)
def command(
    mode: str,
    file: str | None,
    connections: str | None,
    stack: str | None,
    plan_id: str | None,
    reviewed: str,
    release: tuple[str, ...],
    allow_deletes: int | None,
    comment: bool,
) -> int:
    """Do one job of a pipeline, for one stack or for all that lie below this folder.

    \b
      lint    the stack and its zone files, without secrets; annotations where the forge shows them
      plan    plan, and keep one comment on the pull request; of a fork or without secrets: lint only
      apply   what the merged pull request showed, or with --plan-id just that
      drift   what changed under us, as one issue a stack that is closed when it is mended
      stacks  the stacks as JSON, for a matrix of jobs

    It exits with 0 when the job did its work (a plan with changes is work done), else with the code of
    the command that failed.  The token is taken from MAILSTACK_CI_TOKEN.

    \b
    Examples:
      mailstack ci plan
      mailstack ci apply -f home.yaml --plan-id 9f31c0a1b2c3
    """
    import os

    from reconciler.cli.ci.child import Child
    from reconciler.cli.ci.one import Asked
    from reconciler.forge import job

    child = Child({**os.environ, "MAILSTACK_CONNECTIONS": connections or ""})
    if mode == "stacks":
        return _stacks(child)
    releases = [part for one in release for part in ("--release", one)]
    if allow_deletes is not None:
        releases += ["--allow-deletes", str(allow_deletes)]
    asked = Asked(
        plan_id=plan_id or "",
        reviewed=reviewed,
        releases=tuple(releases),
        connections=connections or "",
        comments=comment,
    )
    return _each(mode, child, job.read(os.environ), asked, file or "", stack or "")


def _stacks(child: Child) -> int:
    """Tell the stacks of the repository, and set them as an output of the step."""
    ended = child.run("stacks", "--json", publishes=False)
    if ended.code:
        child.tell_failure(ended)
        return ended.code
    child.tell(ended.err)
    child.tell(ended.out)
    child.output(stacks=ended.out.strip())
    return ended.code


def _each(mode: str, child: Child, job: Job, asked: Asked, file: str, stack: str) -> int:
    """Do a mode for one stack, or for every one; return the worst code."""
    from reconciler.cli.ci.one import One
    from reconciler.config.found import Found, name_of, stacks

    found = stacks(".")
    wanted = [Found(name=name_of(file), file=file)] if file else [s for s in found if stack in ("", s.name)]
    if not wanted:
        raise InputError(_no_stack(stack))
    do: Callable[[One], int] = getattr(importlib.import_module(f"reconciler.cli.ci.{mode}"), mode)
    forge, codes = job.connect(), []
    for one in wanted:
        codes.append(
            do(
                One(
                    name=one.name,
                    file=one.file,
                    is_alone=len(found) <= 1,
                    job=job,
                    asked=asked,
                    child=child,
                    forge=forge,
                )
            )
        )
        if child.was_told_to_end:
            break
    return max(codes)


def _no_stack(stack: str) -> Problem:
    return Problem(
        summary=f"there is no stack {stack} here" if stack else "there is no stack here",
        detail="What there is:\n\n    mailstack stacks",
        rule="no-stack-file",
    )
