"""Files of a container that does not run, as copies: what `docker cp` can do.

It is a tar stream each way, and can neither rename nor delete, so the order of what is sent keeps the
promise that no file is torn: the whole new text goes first beside the file, then over it, and then the
text beside it becomes a link to nothing, which everybody who looks for it takes for "not there".
"""

from __future__ import annotations

import io
import posixpath
import subprocess
import tarfile
from collections.abc import Sequence
from typing import Final

from reconciler.backends.files import FileChanged
from reconciler.backends.reach import Explain, Way
from reconciler.backends.replacing import BACKUP, OWED, SIDECAR
from reconciler.errors import Problem, ReadError, Where, WriteError

_SECONDS: Final = 120.0
_LINKS_AT_MOST: Final = 8

# How docker (28) says that there is no such file in a container.
_NO_FILE: Final = ("Could not find the file", "no such file or directory")


class Copies:
    """The files of one container; the promises are those of files.Host."""

    def __init__(self, program: str, name: str, outer: Way, explain: Explain) -> None:
        self._program = program
        self._name = name
        self._outer = outer
        self._explain = explain

    def read(self, path: str) -> bytes:
        return self._copied(path)[1]

    def replace(
        self, path: str, data: bytes, *, expected: bytes, backup: bool = True, owed: bool = False
    ) -> str:
        member, present = self._copied(path)
        if present != expected:
            raise FileChanged(path)
        beside = {BACKUP: expected} if backup else {}
        self._put(member, data, beside | ({OWED: b""} if owed else {}))
        return member.name + BACKUP

    def restore(self, path: str) -> None:
        member, _ = self._copied(path)
        self._put(member, self._copied(member.name + BACKUP)[1], {})

    def owes(self, path: str) -> bool:
        real = self._found(path)[0].name
        return any(self.exists(real + trace) for trace in (OWED, SIDECAR))

    def finish(self, path: str) -> None:
        member, data = self._copied(path)
        if self.exists(member.name + SIDECAR):
            self._put(member, data, {})

    def settle(self, path: str) -> None:
        member = self._found(path)[0]
        if self.exists(member.name + OWED):
            self._send(member.name, [_gone(member, OWED)])

    def exists(self, path: str) -> bool:
        answer = self._asked(path)
        return answer is not None and answer[0].isreg()

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
        # Not as an "archive": docker would give the file to the container's user, and the tar says whose it is.
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
