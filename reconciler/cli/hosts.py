"""Where files, commands and the url of a stack are meant: here, behind ssh, in a container."""

from __future__ import annotations

import shutil
import socket
from urllib.parse import urlsplit

from reconciler.backends.files import Host, LocalHost
from reconciler.backends.reach import SshLink, Way, container_way, here, unreachable
from reconciler.backends.shell_host import ShellHost
from reconciler.config.dns import Place, Ssh
from reconciler.errors import InputError, Problem


class Hosts:
    """The connections of one run; one for each machine, ended by close()."""

    def __init__(self) -> None:
        self._links: dict[Ssh, SshLink] = {}

    def files_of(self, place: Place | None, via: Ssh | None) -> Host:
        """Return the host whose files a place means and whose commands its section means."""
        if via is None and (place is None or place.container is None):
            return LocalHost()
        outer: Way = self._link(via).way if via is not None else here
        way: Way = outer
        if place is not None and place.container is not None:
            program = "docker" if via is not None else _container_program()
            way = container_way(program, place.container, outer)

        def explain(words: str) -> Problem | None:
            if place is not None and place.container is not None and "is not running" in words:
                return _not_running(place.container)
            if via is not None and any(sign in words for sign in _SSH_SIGNS):
                return unreachable(via, words)
            return None

        return ShellHost(way, explain=explain, commands=outer)

    def url_from(self, url: str, via: Ssh | None) -> str:
        """Return the url by which we reach what url means, as seen from via."""
        if via is None:
            return url
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
            if shutil.which("ssh") is None:
                raise InputError(
                    Problem(
                        summary="there is no ssh here",
                        detail="via: needs OpenSSH's client.",
                        rule="no-program",
                    )
                )
            self._links[via] = SshLink(via)
        return self._links[via]


_SSH_SIGNS = ("Host key verification failed", "Permission denied (", "ssh: ", "Connection ", "kex_exchange")


def _container_program() -> str:
    found = next((name for name in ("docker", "podman") if shutil.which(name)), None)
    if found is None:
        raise InputError(
            Problem(
                summary="there is neither docker nor podman here",
                detail="A file in a container is reached through one of them. Or give the path of the volume here.",
                rule="no-program",
            )
        )
    return found


def _not_running(name: str) -> Problem:
    return Problem(
        summary=f"the container {name} is not running",
        detail=f"Its files are reached through it. Start it:\n\n    docker start {name}",
        rule="container-stopped",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
