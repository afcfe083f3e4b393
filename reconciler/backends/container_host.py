"""Files in a container, whether it runs or not.

While it runs, a shell in it does the work.  A server that does not start leaves a container that nothing
can be run in, and just then its file must be read and put back.  With docker they are copied.  With
podman (4.3) that is not enough: what it copies out has lost its owner, and a link has become the file
that it leads to.  There another container of the same image, which is given the same volumes and no
network, does the work of the one that stands still.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from reconciler.backends.container_copies import Copies
from reconciler.backends.container_mounts import mount_around, mounts_in
from reconciler.backends.files import Host, Ran
from reconciler.backends.reach import Explain, Way, container_way, volumes_way
from reconciler.backends.shell_host import ShellHost
from reconciler.errors import BusyError, Problem, ReadError, Where

_Files: TypeAlias = ShellHost | Copies

_SECONDS: Final = 120.0


class ContainerHost:
    """The files of one container.  Commands are those of the machine on which it stands.

    program is docker or podman; outer leads to that machine, and explain translates what its way said.
    """

    def __init__(self, program: str, name: str, outer: Way, machine: Host, explain: Explain) -> None:
        self._program = program
        self._name = name
        self._outer = outer
        self._machine = machine
        self._explain: Explain = lambda words: explain(words) or container_trouble(program, name, words)
        self._inside = ShellHost(container_way(program, name, outer), self._explain)

    def read(self, path: str) -> bytes:
        return self._files(path).read(path)

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        return self._files(path).replace(path, data, expected=expected, backup=backup, owed=owed)

    def restore(self, path: str) -> None:
        self._files(path).restore(path)

    def owes(self, path: str) -> bool:
        return self._files(path).owes(path)

    def finish(self, path: str) -> None:
        self._files(path).finish(path)

    def settle(self, path: str) -> None:
        self._files(path).settle(path)

    def exists(self, path: str) -> bool:
        return self._files(path).exists(path)

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        """Hold a lock of the machine, and the folder's own where a shell can.

        The container may stop and start while it is held, and its image may have no flock; so its
        writers meet in a folder that every machine has.
        """
        try:
            release = self._machine.lock("/tmp/mailstack", timeout)
        except BusyError as error:
            raise BusyError(_busy(self._name)) from error
        try:
            files = self._files(path)
            inner = files.lock(path, timeout) if files is self._inside else None
        except BaseException:
            release()
            raise

        def let_go() -> None:
            if inner is not None:
                inner()
            release()

        return let_go

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        return self._machine.run(argv, timeout=timeout, text=text)

    def run_beside(
        self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None
    ) -> Ran | None:
        if not self._is_running():
            return None
        ran = self._inside.run(argv, timeout=timeout, text=text)
        # As docker (exit code 126 or 127, by version) and podman say it.
        is_missing = ran is not None and ran.code in (126, 127) and "executable file" in ran.output
        return None if is_missing else ran

    def _is_running(self) -> bool:
        return self._inspected("{{.State.Status}}") == "running"

    def _files(self, path: str) -> _Files:
        """Return what reaches the file as the container is now."""
        if self._is_running():
            return self._inside
        if self._program != "podman":
            return Copies(self._program, self._name, self._outer, self._explain)
        if mount_around(mounts_in(self._inspected("{{json .Mounts}}")) or [], path) is None:
            raise ReadError(_not_on_a_volume(self._name, path))
        image = self._inspected("{{.Image}}")
        return ShellHost(volumes_way(self._program, self._name, image, self._outer), self._explain)

    def _inspected(self, template: str) -> str:
        argv = self._outer(
            [self._program, "inspect", "--type", "container", "--format", template, self._name]
        )
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            summary = f"{self._program} did not end within {_SECONDS:g} seconds"
            raise ReadError(Problem(summary=summary, rule="no-answer")) from error
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "replace").strip()
        words = done.stderr.decode("utf-8", "replace").strip()
        raise ReadError(self._explain(words) or _unseen(self._name, words))


def container_trouble(program: str, name: str, words: str) -> Problem | None:
    """Return what docker or podman said, translated; None where the words are those of a command inside."""
    low = words.lower()
    if "no such container" in low or "no such object" in low or "no container with name" in low:
        detail = f"Its files are reached through it. These are there:\n\n    {program} ps --all"
        return Problem(summary=f"there is no container {name}", detail=detail, rule="no-container")
    if "cannot connect to the docker daemon" in low or "unable to connect to podman" in low:
        detail = (
            f"The container {name} is reached through it. Is it running? {program} says:\n{words[-1000:]}"
        )
        return Problem(summary=f"{program} does not answer", detail=detail, rule="docker-down")
    if "permission denied while trying to connect" in low:
        detail = (
            f"The container {name} is reached through it. Run mailstack as root or as a member of the group docker,\n"
            "or name a login that may: via: ssh://root@…"
        )
        return Problem(summary=f"this login may not use {program}", detail=detail, rule="docker-refused")
    if "executable file not found" in low and '"sh"' in low:
        detail = (
            "Its image has nothing to read files with. Give the path of the volume on the machine instead; this tells it:\n\n"
            f"    {program} inspect {name}"
        )
        return Problem(summary=f"there is no shell in the container {name}", detail=detail, rule="no-shell")
    return None


def _not_on_a_volume(name: str, path: str) -> Problem:
    return Problem(
        where=Where(file=path),
        summary=f"the container {name} does not run, and this file is on none of its volumes",
        detail="podman copies no file out of it with its owner. Start the container, or keep the file on a volume.",
        rule="no-volume",
    )


def _unseen(name: str, words: str) -> Problem:
    return Problem(
        where=Where(file=name),
        summary="this container cannot be looked at",
        detail=words[-1000:] or "No reason was given.",
        rule="file",
    )


def _busy(name: str) -> Problem:
    return Problem(
        summary=f"somebody else is writing into the container {name}, or another one on that machine",
        detail="Another apply holds the lock. Wait for it with --lock-timeout SECONDS.",
        rule="busy",
    )
