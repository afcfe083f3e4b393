"""Ways to another machine or into a container: each wraps an argv into another argv.

    here         [cat, f]
    ssh          [ssh, …, tower, "cat f"]                (a remote shell takes one text, so words are quoted)
    container    [docker, exec, -i, bind9, cat, f]
    both         [ssh, …, tower, "docker exec -i bind9 cat f"]

OpenSSH is used as the person uses it: its own configuration, agent and known_hosts.  One connection
is shared by all commands of a run.  Nothing secret is ever a word of a command line.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from reconciler.config.dns import Ssh
from reconciler.errors import InputError, Problem, ReadError

Way: TypeAlias = Callable[[Sequence[str]], list[str]]
"""Wraps the argv of a command so that it runs where it should."""

Explain: TypeAlias = Callable[[str], Problem | None]
"""Translates what a failed way said; None where the words are not about the way."""

_SECONDS: Final = 30.0

# What ssh itself says, as against the command that it ran.
_SSH_SIGNS: Final = ("Host key verification failed", "Permission denied (", "ssh: ", "Connection ", "kex_")


def here(argv: Sequence[str]) -> list[str]:
    """Return the argv as it is."""
    return list(argv)


class SshLink:
    """One shared connection to one machine, ended by close().  InputError where there is no ssh."""

    def __init__(self, where: Ssh) -> None:
        self.where = where
        # As git's GIT_SSH_COMMAND: another client, or another configuration.
        self._command = shlex.split(os.environ.get("MAILSTACK_SSH_COMMAND", "")) or ["ssh"]
        if shutil.which(self._command[0]) is None:
            raise InputError(_no_ssh(self._command[0], where))
        # A socket's path may have some 100 characters, so it lies in the shortest folder there is.
        self._folder = tempfile.mkdtemp(prefix="ms-", dir="/tmp" if os.path.isdir("/tmp") else None)

    def way(self, argv: Sequence[str]) -> list[str]:
        """Return the argv that runs a command there."""
        return [*self._ssh(), "--", self._destination(), shlex.join(argv)]

    def forward(self, host: str, port: int, free_port: int) -> None:
        """Make free_port on our loopback lead to host:port as seen from there.  ReadError when it cannot be."""
        self._run(self.way(["true"]))  # opens the shared connection
        shown = f"[{host}]" if ":" in host else host
        lead = f"127.0.0.1:{free_port}:{shown}:{port}"
        self._run([*self._ssh(), "-O", "forward", "-L", lead, "--", self._destination()])

    def _run(self, argv: list[str]) -> None:
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise ReadError(unreachable(self.where, f"no answer within {_SECONDS:g} seconds")) from error
        if done.returncode:
            raise ReadError(unreachable(self.where, done.stderr.decode("utf-8", "replace")))

    def explain(self, words: str) -> Problem | None:
        """Return what ssh said, translated; None where the words are those of the command there."""
        return unreachable(self.where, words) if any(sign in words for sign in _SSH_SIGNS) else None

    def close(self) -> None:
        """End the shared connection, and with it the forwards."""
        subprocess.run(
            [*self._ssh(), "-O", "exit", "--", self._destination()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ssh(self) -> list[str]:
        # BatchMode: a question that nobody sees would hang a run in CI for ever.
        options = ("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=15")
        shared = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath={self._folder}/%C")
        words = [*self._command, *(word for option in (*options, *shared) for word in ("-o", option))]
        return [*words, "-p", str(self.where.port)] if self.where.port else words

    def _destination(self) -> str:
        return f"{self.where.user}@{self.where.host}" if self.where.user else self.where.host


def container_way(program: str, name: str, outer: Way = here) -> Way:
    """Return the way into a running container; program is docker or podman."""

    def way(argv: Sequence[str]) -> list[str]:
        return outer([program, "exec", "-i", name, *argv])

    return way


def volumes_way(program: str, name: str, image: str, outer: Way = here) -> Way:
    """Return the way into another container of the same image, with the volumes of the one by that name.

    It lives as long as the command, as root, and speaks to nobody.  SELinux would keep it from volumes
    that are labelled for the other one alone.
    """
    apart = ["--network", "none", "--user", "0", "--security-opt", "label=disable"]

    def way(argv: Sequence[str]) -> list[str]:
        volumes = ["--volumes-from", name, "--entrypoint", argv[0]]
        return outer([program, "run", "--rm", "-i", "--pull=never", *apart, *volumes, image, *argv[1:]])

    return way


def unreachable(where: Ssh, words: str) -> Problem:
    """Return what ssh said, translated."""
    if "IDENTIFICATION HAS CHANGED" in words:
        return Problem(
            summary=f"the host key of {where} is another one than before",
            detail=(
                "Either the machine was set up anew, or somebody stands in between. Ask whoever runs it; only then\n"
                f"forget the key that is known here:\n\n    ssh-keygen -R {_known_as(where)}"
            ),
            rule="ssh-host-key",
        )
    if "Host key verification failed" in words:
        target = f"-p {where.port} " if where.port else ""
        detail = (
            "Its host key is not known here. Compare it once, with somebody who knows it, and keep it:\n\n"
            f"    ssh-keyscan {target}{where.host} >> ~/.ssh/known_hosts"
        )
        return Problem(summary=f"the host key of {where} is not known", detail=detail, rule="ssh-host-key")
    if "Permission denied" in words:
        return Problem(
            summary=f"{where} refused our key",
            detail="Is the key in the agent (ssh-add -l), and in authorized_keys there? Passwords are not asked for.",
            rule="ssh-refused",
        )
    return Problem(
        summary=f"{where} cannot be reached",
        detail=words.strip()[-1000:] or "ssh gave no reason.",
        rule="ssh-unreachable",
    )


def _known_as(where: Ssh) -> str:
    return f"'[{where.host}]:{where.port}'" if where.port else where.host


def _no_ssh(program: str, where: Ssh) -> Problem:
    return Problem(
        summary=f"there is no program {program} here",
        detail=f"{where} is reached with OpenSSH's client. Install it, or run mailstack there and drop via:.",
        rule="no-program",
    )
