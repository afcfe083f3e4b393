"""A stand-in for the runner of GitHub Actions (and Forgejo's, which is its child): runs a workflow's jobs here.

Done as the real one does it: which events a workflow hears, needs, `if:`, a matrix (also one that an
earlier job's output makes), outputs between steps and jobs, env of workflow, job and step, the files
behind GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH and GITHUB_STEP_SUMMARY, composite actions (without the
secrets context, as there), bash as `bash --noprofile --norc -eo pipefail`, and a token for each job
that can do what `permissions:` says and, for a fork's pull request, nothing but read.

Not done: actions in JavaScript or Docker (actions/checkout is done here, with git, and upload-artifact keeps the
file), containers, services, time-outs, caches, masking (so that a test sees a secret that leaks), and
waiting for `concurrency:`, which is only noted: one job runs after the other.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import yaml
from actions_expressions import condition, filled, text_of

SHELLS = {
    "": ["bash", "-e"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "sh": ["sh", "-e"],
}
CHECKOUT = "actions/checkout@"  # also at the end of a URL, as Forgejo names it

UPLOAD = "actions/upload-artifact@"


class Tokens(Protocol):
    """Who makes the tokens of jobs: the server that will be asked with them."""

    api_url: str
    url: str

    def token(self, permissions: Mapping[str, str]) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened.  sha is what a checkout brings; ref as in GITHUB_REF."""

    name: str
    ref: str
    sha: str
    payload: dict[str, Any] = field(default_factory=dict)
    head_ref: str = ""
    base_ref: str = ""
    actor: str = "octavia"
    is_fork: bool = False


@dataclass
class Step:
    """What became of one step.  log holds both streams."""

    name: str
    conclusion: str
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """What became of one job, or of one cell of its matrix.  id is its key in the file."""

    id: str
    name: str
    result: str
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    concurrency: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)  # name -> text

    @property
    def log(self) -> str:
        return "".join(step.log for step in self.steps)


@dataclass(kw_only=True)
class Runner:
    """Runs workflows of a repository.  actions: where an action's files are, by the start of `uses:`."""

    folder: Path
    repository: str
    git: Path
    server: Tokens
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, Path] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()  # folders that the machine's PATH begins with
    runs: int = 0

    def run(self, file: str, event: Event, *, text: str | None = None) -> list[Job]:
        """Run the workflow file of the event's commit; return its jobs, or nothing when it does not listen."""
        source = self._git("show", f"{event.sha}:{file}") if text is None else text
        workflow = yaml.load(source, yaml.BaseLoader)
        if not hears(workflow["on"], event):
            return []
        self.runs += 1
        done: list[Job] = []
        for name in _in_order(workflow["jobs"]):
            done += self._job_cells(workflow, name, event, done)
        return done

    def _job_cells(self, workflow: dict[str, Any], name: str, event: Event, done: list[Job]) -> list[Job]:
        """Run every cell of a job's matrix; one job where there is none."""
        job = workflow["jobs"][name]
        needed = _listed(job.get("needs"))
        results = {n: _results(n, done) for n in needed}
        contexts = {
            "github": self._github(event, workflow, name),
            "needs": {n: {"result": results[n], "outputs": _outputs(n, done)} for n in needed},
            "vars": dict(self.variables),
            "inputs": event.payload.get("inputs", {}),
        }
        good = all(result == "success" for result in results.values())
        functions = _status(good)
        if not condition(job.get("if", "success()"), contexts, functions):
            return [Job(name, name, "skipped")]
        matrix = filled(job.get("strategy", {}).get("matrix", {}), contexts)
        return [self._job(workflow, name, event, contexts, cell) for cell in cells(matrix)]

    def _job(
        self,
        workflow: dict[str, Any],
        name: str,
        event: Event,
        contexts: dict[str, Any],
        cell: dict[str, Any],
    ) -> Job:
        job = workflow["jobs"][name]
        title = name if not cell else f"{name} ({', '.join(map(_shown, cell.values()))})"
        place = self.folder / f"run-{self.runs}" / re.sub(r"\W+", "-", title)
        place.mkdir(parents=True)
        permissions = job.get("permissions", workflow.get("permissions", {"contents": "read"}))
        if event.is_fork:
            permissions = dict.fromkeys(permissions, "read")
        token = self.server.token(permissions)
        secrets = {} if event.is_fork else dict(self.secrets)
        contexts = {
            **contexts,
            "github": {**contexts["github"], "token": token},
            "secrets": {**secrets, "GITHUB_TOKEN": token},
            "matrix": cell,
            "steps": {},
            "runner": {"temp": str(place / "temp"), "os": "Linux"},
        }
        run = Job(name, text_of(filled(job.get("name", title), contexts)), "success")
        run.concurrency = filled(job.get("concurrency", workflow.get("concurrency", {})), contexts)
        bench = _Bench(self, place, event, contexts)
        env = {**filled(workflow.get("env", {}), contexts), **filled(job.get("env", {}), contexts)}
        run.steps = bench.steps(job["steps"], contexts, env)
        run.result = "success" if not bench.failed else "failure"
        run.summary, run.artifacts = bench.summary, bench.artifacts
        run.outputs = {k: text_of(v) for k, v in filled(job.get("outputs", {}), bench.contexts).items()}
        return run

    def _github(self, event: Event, workflow: dict[str, Any], job: str) -> dict[str, Any]:
        return {
            "event_name": event.name,
            "event": event.payload,
            "ref": event.ref,
            "ref_name": event.ref.removeprefix("refs/heads/"),
            "sha": event.sha,
            "head_ref": event.head_ref,
            "base_ref": event.base_ref,
            "repository": self.repository,
            "actor": event.actor,
            "workflow": workflow.get("name", ""),
            "job": job,
            "run_id": str(4000 + self.runs),
            "server_url": self.server.url,
            "api_url": self.server.api_url,
        }

    def _git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.git), *arguments], check=True, capture_output=True, text=True
        ).stdout


