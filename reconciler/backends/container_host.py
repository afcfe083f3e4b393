"""Files in a container: through a shell in it while it runs, as copies while it does not.

A server that does not start leaves a container that nothing can be run in, and just then its file
must be read and put back.  What docker and podman have for that is `cp`: a tar stream each way.
It can neither rename nor delete, so the order of what is sent keeps the promise that no file is
torn: the whole new text goes first beside the file, then over it, and then the text beside it
becomes a link to nothing, which everybody who looks for it takes for "not there".
"""

from __future__ import annotations

import io
import posixpath
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from typing import Final

from reconciler.backends.files import FileChanged, Host, Ran
from reconciler.backends.reach import Explain, Way, container_way
from reconciler.backends.replacing import BACKUP, OWED, SIDECAR
from reconciler.backends.shell_host import ShellHost
from reconciler.errors import Problem, ReadError, Where, WriteError

_SECONDS: Final = 120.0
_LINKS_AT_MOST: Final = 8

# How docker (28) and podman (5) say that there is no such file in a container.
_NO_FILE: Final = ("Could not find the file", "could not be found on container", "no such file or directory")


class ContainerHost:
    """The files of one container.  Commands and locks are those of the machine on which it stands.

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
        return self._inside.read(path) if self._runs() else self._copied(path)[1]

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        if self._runs():
            return self._inside.replace(path, data, expected=expected, backup=backup, owed=owed)
        member, present = self._copied(path)
        if present != expected:
            raise FileChanged(path)
        beside = {BACKUP: expected} if backup else {}
        self._put(member, data, beside | ({OWED: b""} if owed else {}))
        return member.name + BACKUP

    def restore(self, path: str) -> None:
        if self._runs():
            self._inside.restore(path)
            return
        member, _ = self._copied(path)
        self._put(member, self._copied(member.name + BACKUP)[1], {})

    def owes(self, path: str) -> bool:
        if self._runs():
            return self._inside.owes(path)
        real = self._found(path)[0].name
        return any(self._is_file(real + trace) for trace in (OWED, SIDECAR))

    def finish(self, path: str) -> None:
        if self._runs():
            self._inside.finish(path)
            return
        member, data = self._copied(path)
        if self._is_file(member.name + SIDECAR):
            self._put(member, data, {})

    def settle(self, path: str) -> None:
        if self._runs():
            self._inside.settle(path)
            return
        member = self._found(path)[0]
        if self._is_file(member.name + OWED):
            self._send(member.name, [_gone(member, OWED)])

    def exists(self, path: str) -> bool:
        return self._inside.exists(path) if self._runs() else self._is_file(path)

    def lock(self, path: str, timeout: float) -> Callable[[], None]:
        if self._runs():
            return self._inside.lock(path, timeout)
        # Nobody can hold a lock in it, so its writers meet in a folder that every machine has.
        return self._machine.lock("/tmp/mailstack", timeout)

    def run(self, argv: Sequence[str], *, timeout: float = 60.0, text: bytes | None = None) -> Ran | None:
        return self._machine.run(argv, timeout=timeout, text=text)

    def _runs(self) -> bool:
        done = self._called("inspect", "--type", "container", "--format", "{{.State.Status}}", self._name)
        if done.returncode:
            raise ReadError(self._problem(self._name, "this container cannot be looked at", done.stderr))
        return done.stdout.strip() == b"running"

    def _copied(self, path: str) -> tuple[tarfile.TarInfo, bytes]:
        """Return a regular file's entry, its name being where it really is, and its text: what it was going to be."""
        member, data = self._found(path)
        if not member.isreg():
            raise ReadError(
                Problem(
                    where=Where(file=path),
                    summary="this file cannot be read",
                    detail="It is no regular file.",
                )
            )
        beside = self._asked(member.name + SIDECAR)
        return member, beside[1] if beside is not None and beside[0].isreg() else data

    def _found(self, path: str) -> tuple[tarfile.TarInfo, bytes]:
        for _ in range(_LINKS_AT_MOST):
            answer = self._asked(path)
            if answer is None:
                break
            member, data = answer
            if not member.issym():
                member.name = path
                return member, data
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
        raise ReadError(
            Problem(
                where=Where(file=path),
                summary="this file cannot be read",
                detail=f"The container {self._name} has no such file.",
            )
        )

    def _is_file(self, path: str) -> bool:
        answer = self._asked(path)
        return answer is not None and answer[0].isreg()

    def _asked(self, path: str) -> tuple[tarfile.TarInfo, bytes] | None:
        """Return the entry and the text of a path; None where the container has no such file."""
        done = self._called("cp", f"{self._name}:{path}", "-")
        if done.returncode:
            if any(sign in done.stderr.decode("utf-8", "replace") for sign in _NO_FILE):
                return None
            raise ReadError(self._problem(path, "this file cannot be read", done.stderr))
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            member = tar.next()
            if member is None:
                return None
            content = tar.extractfile(member) if member.isreg() else None
            return member, content.read() if content is not None else b""

    def _put(self, member: tarfile.TarInfo, data: bytes, beside: dict[str, bytes]) -> None:
        """Send the text in the order that keeps the file whole; beside goes first."""
        entries = [_entry(member, trace, text) for trace, text in beside.items()]
        whole, file = _entry(member, SIDECAR, data), _entry(member, "", data)
        self._send(member.name, [*entries, whole, file, _gone(member, SIDECAR)])

    def _send(self, path: str, entries: Sequence[tuple[tarfile.TarInfo, bytes]]) -> None:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for entry, data in entries:
                tar.addfile(entry, io.BytesIO(data))
        # Not "archive": podman would give the file to the container's user, and the tar says whose it is.
        target = f"{self._name}:{posixpath.dirname(path)}"
        done = self._called("cp", "--archive=false", "-", target, data=stream.getvalue())
        if done.returncode:
            raise WriteError(self._problem(path, "this file cannot be replaced", done.stderr))

    def _called(self, *words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = self._outer([self._program, *words])
        try:
            return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired as error:
            summary = f"{self._program} did not end within {_SECONDS:g} seconds"
            raise ReadError(Problem(summary=summary, rule="no-answer")) from error

    def _problem(self, path: str, summary: str, stderr: bytes) -> Problem:
        words = stderr.decode("utf-8", "replace").strip()
        detail = words[-1000:] or "No reason was given."
        return self._explain(words) or Problem(
            where=Where(file=path), summary=summary, detail=detail, rule="file"
        )


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


def _entry(like: tarfile.TarInfo, suffix: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """Return an entry beside a file, with its owner and mode."""
    entry = tarfile.TarInfo(posixpath.basename(like.name) + suffix)
    entry.mode, entry.uid, entry.gid, entry.mtime = like.mode, like.uid, like.gid, like.mtime
    entry.size = len(data)
    return entry, data


def _gone(like: tarfile.TarInfo, suffix: str) -> tuple[tarfile.TarInfo, bytes]:
    """Return an entry that makes a trace a link to nothing: cp cannot delete."""
    entry, _ = _entry(like, suffix, b"")
    entry.type, entry.linkname = tarfile.SYMTYPE, "mailstack-gone"
    return entry, b""
