"""What the server said last: from its API where it answers, else from its container or its log file.

A server that refuses a setting may print it, so everything that the file keeps secret is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.backends.files import Host
from reconciler.backends.stalwart.http import Wire
from reconciler.errors import ReadError, WriteError
from reconciler.kinds import setting

_LINES: Final = 12
_LOOKED_AT: Final = 100
# What our own looking leaves behind, in the words of 0.11 to 0.15.
_OURS: Final = "Authentication successful"
# How it takes leave, in all of them.
_SHUT_DOWN: Final = "Shutting down Stalwart"
_LINE_LENGTH: Final = 300
_CUT: Final = 4000

# $1 is the folder and the beginning of the names, $2 what is left out; a rotated log has a date behind it.
_TAIL: Final = (
    'last=$(ls -t "$1"* 2>/dev/null | head -n 1); [ -n "$last" ] && tail -n 100 "$last" | grep -vF "$2"'
)


def told(
    wire: Wire, host: Host, container: str | None, values: Mapping[str, str], secrets: Sequence[str]
) -> list[str]:
    """Return the last lines, oldest first, with a line in front that says whose they are; nothing where none is to be had."""
    found = _by_api(wire) or _of_container(host, container) or _of_file(host, values)
    lines = [line for line in found if _OURS not in line]
    hidden = [*secrets, *(value for key, value in values.items() if setting.holds_secret(key))]
    shown = [_without(line, hidden)[:_LINE_LENGTH] for line in lines[-_LINES:]]
    if not shown:
        return []
    told = ["The server's last words:", *(f"  {line}" for line in shown)]
    if _SHUT_DOWN in shown[-1]:
        # It ended before it had opened its log again.
        told.append("It has logged nothing since. Why it does not start, it prints: docker logs, journalctl.")
    return told


def _by_api(wire: Wire) -> list[str]:
    try:
        # Asked once, where get() would wait for a server that is down.
        wire.status_without_login("/healthz/live")
        items = wire.get("/api/logs", {"limit": str(_LOOKED_AT), "page": "1"})["items"]
        return [
            " ".join(str(item[part]) for part in ("timestamp", "level", "event", "details") if item.get(part))
            for item in reversed(items)
        ]
    except (ReadError, WriteError, KeyError, TypeError, AttributeError):
        return []  # no log tracer, no permission, or no server: there are other sources


def _of_container(host: Host, container: str | None) -> list[str]:
    if container is None:
        return []
    for program in ("docker", "podman"):
        ran = host.run([program, "logs", "--tail", str(_LOOKED_AT), container])
        if ran is not None and ran.code == 0:
            return _lines(ran.output)
    return []


def _of_file(host: Host, values: Mapping[str, str]) -> list[str]:
    for beginning in _log_files(values):
        ran = host.run(["sh", "-c", _TAIL, "sh", beginning, _OURS])
        if ran is not None and ran.code == 0:
            return _lines(ran.output)
    return []


def _log_files(values: Mapping[str, str]) -> Iterator[str]:
    for key, value in values.items():
        if key.startswith("tracer.") and key.endswith(".type") and value == "log":
            tracer = key.removesuffix(".type")
            folder = values.get(f"{tracer}.path", "")
            if folder.startswith("/") and "%{" not in folder:
                yield f"{folder.rstrip('/')}/{values.get(f'{tracer}.prefix', 'stalwart')}"


def _lines(text: str) -> list[str]:
    """Return the lines; of what was cut at its front (files.Ran), without the rest of the first."""
    lines = text.splitlines()[1 if len(text) >= _CUT else 0 :]
    return [line.rstrip() for line in lines if line.strip()]


def _without(line: str, hidden: Sequence[str]) -> str:
    """Return the line without the secrets, nor any line of one that has several, such as a private key."""
    parts = {part for secret in hidden for part in (secret, *secret.splitlines()) if part.strip()}
    for part in sorted(parts, key=len, reverse=True):
        line = line.replace(part, "(secret)")
    return line
