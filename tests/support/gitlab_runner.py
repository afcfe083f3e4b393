"""A stand-in for GitLab's runner: the jobs of a pipeline, their rules and scripts.

Done: `include: local`, `extends`, `rules: if` (variables, texts, == and !=, && and ||), `variables`, `before_script`
and `script` in one bash that stops at the first failure.  Not done: images, stages, needs, artefacts, caches, and
waiting for a `resource_group`, which is only noted.  A key that is not known here is an error.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

_KEYS = {
    *("extends", "image", "interruptible", "variables", "before_script"),
    *("script", "rules", "resource_group", "tags", "artifacts"),
}
_TERM = re.compile(r"""\s*(?:\$(?P<name>\w+)|"(?P<text>[^"]*)"|(?P<sign>==|!=|&&|\|\|))""")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What became of a job."""

    name: str
    code: int
    log: str
    resource_group: str = ""


def run(checkout: Path, variables: Mapping[str, str], *, path: str = "") -> list[Job]:
    """Run the jobs of a checkout's pipeline that these variables call for."""
    jobs = _loaded(checkout)
    done = []
    for name in jobs:
        job = _extended(jobs, name)
        if name.startswith(".") or not any(holds(rule["if"], variables) for rule in job["rules"]):
            continue
        script = "\n".join((*job.get("before_script", ()), *job["script"]))
        known = {**variables, **job.get("variables", {}), "CI": "true", "GITLAB_CI": "true"}
        ended = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=checkout,
            env={
                "PATH": path + os.environ["PATH"],
                "HOME": str(checkout.parent),
                "LANG": "C.UTF-8",
                **known,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        group = Template(job.get("resource_group", "")).safe_substitute(known)
        done.append(Job(name=name, code=ended.returncode, log=ended.stdout, resource_group=group))
    return done


def _loaded(checkout: Path) -> dict[str, Any]:
    entry = yaml.load((checkout / ".gitlab-ci.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    jobs: dict[str, Any] = {}
    for included in entry.pop("include", []):
        jobs |= yaml.load((checkout / included["local"]).read_text(encoding="utf-8"), yaml.BaseLoader)
    return jobs | entry


def _extended(jobs: Mapping[str, Any], name: str) -> dict[str, Any]:
    job = dict(jobs[name])
    assert set(job) <= _KEYS, f"{name}: not known here: {sorted(set(job) - _KEYS)}"
    base = job.pop("extends", None)
    return {**_extended(jobs, base), **job} if base else job


def holds(rule: str, variables: Mapping[str, str]) -> bool:
    """Return whether a rule's expression holds: && binds before ||, and there are no brackets."""
    return any(all(_one(part, variables) for part in either.split("&&")) for either in rule.split("||"))


def _one(text: str, variables: Mapping[str, str]) -> bool:
    terms = list(_TERM.finditer(text))
    assert "".join(m[0] for m in terms).strip() == text.strip(), f"not known here: {text}"
    values = [variables.get(m["name"], None) if m["name"] else m["text"] for m in terms if not m["sign"]]
    signs = [m["sign"] for m in terms if m["sign"]]
    if not signs:
        return bool(values[0])
    return (values[0] == values[1]) == (signs[0] == "==")
