"""mailstack run as a person or a job runs it, in a folder with a stack file.

In this process, as a process of its own, or on a terminal.  After every run everything that it said
and every file that it wrote is searched for the secrets that were in play.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from servers import Api

from reconciler.cli.run import run
from reconciler.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
# Who runs the tests in the background, or under nohup, has the signals ignored that they send.
_HEARS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL);"
)
_MAIN = "from reconciler.cli import main; main()"
COMMAND = [sys.executable, "-c", f"{_HEARS} {_MAIN}"]
# The same with its input as the terminal that sends Ctrl-C.
ON_TERMINAL = [
    *(sys.executable, "-c"),
    f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {_HEARS} {_MAIN}",
]

ADMIN_PASSWORD = "canary-admin-9d41"
ALICE_PASSWORD = "canary-alice-77c2"
BOB_PASSWORD = "canary-bob-03fe"
RELAY_PASSWORD = "canary-relay-5b1a"
HASH = "$6$canarysalt$canaryhash0123456789abcdef"

ENVIRON = {
    "STALWART_PASSWORD": ADMIN_PASSWORD,
    "ALICE_PASSWORD": ALICE_PASSWORD,
    "BOB_PASSWORD": BOB_PASSWORD,
    "RELAY_PASSWORD": RELAY_PASSWORD,
}

HEAD = """\
version: 1
stack: home
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str


def sandbox(version: str = "0.15.5", **keywords: object) -> Sandbox:
    """Return a stand-in server whose administrator has a password that no text may show."""
    return Sandbox(version, password=ADMIN_PASSWORD, **keywords)  # type: ignore[arg-type]


@dataclass
class Project:
    """A folder with a stack file for one server.  The stack goes by the name that is looked for."""

    folder: Path
    url: str = "http://127.0.0.1:1"
    server: Sandbox | None = None
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))
    password: str = ADMIN_PASSWORD  # what the server knows, whatever the environment says

    @property
    def api(self) -> Api:
        """A client with the administrator's login."""
        return Api(self.url, self.password)

    def stack(self, body: str, name: str = "mailstack.yaml", head: str = HEAD) -> Path:
        """Write a stack file: how to reach the server, then this."""
        return self.write(name, head.format(url=self.url) + body)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def summary(self) -> Path:
        """Return the file into which every run from now on writes the summary of a job's step; it is empty now."""
        self.environ["GITHUB_STEP_SUMMARY"] = str(path := self.write("summary.txt", ""))
        return path

    def run(self, *arguments: str, where: Path | None = None) -> Ended:
        """Run one command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with (
            _environment(self.environ),
            contextlib.chdir(where or self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = run(arguments)
        return self._searched(Ended(code=code, out=out.getvalue(), err=err.getvalue()))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a process; end it with `ended`."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=_whole(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, process: subprocess.Popen[str]) -> Ended:
        out, err = process.communicate(timeout=60)
        return self._searched(Ended(code=process.returncode, out=out, err=err))

    def process(self, *arguments: str) -> Ended:
        """Run one command as a process of its own."""
        return self.ended(self.start(*arguments))

    def terminal(self, *arguments: str, types: str, after: str) -> Ended:
        """Run one command on a terminal, where somebody types this line when he has read that.

        Both streams are the terminal's, so all is in `out`.
        """
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*ON_TERMINAL, *arguments],
            cwd=self.folder,
            env=_whole(self.environ),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        late = threading.Timer(60, process.kill)
        late.start()
        text, typed = "", False
        with contextlib.suppress(OSError):  # the terminal closes when the process ends
            while data := os.read(ours, 65536):
                text += data.decode()
                if after in text and not typed:
                    os.write(ours, types.encode())
                    typed = True
        os.close(ours)
        late.cancel()
        return self._searched(Ended(code=process.wait(timeout=60), out=text.replace("\r\n", "\n"), err=""))

    def _searched(self, ended: Ended) -> Ended:
        places = {"stdout": ended.out, "stderr": ended.err}
        for path in self.folder.rglob("*"):
            if path.is_file() and path.suffix in (".json", ".txt", ".log", ".md", ".prom"):
                places[path.name] = path.read_text(encoding="utf-8")
        canaries = (value for value in self.environ.values() if value.startswith("canary-"))
        for secret in {*ENVIRON.values(), *canaries, HASH, *_held_by(self.server)}:
            for place, text in places.items():
                assert secret not in text, f"{place} shows the secret {secret}"
        return ended


def _held_by(server: Sandbox | None) -> Iterator[str]:
    """Yield the secrets that a server has: its private keys, line by line, and what people log in with."""
    if server is None:
        return
    with server.state.lock:
        settings = server.state.settings.listed("")
        for principal in server.state.directory.by_id.values():
            yield from (secret for secret in principal.secrets if len(secret) > 8)
    for key, text in settings.items():
        if key.endswith(".private-key"):
            lines = text.splitlines()[1:-1]
            # The first half of an RSA key is its modulus, which is what the world may know.
            yield from lines[len(lines) // 2 :] if "RSA" in text else lines[:1]


def _whole(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "dumb", **environ}


@contextlib.contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(_whole(environ))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Forks:
    """Starts processes of mailstack quickly: one process has everything imported and forks.

    Each is a real process, which can be killed; only the half second of its imports is spared.
    """

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forks.py"))],
            cwd=ROOT,
            env=_whole({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0
        self._known = threading.Event()

    def close(self) -> None:
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(timeout=20)
        self._parent.stdout.close()

    def running(self) -> int:
        """Return the id of the process that runs, which a server may want to know before we do."""
        self._known.wait()
        return self.pid

    def run(self, folder: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> int:
        """Run one command; return its exit code, or minus the signal that ended it."""
        import json

        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._known.clear()
        order = {"folder": str(folder), "environ": dict(environ), "arguments": list(arguments)}
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        self.pid = int(self._parent.stdout.readline())
        self._known.set()
        return int(self._parent.stdout.readline())
