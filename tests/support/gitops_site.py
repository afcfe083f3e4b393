"""Everything that GitOps needs, here: a mail server, a repository on a stand-in forge, and its runner."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cli
from actions_runner import Event, Job, Runner
from github_server import REPOSITORY, GitHub, Pull

from reconciler.sandbox import Sandbox

SOURCE = f"octavia/mailstack@{'3f7a' * 10}"
WORKFLOW = ".{forge}/workflows/mailstack.yml"
# What a job sees besides, where the forge is no GitHub.
_FLAVOURS = {
    "forgejo": {"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"},
    "gitea": {"GITEA_ACTIONS": "true"},
}

# Makes an environment that has mailstack already, so that not every job installs it.  A test of its own
# runs the action's real installation.
_PYTHON = """\
#!/bin/sh
if [ "$1 $2 $3" = "-I -m venv" ]; then
    mkdir -p "$4/bin" && ln -sf {mailstack} "$4/bin/mailstack" && ln -sf /bin/true "$4/bin/python"
else
    exec {python} "$@"
fi
"""


def programs(folder: Path) -> Path:
    """Return a folder with the programs that jobs find first on this machine."""
    binaries = folder / "bin"
    binaries.mkdir()
    python = binaries / "python3"
    mailstack = Path(sys.executable).with_name("mailstack")
    python.write_text(_PYTHON.format(mailstack=mailstack, python=sys.executable))
    python.chmod(0o755)
    # A container of Forgejo's has no venv and gets it; this machine is left as it is.
    (binaries / "apt-get").symlink_to("/bin/true")
    return binaries


@dataclass
class Site:
    """A clone in which people work, the forge that they push to, and the server that main describes."""

    folder: Path
    github: GitHub
    server: Sandbox
    secrets: dict[str, str] = field(default_factory=lambda: dict(cli.ENVIRON))
    variables: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    forge: str = "github"
    _runner: Runner | None = None

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def api(self) -> cli.Api:
        return cli.Api(self.server.url, cli.ADMIN_PASSWORD)

    def runner(self) -> Runner:
        if self._runner is None:
            self._runner = Runner(
                folder=self.folder,
                repository=REPOSITORY,
                git=self.github.git,
                server=self.github,
                actions={
                    f"{url}{SOURCE.partition('@')[0]}@": cli.ROOT for url in ("", "https://github.com/")
                },
                environ=_FLAVOURS.get(self.forge, {}),
                path=(str(programs(self.folder)),),
            )
        self._runner.secrets, self._runner.variables = self.secrets, self.variables
        return self._runner

    # What people do.

    def begin(self, stacks: Mapping[str, str]) -> None:
        """Make the repository: the stacks, the workflow that `init` writes for them, pushed to main."""
        subprocess.run(["git", "clone", "-q", self.github.git, self.clone], check=True, capture_output=True)
        self._git("checkout", "-q", "-b", "main")
        for name, text in stacks.items():
            self.write(name, text)
        project = cli.Project(self.clone)
        ended = project.run("init", "--ci", self.forge, "--source", SOURCE)
        assert ended.code == 0, ended
        self.commit("begin")
        self._git("push", "-q", "origin", "main")

    def write(self, name: str, text: str) -> None:
        path = self.clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def branch(self, name: str, **files: str) -> Pull:
        """Push a branch off main with these files changed, and open its pull request."""
        self._git("checkout", "-q", "main")
        self._git("pull", "-q", "origin", "main")
        self._git("checkout", "-q", "-b", name)
        return self.push(name, files)

    def push(self, name: str, files: Mapping[str, str], *, fork: str = "") -> Pull:
        """Commit to a branch and push it; its pull request is opened or taken up again."""
        for file, text in files.items():
            self.write(file, text)
        self.commit(f"change {name}")
        self._git("push", "-q", "origin", name)
        return self.github.open_pull(name, fork=fork)

    def commit(self, message: str) -> str:
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", message)
        return self._git("rev-parse", "HEAD")

    # What the forge then runs.

    def on_pull(self, pull: Pull) -> dict[str, Job]:
        head = {"ref": pull.head_ref, "sha": pull.head_sha, "repo": {"full_name": pull.head_repository}}
        payload = {"pull_request": {"number": pull.number, "head": head, "base": {"ref": pull.base_ref}}}
        event = Event(
            name="pull_request",
            ref=f"refs/pull/{pull.number}/merge",
            sha=pull.merge_sha,
            payload=payload,
            head_ref=pull.head_ref,
            base_ref=pull.base_ref,
            is_fork=pull.head_repository != REPOSITORY,
        )
        return self._run(event)

    def on_main(self, name: str = "push", **inputs: str) -> dict[str, Job]:
        """Run what a push to main, a schedule or a person (workflow_dispatch, with inputs) sets off."""
        sha = self.github.head("main")
        payload = {"inputs": {"plan-id": "", "stack": "", **inputs}} if name == "workflow_dispatch" else {}
        return self._run(Event(name=name, ref="refs/heads/main", sha=sha, payload=payload))

    def _run(self, event: Event) -> dict[str, Job]:
        jobs = {job.name: job for job in self.runner().run(WORKFLOW.format(forge=self.forge), event)}
        for job in jobs.values():
            self.said += [job.log, job.summary, *(v for s in job.steps for v in s.outputs.values())]
        self.search()
        return jobs

    def search(self) -> None:
        """Nobody may ever have said a secret."""
        told = [*self.said, *(c.body for c in self.github.comments), *(i.body for i in self.github.issues)]
        for secret in self.secrets.values():
            assert not secret or all(secret not in text for text in told), f"the secret {secret} is shown"

    def _git(self, *arguments: str) -> str:
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Octavia"), ("EMAIL", "octavia@example.org"))
        }
        done = subprocess.run(
            ["git", "-C", str(self.clone), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **identity},
        )
        return done.stdout.strip()
