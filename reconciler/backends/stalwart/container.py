"""Whether the data of a server in a container outlives that container.  Reads only.

Up to 0.11 the image keeps everything in /opt/stalwart-mail, from 0.12 on in /opt/stalwart.  Guides
written for the one and followed with the other mount a volume that nothing is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.backends.container_host import container_trouble
from reconciler.backends.container_mounts import Mount, mount_around, mounts_in, point_of
from reconciler.backends.files import Host
from reconciler.state import Finding

_PATHS: Final = {"0.11": "/opt/stalwart-mail"}
_PATH: Final = "/opt/stalwart"
_PARTS: Final = ("etc", "data")
_ANONYMOUS: Final = re.compile(r"[0-9a-f]{64}")


def data_findings(machine: Host, program: str, name: str, version: str) -> Iterator[Finding]:
    """Yield what is wrong with the mounts of the container name; version is the server's."""
    ran = machine.run([program, "inspect", "--type", "container", "--format", "{{json .Mounts}}", name])
    mounts = mounts_in(ran.output) if ran is not None and ran.code == 0 else None
    if mounts is None:
        said = ran.output.strip() if ran is not None else f"There is no program {program}."
        problem = container_trouble(program, name, said)
        yield unknown(name, problem.summary if problem else said)
        return
    path = _PATHS.get(version.rpartition(".")[0], _PATH)
    around = [mount_around(mounts, f"{path}/{part}") for part in _PARTS]
    if None in around:
        yield Finding(
            rule="STW-03", severity="error", text=_lost(name, path, mounts), fix=_save(program, name, path)
        )
    elif any(mount is not None and _is_anonymous(mount) for mount in around):
        yield Finding(
            rule="STW-03",
            severity="warning",
            text=f"the data of the container {name} ({path}) is on a volume without a name: a new container begins empty",
            fix=_save(program, name, path),
        )


def unknown(name: str, why: str) -> Finding:
    """Return the finding that the mounts of a container could not be looked at."""
    return Finding(
        rule="STW-03",
        severity="warning",
        text=f"whether the data of the container {name} is on a volume is not known: {why}",
        fix="correct stalwart.container, or leave it out",
    )


def _is_anonymous(mount: Mount) -> bool:
    return mount.get("Type") == "volume" and _ANONYMOUS.fullmatch(str(mount.get("Name", ""))) is not None


def _lost(name: str, path: str, mounts: list[Mount]) -> str:
    others = ", ".join(sorted(point_of(m) for m in mounts if "stalwart" in point_of(m)))
    beside = f"; the volume is mounted at {others}, where this version keeps nothing" if others else ""
    return (
        f"the data of the container {name} ({path}) is not on a volume{beside}: "
        "with the next update of the image all accounts and all mail are gone"
    )


def _save(program: str, name: str, path: str) -> str:
    return (
        f"save it before anything else: {program} stop {name} && {program} cp -a {name}:{path} ./stalwart-data && "
        f"{program} start {name}; then make the container anew with --volume stalwart-data:{path}, and copy it there"
    )
