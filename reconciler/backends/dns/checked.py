"""The whole new text of a zone is checked before a byte of it is written.

Our own rules always; `named-checkzone` where there is one.  A fault that was there before is not
ours to refuse: then no change could ever be made, not even the one that mends it.
"""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from reconciler.backends.dns.zonefile.check import check
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.files import Host
from reconciler.errors import Problem, Where, WriteError

_NUMBER = re.compile(r"(:| line )[0-9]+\b")
_LAST_LINES = 12


def refuse_faulty(before: Zone, after: Zone, host: Host) -> str:
    """Return what could not be checked, in words.  Raises WriteError for a fault that is new."""
    if new := list(_new(check(before), check(after))):
        raise WriteError(*new)
    said = _said(host, after, "-q")
    if said is None:
        return "There is no named-checkzone here: the new zone was checked by mailstack's own rules only."
    if not said:
        return ""
    loud = (_said(host, after) or "").splitlines()[-_LAST_LINES:]
    if _said(host, before, "-q"):
        return (
            "named-checkzone refuses this zone, and did so before the change, so the new one was checked by "
            f"mailstack's own rules only. It says: {loud[0] if loud else said}"
        )
    raise WriteError(
        Problem(
            where=Where(file=after.file),
            summary="named-checkzone refuses the new zone",
            detail="\n".join([*loud, "Nothing was written."]),
            rule="checkzone",
        )
    )


def _said(host: Host, zone: Zone, *options: str) -> str | None:
    """Return what named-checkzone says of a zone that it refuses, nothing of one that it takes; None without it.

    It is asked where the file is, and without its included files it may be asked anywhere.
    """
    # `local`: addresses of names in other zones are looked up in the DNS otherwise.
    command = ["named-checkzone", "-i", "local", *options]
    if zone.includes:
        command += ["-w", os.path.dirname(zone.file) or "."]
    command += [zone.name, "/dev/stdin"]
    ran = host.run_beside(command, text=zone.scan.data)
    if ran is None and not zone.includes:
        ran = host.run(command, text=zone.scan.data)
    if ran is None:
        return None
    return "" if ran.code == 0 else ran.output or "refused"


def _new(before: Iterable[Problem], after: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems that were not there; their lines may have moved."""
    known = Counter(map(_kind, before))
    for problem in after:
        kind = _kind(problem)
        if not known[kind]:
            yield problem
        known[kind] -= bool(known[kind])


def _kind(problem: Problem) -> tuple[str, str, str]:
    return problem.rule, problem.summary, _NUMBER.sub(r"\1", problem.detail)
