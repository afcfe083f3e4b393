"""Where this mailstack came from: the repository and the commit, so that a job can run the very same one."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from reconciler.errors import InputError, Problem

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BY_SSH = re.compile(r"(?:ssh://)?git@([^:/]+)[:/](.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A repository's https URL without `.git`, and a whole commit: a name such as v1 can be moved, a commit cannot."""

    url: str
    commit: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """Return `owner/name`."""
        return urlsplit(self.url).path.strip("/")


def parse(text: str) -> Origin:
    """Return the origin that a person names: `URL@COMMIT`, or `owner/name@COMMIT` on GitHub."""
    url, _, commit = text.rpartition("@")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", url):
        url = f"https://github.com/{url}"
    if not _COMMIT.fullmatch(commit) or urlsplit(url).scheme not in ("https", "http"):
        raise InputError(
            Problem(
                summary=f"{text} names no commit of a repository",
                detail=(
                    "Write its address and a whole commit, forty digits long: a tag or a branch can be moved to other code.\n\n"
                    "    --source https://github.com/OWNER/mailstack@COMMIT"
                ),
                rule="no-source",
            )
        )
    return Origin(url=url.removesuffix("/").removesuffix(".git"), commit=commit)


def installed() -> Origin | None:
    """Return where this installation came from, as pip noted it (PEP 610); None where that is not known."""
    try:
        noted = importlib.metadata.distribution("mailstack").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return None
    return noted_by_pip(noted or "{}")


def noted_by_pip(text: str) -> Origin | None:
    """Return the origin in a direct_url.json: of a repository, or of a clone on this machine."""
    noted = json.loads(text)
    url = str(noted.get("url", ""))
    if "vcs_info" in noted:
        return _origin(url, str(noted["vcs_info"].get("commit_id", "")))
    if url.startswith("file://"):
        folder = Path(unquote(urlsplit(url).path))
        return _origin(
            _git(folder, "remote", "get-url", "origin"), _git(folder, "rev-parse", "--verify", "HEAD")
        )
    return None


def _origin(url: str, commit: str) -> Origin | None:
    if by_ssh := _BY_SSH.fullmatch(url):
        url = f"https://{by_ssh[1]}/{by_ssh[2]}"
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not _COMMIT.fullmatch(commit):
        return None
    # Whoever cloned with a token in the address does not want it in a file.
    clean = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Origin(url=clean.removesuffix("/").removesuffix(".git"), commit=commit)


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
