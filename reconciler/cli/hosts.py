"""Where files, commands and the url of a stack are meant: here, behind ssh, in a container."""

from __future__ import annotations

import shutil
import socket
from urllib.parse import urlsplit

from reconciler.backends.files import Host, LocalHost
from reconciler.backends.reach import SshLink, Way, here
from reconciler.backends.shell_host import ShellHost
from reconciler.config.dns import Place, Ssh
from reconciler.errors import InputError, Problem

_PROGRAMS = ("docker", "podman")


class Hosts:
    """The connections of one run; one for each machine and container, ended by close()."""

    def __init__(self) -> None:
        self._links: dict[Ssh, SshLink] = {}
        self._machines: dict[Ssh | None, Host] = {None: LocalHost()}
        self._containers: dict[tuple[Ssh | None, str], Host] = {}

    def files_of(self, place: Place, via: Ssh | None) -> Host:
        """Return the host whose files a place means and whose commands its section means."""
        if place.container is None:
            return self.machine(via)
        key = (via, place.container)
        if key not in self._containers:
            from reconciler.backends.container_host import ContainerHost

            way: Way = here if via is None else self._link(via).way
            self._containers[key] = ContainerHost(
                self.container_program(via, place.container),
                place.container,
                way,
                self.machine(via),
                lambda words: None if via is None else self._link(via).explain(words),
            )
        return self._containers[key]

    def machine(self, via: Ssh | None) -> Host:
        """Return this machine, or the one that via names.  Always the same: its locks are shared."""
        if via is not None and via not in self._machines:
            link = self._link(via)
            self._machines[via] = ShellHost(link.way, link.explain)
        return self._machines[via]

    def container_program(self, via: Ssh | None, name: str) -> str:
        """Return docker or podman: the one that has the container; InputError where the machine has neither.

        A client of docker is often there without a daemon.
        """
        present = self._programs(via)
        if not present:
            raise InputError(_no_program(via))
        for program in present if len(present) > 1 else ():
            ran = self.machine(via).run(
                [program, "inspect", "--type", "container", "--format", "{{.Id}}", name]
            )
            if ran is not None and ran.code == 0:
                return program
        return present[0]

    def _programs(self, via: Ssh | None) -> list[str]:
        if via is None:
            return [name for name in _PROGRAMS if shutil.which(name)]
        ran = self.machine(via).run(["sh", "-c", "command -v docker; command -v podman; true"])
        if ran is not None and (problem := self._link(via).explain(ran.output)):
            raise InputError(problem)
        found = (
            {line.strip().rpartition("/")[2] for line in ran.output.splitlines()} if ran is not None else ()
        )
        return [name for name in _PROGRAMS if name in found]

    def forwarded(self, url: str, via: Ssh) -> str:
        """Return the url of a port here that leads to what url means, as seen from via."""
        parts = urlsplit(url)
        port = _free_port()
        self._link(via).forward(
            parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80), port
        )
        return f"{parts.scheme}://127.0.0.1:{port}"

    def close(self) -> None:
        for link in self._links.values():
            link.close()
        self._links.clear()

    def _link(self, via: Ssh) -> SshLink:
        if via not in self._links:
            self._links[via] = SshLink(via)
        return self._links[via]


def _no_program(via: Ssh | None) -> Problem:
    where = "here" if via is None else f"on {via}"
    return Problem(
        summary=f"there is neither docker nor podman {where}",
        detail=(
            f"Tried: {', '.join(_PROGRAMS)}, as the PATH of the login finds them. A container is reached through one of them.\n"
            "Or give the path of the volume on the machine itself, without container:."
        ),
        rule="no-program",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
