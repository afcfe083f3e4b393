"""May this zone file be edited at all?  Not where the name server itself writes it.  Reads only.

The name server knows best (`rndc zonestatus`).  Where it cannot be asked, the signs are a journal
beside the file, or a named.conf that allows updates.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Sequence

from reconciler.backends.dns import named_conf, rndc
from reconciler.backends.files import Host
from reconciler.errors import Problem, ReadError, Where
from reconciler.state import Finding

_CONFIGURATIONS = ("/etc/bind/named.conf", "/etc/bind/named.conf.local", "/etc/named.conf")
_SECONDS = 10.0


def refuse_dynamic(host: Host, path: str, zone: str, reload: Sequence[str]) -> tuple[Finding, ...]:
    """Return what is worth knowing.  Raises ReadError for a zone whose file is not the person's to edit."""
    argv = rndc.status_argv(reload, zone)
    findings: tuple[Finding, ...] = ()
    if argv is not None:
        ran = host.run(argv, timeout=_SECONDS)
        if ran is not None and ran.code == 0:
            status = rndc.parsed(ran.output)
            if status.kind and not status.is_edited_by_hand:
                raise ReadError(_refusal(path, zone, _why_not(status)))
            if status.kind:
                return ()
        said = f"there is no program {argv[0]}" if ran is None else ran.output.strip()
        findings = (_unanswered(zone, said),)
    # A journal beside a signed file is the one that named keeps of an inline-signed zone (BIND 9.18).
    if host.exists(f"{path}.jnl") and not host.exists(f"{path}.signed"):
        raise ReadError(
            _refusal(path, zone, f"There is a journal beside the file ({os.path.basename(path)}.jnl).")
        )
    for name, text in _configurations(host, path):
        if named_conf.lets_update(text, zone, os.path.basename(path)):
            raise ReadError(_refusal(path, zone, f"{name} allows updates of it."))
    return findings


def _configurations(host: Host, path: str) -> Iterator[tuple[str, str]]:
    beside = os.path.join(os.path.dirname(path), "named.conf")
    for name in dict.fromkeys((beside, *_CONFIGURATIONS)):
        if host.exists(name):
            try:
                yield name, host.read(name).decode("utf-8", "replace")
            except ReadError:
                continue  # a configuration that we may not see tells nothing


def _why_not(status: rndc.Status) -> str:
    if status.is_dynamic:
        return "rndc zonestatus calls it dynamic."
    return f"rndc zonestatus calls it a {status.kind} zone: its file is a copy."


def _refusal(path: str, zone: str, why: str) -> Problem:
    return Problem(
        where=Where(file=path),
        summary="this zone is written by the name server itself",
        detail=(
            f"{why} The name server would overwrite an edit, or refuse the zone.\n"
            "For a zone kept by hand take allow-update and update-policy away, write out what it holds, "
            f"and reload it:\n\n    rndc sync -clean {zone}"
        ),
        rule="ZONE-16",
    )


def _unanswered(zone: str, said: str) -> Finding:
    last = said.splitlines()[-1] if said else "it said nothing"
    return Finding(
        rule="NS-03",
        severity="warning",
        text=f"rndc zonestatus {zone}: {last}",
        fix="is the name server running, and does it know the zone? Without an answer the reload will fail too",
    )