class _Bench:
    """One job's machine: a workspace, the files by which steps speak to the runner, and what they said."""

    def __init__(self, runner: Runner, place: Path, event: Event, contexts: dict[str, Any]) -> None:
        self.runner, self.place, self.event, self.contexts = runner, place, event, contexts
        self.workspace, self.temp = place / "workspace", place / "temp"
        for folder in (self.workspace, self.temp):
            folder.mkdir()
        (place / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
        self.failed = False
        self.summary = ""
        self.artifacts: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.path: list[str] = []
        self._count = 0

    def steps(self, steps: list[dict[str, Any]], contexts: dict[str, Any], env: dict[str, Any]) -> list[Step]:
        """Run steps one after the other; after a failed one only those whose `if:` wants it."""
        done = []
        for step in steps:
            name = step.get("name") or step.get("id") or step.get("uses") or step["run"].splitlines()[0]
            here = {**contexts, "env": {**env, **self.added}}
            if not condition(step.get("if", "success()"), here, _status(not self.failed)):
                ended = Step(name, "skipped")
            else:
                ended = self._step(name, step, here, {**env, **filled(step.get("env", {}), here)})
            contexts["steps"][step.get("id", f"__{len(done)}")] = {
                "outputs": ended.outputs,
                "outcome": ended.conclusion,
                "conclusion": ended.conclusion,
            }
            if ended.conclusion == "failure" and step.get("continue-on-error") != "true":
                self.failed = True
            done.append(ended)
        return done

    def _step(self, name: str, step: dict[str, Any], contexts: dict[str, Any], env: dict[str, Any]) -> Step:
        if "run" in step:
            return self._script(name, step, contexts, env)
        given = {key: text_of(value) for key, value in filled(step.get("with", {}), contexts).items()}
        if CHECKOUT in step["uses"]:
            return self._checkout(name, given)
        if UPLOAD in step["uses"]:
            self.artifacts[given["name"]] = Path(given["path"]).read_text(encoding="utf-8")
            return Step(name, "success")
        return self._composite(name, step["uses"], given, contexts, env)

    def _composite(
        self, name: str, uses: str, given: dict[str, str], contexts: dict[str, Any], env: dict[str, Any]
    ) -> Step:
        folder = next((f for start, f in self.runner.actions.items() if uses.startswith(start)), None)
        assert folder is not None, f"no such action here: {uses}"
        action = yaml.load((folder / "action.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
        assert action["runs"]["using"] == "composite", uses
        assert set(given) <= set(action.get("inputs", {})), (uses, given)
        inputs = {}
        for key, described in action.get("inputs", {}).items():
            assert described.get("required") != "true" or given.get(key), f"{uses} needs {key}"
            inputs[key] = given.get(key, text_of(filled(described.get("default", ""), contexts)))
        inner = {k: v for k, v in contexts.items() if k not in ("secrets", "needs", "matrix")}
        inner |= {"inputs": inputs, "steps": {}, "github": {**contexts["github"], "action_path": str(folder)}}
        failed, self.failed = self.failed, False
        done = self.steps(action["runs"]["steps"], inner, {**env, "GITHUB_ACTION_PATH": str(folder)})
        mine, self.failed = self.failed, failed
        outputs = {
            key: text_of(filled(out["value"], inner)) for key, out in action.get("outputs", {}).items()
        }
        return Step(name, "failure" if mine else "success", "".join(step.log for step in done), outputs)

    def _checkout(self, name: str, given: dict[str, str]) -> Step:
        """Bring the event's commit and no other.  The token is never left behind in the clone here."""
        where = self.workspace / given.get("path", "")
        depth = given.get("fetch-depth", "1")
        shallow = [] if depth == "0" else [f"--depth={depth}"]
        script = 'git init -q "$1" && cd "$1" && shift && git fetch -q "$@" && git checkout -q FETCH_HEAD'
        # As from afar: of a path, git would fetch everything.
        source = [*shallow, self.runner.git.as_uri(), given.get("ref") or self.event.sha]
        done = subprocess.run(["sh", "-c", script, "sh", str(where), *source], capture_output=True, text=True)
        return Step(name, "failure" if done.returncode else "success", done.stderr)

    def _script(self, name: str, step: dict[str, Any], contexts: dict[str, Any], env: dict[str, Any]) -> Step:
        self._count += 1
        files = {kind: self.place / f"{self._count}-{kind}" for kind in ("output", "env", "path", "summary")}
        for file in files.values():
            file.touch()
        script = self.place / f"{self._count}.sh"
        script.write_text(text_of(filled(step["run"], contexts)), encoding="utf-8")
        done = subprocess.run(
            [*SHELLS[step.get("shell", "")], str(script)],
            cwd=self.workspace / text_of(filled(step.get("working-directory", ""), contexts)),
            env=self._environ(contexts, env, files),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        self.added |= dict(pairs(files["env"].read_text(encoding="utf-8")))
        self.path += files["path"].read_text(encoding="utf-8").split("\n")
        self.summary += files["summary"].read_text(encoding="utf-8")
        outputs = dict(pairs(files["output"].read_text(encoding="utf-8")))
        return Step(name, "failure" if done.returncode else "success", done.stdout, outputs)

    def _environ(
        self, contexts: dict[str, Any], env: Mapping[str, Any], files: Mapping[str, Path]
    ) -> dict[str, str]:
        github = contexts["github"]
        told = {
            f"GITHUB_{key.upper()}": text_of(github[key])
            for key in github
            if key not in ("token", "event", "action_path")
        }
        path = [*reversed([p for p in self.path if p]), *self.runner.path, os.environ["PATH"]]
        return {
            "HOME": str(self.place),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            **told,
            "GITHUB_GRAPHQL_URL": f"{github['api_url']}/graphql",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_EVENT_PATH": str(self.place / "event.json"),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_ENV": str(files["env"]),
            "GITHUB_PATH": str(files["path"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            **self.runner.environ,
            **{key: text_of(value) for key, value in env.items()},
            **self.added,
            "PATH": os.pathsep.join(path),
        }


def hears(on: Any, event: Event) -> bool:
    """Return whether a workflow's `on:` names the event, on this branch where it names branches."""
    if not isinstance(on, Mapping):
        return event.name in _listed(on)
    if event.name not in on:
        return False
    wanted = on[event.name]
    branches = wanted.get("branches") if isinstance(wanted, Mapping) else None
    branch = event.base_ref or event.ref.removeprefix("refs/heads/")
    return branches is None or branch in _listed(branches)


def cells(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a matrix of lists; one empty cell without any.  No include, no exclude."""
    assert not {"include", "exclude"} & set(matrix), "not done by this stand-in"
    return [dict(zip(matrix, values, strict=True)) for values in product(*matrix.values())]


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a step wrote to GITHUB_OUTPUT or GITHUB_ENV: `name=value`, or `name<<END` and lines up to END."""
    lines = iter(text.splitlines())
    for line in lines:
        if (start := re.match(r"([^=<]+)<<(.+)", line)) is not None:
            held = []
            for inner in lines:
                if inner == start[2]:
                    break
                held.append(inner)
            else:
                raise AssertionError(f"no end of {start[1]}: {start[2]}")
            yield start[1], "\n".join(held)
        elif line:
            assert "=" in line, f"the runner refuses this line: {line!r}"
            name, _, value = line.partition("=")
            yield name, value


def _in_order(jobs: Mapping[str, Any]) -> list[str]:
    """Return the jobs' names, each after those that it needs."""
    ordered: list[str] = []
    while len(ordered) < len(jobs):
        ready = [
            n for n in jobs if n not in ordered and all(x in ordered for x in _listed(jobs[n].get("needs")))
        ]
        assert ready, "the jobs wait for each other"
        ordered += ready
    return ordered


def _listed(value: Any) -> list[str]:
    return [] if not value else [value] if isinstance(value, str) else list(value)


def _results(name: str, done: list[Job]) -> str:
    found = [job.result for job in done if job.id == name]
    return next((bad for bad in ("failure", "skipped") if bad in found), "success")


def _outputs(name: str, done: list[Job]) -> dict[str, str]:
    found: dict[str, str] = {}
    for job in done:
        if job.id == name:
            found |= job.outputs
    return found


def _status(good: bool) -> dict[str, Any]:
    return {
        "success": lambda: good,
        "failure": lambda: not good,
        "always": lambda: True,
        "cancelled": lambda: False,
    }


def _shown(value: Any) -> str:
    return ", ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)
