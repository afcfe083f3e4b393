"""Rules about how a changed zone reaches the name server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene


def by_restart(scene: Scene) -> Iterator[Found]:
    """OPS-02: A changed zone is reloaded, and the name server is not restarted for it.

    Severity: warning
    Looks at: stack file

    `dns.reload` tells the running name server to load one zone. That the text is checked before it is
    written, and that the former file comes back where a change is not served, mailstack sees to itself.

    Why: While it restarts the name server answers for no zone at all. And one that is restarted with a faulty
    file has nothing to answer with, where a reload keeps the old data.

    Fix: `reload: [docker, exec, bind9, rndc, reload, "{zone}"]`

    Source: BIND 9.18 Administrator Reference Manual, "rndc reload"
    """
    told: set[tuple[str, ...]] = set()
    for domain in scene.stack.domains.values() if scene.stack else ():
        command = domain.dns.reload
        if "restart" not in command or command in told:
            continue
        told.add(command)
        yield Found(
            text=f"dns.reload restarts the name server ({' '.join(command)}): it answers for no zone meanwhile",
            fix=_reloading(command),
            name=domain.name,
            where=scene.find((*domain.dns.at, "reload")),
        )


def _reloading(command: tuple[str, ...]) -> str:
    program, container = command[0], command[-1]
    if program.rpartition("/")[2] in ("docker", "podman"):
        return f'reload: [{program}, exec, {container}, rndc, reload, "{{zone}}"]'
    return 'reload: [rndc, reload, "{zone}"]'


RULES: Final[tuple[Check, ...]] = (by_restart,)
