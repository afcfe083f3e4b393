"""Which plan was begun by its id: kept on the server until all of it is done.

A run that stops halfway leaves a part of its plan, and the id of that part is another one.  So the
first run by an id writes down digests of what was reviewed; the same command again finds them, on
whatever machine it runs.  Like a mark, it is a setting that the server keeps and ignores.

    mailstack.home.plan/9f31c0a1b2c3.000   does 5d41402abc4b2a76 ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reconciler.backends.stalwart.http import Uncertain, Wire
from reconciler.backends.stalwart.rest import marks
from reconciler.backends.stalwart.rest.write_settings import Operation, insert

# One value holds so many lines: some stores of the server take no more than 100 kB.
_LINES: Final = 1_000
# And a request so many values: a body may have 1 MiB.
_PARTS: Final = 20


class PlanMemory:
    """What one stack has begun on one server."""

    def __init__(self, wire: Wire, stack: str) -> None:
        self._wire = wire
        self._all = marks.key_of(stack, "plan", "")

    def read(self, plan_id: str) -> tuple[str, ...]:
        """Return the lines of a plan that was begun and is not all done; empty where there is none.  Reads only."""
        # The server puts a dot behind a prefix that it is asked for.
        found = self._wire.get("/api/settings/keys", {"prefixes": f"{self._all}{plan_id}"})
        return tuple(line for _, text in sorted(found.items()) for line in text.split("\n"))

    def write(self, plan_id: str, lines: Sequence[str]) -> None:
        """Keep the lines of a plan, and of no other."""
        parts = ("\n".join(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES))
        pairs = [(f"{self._all}{plan_id}.{number:03}", text) for number, text in enumerate(parts)]
        self._post([_clear(self._all)])
        for start in range(0, len(pairs), _PARTS):
            self._post([insert(*pairs[start : start + _PARTS])])

    def clear(self) -> None:
        """Forget what was begun."""
        self._post([_clear(self._all)])

    def _post(self, body: list[Operation]) -> None:
        try:
            self._wire.write("POST", "/api/settings", body)
        except Uncertain:
            # Each operation ends in the same state when they are carried out again.
            self._wire.write("POST", "/api/settings", body)


def _clear(prefix: str) -> Operation:
    return {"type": "clear", "prefix": prefix}
