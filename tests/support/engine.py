"""A real docker or podman with one container, where this machine has it and lets it run a container.

Each has a store, an image and, docker, a daemon of its own.  The image is nothing but a busybox, so what
runs in there is another userland than here.  One folder of this machine is mounted into the container,
at the same path, so that a test sees the files from both sides.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path

# As far as this busybox has them: one without flock is an image as people have them.
_TOOLS = {"cat", "cp", "cut", "dirname", "flock", "ls", "mv", "readlink", "rm", "sh", "sha256sum"}
_TOOLS |= {"sleep", "sort", "sync", "tail", "wc"}

# Limits of its own: where we may not raise ours, the defaults of an engine cannot be set.
_LIMITS = ["--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000"]
_IMAGE = "mailstack-test"


class Engine:
    """programs is a folder for PATH, in which `docker` or `podman` is the one with this container."""

    def __init__(self, program: str, folder: Path, name: str) -> None:
        self.programs = folder / "bin"
        self.name = name
        self._folder = folder
        self._program = self.programs / program
        self._daemon: subprocess.Popen[str] | None = None
        self._drain = threading.Thread(target=self._read_on, daemon=True)

    def start(self, shared: Path) -> None:
        """Make the image and run the container.  SubprocessError or OSError where it cannot be."""
        folder = self._folder
        words = self._docker() if self._program.name == "docker" else _podman(folder)
        run = " ".join([*words, "run", *_LIMITS])
        self.programs.mkdir(parents=True)
        self._program.write_text(
            f'#!/bin/sh\n[ "$1" != run ] || {{ shift; exec {run} "$@"; }}\nexec {" ".join(words)} "$@"\n'
        )
        self._program.chmod(0o755)
        self._tell("import", str(_image(folder)), _IMAGE)
        mount = ["--volume", f"{shared}:{shared}"]
        self._tell(
            "run", "--detach", "--name", self.name, "--network", "none", *mount, _IMAGE, "sleep", "3600"
        )

    def set_running(self, is_running: bool) -> None:
        """Start or stop the container."""
        if is_running:
            self._tell("start", self.name)
        else:
            self._tell("stop", "--time", "0", self.name)

    def close(self) -> None:
        if self._program.exists():
            command = [self._program, "rm", "--force", self.name]
            subprocess.run(command, capture_output=True, timeout=60, check=False)
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(timeout=60)
            self._drain.join()
            self._daemon.stderr.close()

    def _docker(self) -> list[str]:
        """Start a daemon, and return the words that ask it."""
        folder = self._folder
        socket = folder / "docker.sock"
        options = ["--host", f"unix://{socket}", "--data-root", str(folder / "data")]
        options += ["--exec-root", str(folder / "exec"), "--pidfile", str(folder / "pid")]
        options += ["--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
        daemon = subprocess.Popen(
            ["dockerd", *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if "API listen on" in line:
                self._daemon = daemon
                self._drain.start()
                return [str(shutil.which("docker")), "--host", f"unix://{socket}"]
        daemon.wait()
        daemon.stderr.close()
        raise OSError("dockerd did not start")

    def _read_on(self) -> None:
        """Read what the daemon says, so that it is not stopped by a full pipe."""
        assert self._daemon is not None and self._daemon.stderr is not None
        self._daemon.stderr.read()

    def _tell(self, *words: str) -> None:
        subprocess.run([self._program, *words], check=True, capture_output=True, timeout=120)


def engine(program: str, folder: Path, shared: Path, name: str) -> Engine | None:
    """Return a running container; None where there is no such program, or none that may run one."""
    wanted = ("docker", "dockerd", "busybox") if program == "docker" else ("podman", "busybox")
    if not all(map(shutil.which, wanted)) or os.geteuid():
        return None
    found = Engine(program, folder, name)
    try:
        found.start(shared)
    except (subprocess.SubprocessError, OSError):
        found.close()
        return None
    return found


def _podman(folder: Path) -> list[str]:
    options = ["--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    options += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"]
    # crun, the default, knows no mixed cgroups.
    options += ["--runtime", "runc"] if shutil.which("runc") else []
    return [str(shutil.which("podman")), *options]


def _image(folder: Path) -> Path:
    busybox = Path(shutil.which("busybox") or "busybox").resolve()
    has = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(folder / "image.tar", "w") as tar:
        tar.add(busybox, "bin/busybox")
        for tool in sorted(_TOOLS.intersection(has)):
            link = tarfile.TarInfo(f"bin/{tool}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name in ("tmp", "etc"):
            made = tarfile.TarInfo(name)
            made.type, made.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(made)
    return folder / "image.tar"
