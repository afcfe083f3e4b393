"""Whether the exceptions of `lint.ignore` still hold: what somebody accepted until a day is told after it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from reconciler.config.stack import Ignore
from reconciler.config.tree import Path
from reconciler.errors import Where
from reconciler.state import Finding

RULE: Final = "LINT-01"
_ID: Final = re.compile(r"[A-Z]+-[0-9]{2}")


def ended(
    ignore: Iterable[Ignore], rules: Collection[str], find: Callable[[Path], Where | None], today: str
) -> Iterator[Finding]:
    """Yield a finding for each exception that is over, or that names a rule which is none.  today is an ISO date."""
    for one in ignore:
        about = f"{one.id} ({one.name})" if one.name else one.id
        if _ID.fullmatch(one.id) and one.id not in rules:
            near = difflib.get_close_matches(one.id, sorted(rules), n=1)
            text = f"the exception for {about} ignores nothing: there is no such rule"
            severity, fix = "warning", f"id: {near[0]}" if near else "all of them: mailstack explain"
        elif one.until is not None and one.until < today:
            text = f"the exception for {about} ended on {one.until}: {one.reason}"
            severity, fix = "hint", "delete it, or give it a new day"
        else:
            continue
        where = find(one.at) or Where(file="")
        yield Finding(
            rule=RULE,
            severity=severity,
            text=text,
            fix=fix,
            file=where.file,
            line=where.line,
            column=where.column,
        )
