"""A real podman with one container, where this machine has podman and lets it run a container.

It has a store, an image and a runtime folder of its own; the image is nothing but a busybox, so what
runs in there is another userland than here.  One folder of this machine is mounted into it, at the
same path, so that a test sees the files from both sides.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

# As far as this busybox has them: one without flock is an image as people have them.
_TOOLS = {"cat", "cp", "cut", "dirname", "flock", "ls", "mv", "readlink", "rm", "sh", "sha256sum"}
_TOOLS |= {"sleep", "sort", "sync", "tail", "wc"}

# Limits of its own: where we may not raise ours, the defaults of an engine cannot be set.
_IMAGE = "mailstack-test"
_LIMITS = ["--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000"]


class Engine:
    """programs is a folder for PATH, in which `podman` is the one with this store."""

    def __init__(self, folder: Path, shared: Path, name: str) -> None:
        self.programs = folder / "bin"
        self.name = name
        self.programs.mkdir(parents=True)
        store, run = folder / "store", folder / "run"
        options = ["--root", str(store), "--runroot", str(run), "--storage-driver", "vfs"]
        options += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        # crun, the default, knows no mixed cgroups.
        options += ["--runtime", "runc"] if shutil.which("runc") else []
        script = self.programs / "podman"
        podman = f"{shutil.which('podman')} {' '.join(options)}"
        script.write_text(
            f'#!/bin/sh\n[ "$1" != run ] || {{ shift; exec {podman} run {" ".join(_LIMITS)} "$@"; }}\nexec {podman} "$@"\n'
        )
        script.chmod(0o755)
        self._tell("import", str(_image(folder)), _IMAGE)
        mount = ["--volume", f"{shared}:{shared}"]
        self._tell("run", "--detach", "--name", name, "--network", "none", *mount, _IMAGE, "sleep", "3600")

    def set_running(self, is_running: bool) -> None:
        """Start or stop the container."""
        if is_running:
            self._tell("start", self.name)
        else:
            self._tell("stop", "--time", "0", self.name)

    def close(self) -> None:
        self._tell("rm", "--force", "--time", "0", self.name)

    def _tell(self, *words: str) -> None:
        command = [str(self.programs / "podman"), *words]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def engine(folder: Path, shared: Path, name: str) -> Engine | None:
    """Return a running container; None where there is no podman, or none that may run one."""
    if shutil.which("podman") is None or shutil.which("busybox") is None or os.geteuid():
        return None
    try:
        return Engine(folder, shared, name)
    except (subprocess.SubprocessError, OSError):
        return None


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
