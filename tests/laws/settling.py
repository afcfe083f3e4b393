"""Runs a stack on a server until nothing is left to do, from every state that a killed run can leave."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from mail_server import MailServer
from witness import Witness, applied, planned

from reconciler.desired import Desired
from reconciler.outcome import Status
from reconciler.report import DONE, HELD


@dataclass
class Settling:
    """What becomes of (stack, server) pairs.  Each pair is run once, however one comes to it.

    A killed run leaves the server as it was after one of its writes; so it is enough to look at the
    server after each of them, and to settle that state as well.
    """

    ends: dict[Hashable, Any] = field(default_factory=dict)
    stacks: dict[int, Desired] = field(default_factory=dict)  # kept, so that no id is given twice

    def settle(self, desired: Desired, server: MailServer) -> Any:
        """Return the state that the server ends in.  Fails where a law of design section 5 does not hold."""
        self.stacks[id(desired)] = desired
        key = (id(desired), server.frozen())
        if key not in self.ends:
            self._run(key, desired, server)
        return self.ends[key]

    def _run(self, key: Hashable, desired: Desired, server: MailServer) -> None:
        before = server.frozen()
        plan, problems = planned(server, desired)
        assert before == server.frozen(), "planning has changed something"
        if plan is None:
            self.ends[key] = ("refused", frozenset(problem.rule for problem in problems))
            return
        states: list[MailServer] = []
        witness = Witness(server, desired, closely=False)
        server.observers.append(lambda: states.append(server.copy()))
        report = applied(server, desired, plan)
        server.observers.clear()
        witness.end()
        not_done = [
            f"{o.verb.value} {o.address}: {o.detail}" for o in report.outcomes if o.status is not Status.DONE
        ]
        assert not_done == []
        assert (HELD if plan.held else DONE) == report.exit_code
        again, problems = planned(server, desired)
        assert () == problems
        assert again is not None
        held = {held.change.address for held in plan.held}
        assert [] == [f"{c.verb.value} {c.address}" for c in again.changes if c.address not in held]
        assert server.is_active() or not witness.settled
        end = self.ends[key] = server.frozen()
        if again.has_work:  # what was done lets go of what was held
            end = self.ends[key] = self.settle(desired, server)
        for state in states:
            assert end == self.settle(desired, state), "a killed run leads somewhere else"
