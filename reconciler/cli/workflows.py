"""The workflow files that `mailstack init --ci` writes into a repository, filled in for its stacks."""

from __future__ import annotations

import importlib.resources
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.origin import Origin
from reconciler.config.found import stacks
from reconciler.config.load import load
from reconciler.config.secrets import FromEnv, SecretRef
from reconciler.config.stack import Stack
from reconciler.errors import InputError, Problem
from reconciler.resource import UNSET

# The foreign actions, by their commits.  GitHub's runner leaves Node 20 behind; runners of Forgejo and
# Gitea from before 2026 know nothing later.
_CHECKOUT = {
    "github": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "forgejo": "https://code.forgejo.org/actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "gitea": "https://github.com/actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
}
_UPLOAD = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0"
_PLACES = {
    "github": ".github/workflows/mailstack.yml",
    "forgejo": ".forgejo/workflows/mailstack.yml",
    "gitea": ".gitea/workflows/mailstack.yml",
    "gitlab": ".gitlab/ci/mailstack.yml",
}
_GITLAB_ENTRY = ".gitlab-ci.yml"
_GITLAB_INCLUDE = f"include:\n  - local: {_PLACES['gitlab']}\n"
_LOGIN = "STALWART_PASSWORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one file.  A file that was there is left as it is."""

    file: str
    is_new: bool
    advice: str = ""  # what a person has to do for a file that was left


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """The variables from which stacks take secrets: those of the login, and all."""

    login: tuple[str, ...]
    all: tuple[str, ...]


def write_workflows(folder: Path, forge: str, origin: Origin, version: str) -> tuple[Written, ...]:
    """Write the files of a forge into a repository's top folder.  Never writes over anything.

    Raises InputError where the forge cannot use the origin, before anything is written.
    """
    text = workflow(
        forge, origin, version, branch=default_branch(folder), variables=variables_of(str(folder))
    )
    written = [_write(folder, _PLACES[forge], text)]
    if forge == "gitlab":
        entry = _write(folder, _GITLAB_ENTRY, _GITLAB_INCLUDE)
        if not entry.is_new and _PLACES["gitlab"] not in (folder / _GITLAB_ENTRY).read_text(encoding="utf-8"):
            entry = Written(file=_GITLAB_ENTRY, is_new=False, advice=f"Add to it:\n\n{_GITLAB_INCLUDE}")
        written.append(entry)
    return tuple(written)


def workflow(forge: str, origin: Origin, version: str, *, branch: str, variables: Variables) -> str:
    """Return the text of a forge's workflow."""
    name = "forgejo" if forge == "gitea" else forge
    text = (
        importlib.resources.files("reconciler")
        .joinpath("templates", f"{name}.yml")
        .read_text(encoding="utf-8")
    )
    filled = {
        "forge": forge,
        "branch": branch,
        "source": f"{origin.url}@{origin.commit}",
        "secrets": ", ".join(variables.all),
        "login_env": _env(variables.login),
        "all_env": _env(variables.all),
    }
    if forge != "gitlab":
        filled |= {
            "action": f"{_action(forge, origin)}@{origin.commit} # {version}",
            "checkout": _CHECKOUT[forge],
            "upload": _UPLOAD,
        }
    return "".join(_filled(line, filled) for line in text.splitlines(keepends=True))


def _filled(line: str, filled: Mapping[str, str]) -> str:
    """Return a line with its placeholders filled in; a text of several lines keeps the line's indent."""
    indent = line[: len(line) - len(line.lstrip())]
    return re.sub(r"<<(\w+)>>", lambda m: filled[m[1]].replace("\n", f"\n{indent}"), line)


def _env(names: tuple[str, ...]) -> str:
    return "\n".join(f"{name}: ${{{{ secrets.{name} }}}}" for name in names)


def _action(forge: str, origin: Origin) -> str:
    """Return how a workflow of this forge names the action at the top of mailstack's repository."""
    if forge != "github":
        return origin.url
    if origin.host != "github.com":
        raise InputError(
            Problem(
                summary=f"GitHub can use an action from GitHub only, and mailstack came from {origin.host}",
                detail="Name a copy of its repository there:\n\n    --source OWNER/mailstack@COMMIT",
                rule="no-source",
            )
        )
    return origin.path


def variables_of(folder: str) -> Variables:
    """Return the variables that the stacks of a folder name.  A stack that cannot be read says nothing."""
    login: dict[str, None] = {}
    others: dict[str, None] = {}
    for found in stacks(folder):
        try:
            stack = load(found.file).stack
        except InputError:
            continue
        login.update(_named(_logins(stack)))
        others.update(_named(_sent(stack)))
    first = tuple(login) or (_LOGIN,)
    return Variables(login=first, all=tuple(dict.fromkeys((*first, *others))))


def _logins(stack: Stack) -> Iterator[SecretRef]:
    if stack.stalwart is not None:
        yield from (ref for ref in (stack.stalwart.password, stack.stalwart.token) if ref is not None)


def _sent(stack: Stack) -> Iterator[SecretRef]:
    """Yield the secrets that apply sends."""
    for domain in stack.domains.values():
        yield from (a.password for a in domain.accounts.values() if a.password is not UNSET)
    yield from (value for value in stack.settings.values() if not isinstance(value, str))


def _named(refs: Iterator[SecretRef]) -> dict[str, None]:
    return {ref.env: None for ref in refs if isinstance(ref, FromEnv)}


def default_branch(folder: Path) -> str:
    """Return the branch that the repository's origin calls its own, else the one that is checked out, else main."""
    for question in (
        ("symbolic-ref", "--short", "refs/remotes/origin/HEAD"),
        ("symbolic-ref", "--short", "HEAD"),
    ):
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *question], capture_output=True, text=True, timeout=20
            )
        except (OSError, subprocess.TimeoutExpired):
            break
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip().removeprefix("origin/")
    return "main"


def _write(folder: Path, file: str, text: str) -> Written:
    path = folder / file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        return Written(file=file, is_new=False)
    except OSError as error:
        raise InputError(
            Problem(summary=f"{file} cannot be written", detail=f"The system says: {error.strerror}.")
        ) from error
    return Written(file=file, is_new=True)
