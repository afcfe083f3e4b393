"""The lease on every Stalwart: none of them has a lock, and a real one may tell two that they were first."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing

from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.rest.lease import KEY, Lease
from reconciler.config.secrets import Secret
from reconciler.errors import BusyError, WriteError


def test_of_two_runs_at_the_same_instant_one_may_write(server):
    password = server.project.environ["STALWART_PASSWORD"]
    with ExitStack() as stack:
        wires = [
            stack.enter_context(closing(Wire(server.project.url, "admin", Secret(password)))) for _ in "12"
        ]
        for _ in range(20):
            assert sorted(_race(wires)) == [False, True]
    assert server.api.keys(KEY) == {}


def test_the_server_tells_its_time(server):
    """The end of a lease is told by it; without it the clocks of two machines would have to agree."""
    with closing(
        Wire(server.project.url, "admin", Secret(server.project.environ["STALWART_PASSWORD"]))
    ) as wire:
        wire.get("/api/principal")

        assert abs(wire.server_now() - wire.now()) < 5


def _race(wires: list[Wire]) -> list[bool]:
    """Return who of two may write.  As in an apply, everything is read between the lease and the first write."""
    start, taken = threading.Barrier(2), threading.Barrier(2)
    may_write = [False, False]

    def run(number: int) -> None:
        lease = Lease(wires[number])
        start.wait()
        try:
            lease.take(0)
        except BusyError:
            taken.wait()
            return
        try:
            wires[number].get("/api/principal")
            lease.must_hold()
            may_write[number] = True
        except WriteError:
            pass
        taken.wait()
        lease.give_back()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return may_write
