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
    # `local`: addresses of names in other zones are looked up in the DNS otherwise.
    command = ["named-checkzone", "-i", "local", "-w", os.path.dirname(after.file) or "."]
    said = _said(host, [*command, "-q", after.name, "/dev/stdin"], after.scan.data)
    if said is None:
        return "There is no named-checkzone here: the new zone was checked by mailstack's own rules only."
    if said and not _said(host, [*command, "-q", before.name, "/dev/stdin"], before.scan.data):
        loud = _said(host, [*command, after.name, "/dev/stdin"], after.scan.data) or ""
        raise WriteError(
            Problem(
                where=Where(file=after.file),
                summary="named-checkzone refuses the new zone",
                detail="\n".join([*loud.splitlines()[-_LAST_LINES:], "Nothing was written."]),
                rule="checkzone",
            )
        )
    return ""


def _said(host: Host, argv: list[str], text: bytes) -> str | None:
    """Return what the program says of a text that it refuses, nothing of one that it takes; None without it."""
    ran = host.run(argv, text=text)
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
