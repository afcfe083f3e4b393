"""Lint in a job: for every pull request, also where there can be no plan."""

from __future__ import annotations

from reconciler.cli.ci import comments
from reconciler.cli.ci.one import One
from reconciler.config.keyring import Keyring
from reconciler.config.load import load
from reconciler.config.secrets import FromEnv
from reconciler.errors import InputError
from reconciler.render.github import Annotation, commands

_FORK = (
    "This pull request comes from a fork. Its jobs see no secret, so that nobody gets at the mail server's password "
    "by way of a pull request; and without it there is no plan. It is planned once somebody of this repository "
    "has looked at it and pushed it to a branch here."
)


def lint(one: One) -> int:
    """Judge the stack offline; in a fork's pull request, say why there is no more."""
    if one.job.is_fork:
        return alone(one, _FORK)
    code, markdown = _found(one)
    if markdown:
        one.child.summarise(markdown)
    one.child.output(exit_code=str(code))
    return code


def alone(one: One, why: str) -> int:
    """Lint in place of a plan, and say why."""
    code, markdown = _found(one)
    text = comments.lint_only(one.name, why, markdown, one.job)
    one.child.tell(f"Lint only, no plan. {why}")
    one.child.annotate(commands([Annotation(level="notice", title="lint only", text=why)]))
    one.child.summarise(text)
    one.child.output(exit_code=str(code))
    if not one.job.is_fork:  # whose token may not write
        one.comment(text)
    return code


def no_plan(one: One) -> str:
    """Return why this job can make no plan; nothing when it can, or when plan itself will say it better."""
    if one.job.is_fork:
        return _FORK
    if one.job.event != "pull_request":
        return ""
    try:
        loaded = load(one.file, one.child.environ.get("MAILSTACK_CONNECTIONS"))
    except InputError:
        return ""
    login = loaded.stack.stalwart.password if loaded.stack.stalwart is not None else None
    if not isinstance(login, FromEnv):
        return ""
    keyring = Keyring(base=loaded.stack.base, environ=one.child.environ, where=loaded.where)
    if not keyring.missing([login]):
        return ""
    return (
        f"{login.env}, the login to the mail server, has no value in this job, so there is no plan. Set it where this "
        "repository keeps secrets. Dependabot's pull requests see those of Dependabot only."
    )


def _found(one: One) -> tuple[int, str]:
    """Return lint's code and Markdown; its findings are in the log then, and beside their lines."""
    text = one.run("lint", publishes=False)
    if not text.out:
        one.child.tell_failure(text)
        return text.code, comments.said(text.err)
    one.child.tell(text.out)
    one.child.annotate(one.run("lint", "--format", "github", publishes=False).out)
    return text.code, text.summary
