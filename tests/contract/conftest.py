"""Every Stalwart that there is to ask: the sandbox in four versions, and each real server of this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import cli
import real_stalwart
from servers import Api

from reconciler.sandbox import VERSIONS

BINARIES = real_stalwart.binaries()
SERVERS = [
    *(pytest.param(("sandbox", version), id=f"sandbox-{version}") for version in VERSIONS),
    *(pytest.param((path, version), id=f"real-{version}") for version, path in BINARIES.items()),
]
if not BINARIES:
    reason = "no stalwart binary on PATH or in MAILSTACK_TEST_STALWART"
    SERVERS.append(pytest.param(("none", ""), id="real", marks=pytest.mark.skip(reason=reason)))


@dataclass(frozen=True)
class Server:
    """One running server with a folder for its stack.  What the stack says stands beside the way in."""

    version: str
    is_real: bool
    project: cli.Project
    api: Api

    def says(self, body: str) -> None:
        """Write the stack.  A real server in a test cannot resolve names, which would block its reloads."""
        self.project.stack(body.replace("settings:\n", f"settings:\n{_NO_LOOKUPS}", 1))

    def applied(self, body: str, *options: str) -> cli.Ended:
        """Write the stack, apply it, and find that nothing is left to do."""
        self.says(body)
        ended = self.project.run("apply", "--yes", *options)
        assert ended.code == 0, ended
        second = self.project.run("plan", "--detailed-exitcode")
        nothing = _BUT_NOTES if "\n! DNS is kept elsewhere" in second.out else _NOTHING
        assert (second.code, second.out.splitlines()[-1]) == (0, nothing)
        return ended


_NOTHING = "Nothing to do: everything is as declared."
_BUT_NOTES = "Nothing to do: all that mailstack keeps is as declared. What is noted above is for you."
_NO_LOOKUPS = '  spam-filter.pyzor.enable: "false"\n'


@pytest.fixture(params=SERVERS)
def server(request, tmp_path) -> Iterator[Server]:
    path, version = request.param
    folder = tmp_path / "stack"
    folder.mkdir()
    if path == "sandbox":
        with cli.sandbox(version) as stand_in:
            project = cli.Project(folder, stand_in.url, stand_in)
            yield Server(version, False, project, project.api)
        return
    with real_stalwart.RealStalwart(path, tmp_path / "server") as real:
        project = cli.Project(folder, real.url)
        project.environ["STALWART_PASSWORD"] = real_stalwart.PASSWORD
        yield Server(version, True, project, Api(real.url, real_stalwart.PASSWORD))
