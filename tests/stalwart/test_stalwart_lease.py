"""One apply at a time: the lease is taken, renewed, given back, and taken over from the dead and from nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import cli
import pytest

from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.rest.lease import KEY, Lease
from reconciler.config.secrets import Secret
from reconciler.errors import BusyError


class Clock:
    """A time that only a test moves; waiting is moving."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wire():
    with cli.sandbox() as server:
        wire = Wire(server.url, "admin", Secret(cli.ADMIN_PASSWORD), timeout=5)
        yield wire
        wire.close()


@pytest.fixture
def lease(wire, clock):
    return Lease(wire, now=clock, sleep=clock.sleep)


@pytest.fixture
def other(wire, clock):
    return Lease(wire, now=clock, sleep=clock.sleep)


def held(wire) -> dict:
    return json.loads(wire.get("/api/settings/keys", {"keys": KEY}).get(KEY, "{}"))


def rewrite(wire, **fields) -> None:
    """Change what the lease says of its holder."""
    text = json.dumps({**held(wire), **fields})
    operation = {"type": "insert", "prefix": None, "values": [[KEY, text]], "assert_empty": False}
    wire.write("POST", "/api/settings", [operation])


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_taken_and_given_back(wire, lease):
    lease.take(0)
    assert held(wire)["pid"] == os.getpid()

    lease.give_back()
    assert held(wire) == {}


def test_a_second_apply_is_told_who_works(lease, other):
    lease.take(0)

    with pytest.raises(BusyError, match=f"as process {os.getpid()}, since 0 seconds"):
        other.take(0)


def test_a_second_apply_waits_as_long_as_it_may(lease, other, clock):
    lease.take(0)
    start = clock.now

    with pytest.raises(BusyError):
        other.take(10)
    assert 10 <= clock.now - start < 11


def test_a_dead_process_of_this_host_is_succeeded_at_once(wire, lease, other):
    lease.take(0)
    rewrite(wire, pid=dead_process())

    other.take(0)
    assert held(wire)["token"] == other._me["token"]


@pytest.mark.parametrize("field", ["host", "boot"])
def test_a_process_of_another_host_or_start_is_not_judged_by_its_number(wire, lease, other, field):
    lease.take(0)
    rewrite(wire, **{"pid": dead_process(), field: "elsewhere"})

    with pytest.raises(BusyError):
        other.take(0)


def test_a_lease_ends_by_itself(lease, other, clock):
    lease.take(0)
    clock.now += 121

    other.take(0)


def test_a_lease_that_is_used_does_not_end(lease, other, clock):
    lease.take(0)
    for _ in range(4):
        clock.now += 61
        lease.renew()

    with pytest.raises(BusyError):
        other.take(0)


def test_a_lease_that_lasts_is_not_renewed_each_time(wire, lease, clock):
    lease.take(0)
    before = held(wire)
    clock.now += 30
    lease.renew()

    assert held(wire) == before


def test_what_somebody_else_has_is_not_given_back(wire, lease, other, clock):
    lease.take(0)
    clock.now += 121
    other.take(0)

    lease.give_back()
    assert held(wire)["token"] == other._me["token"]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"until": "tomorrow"}'])
def test_a_lease_that_nobody_can_read_is_nobodys(wire, lease, text):
    operation = {"type": "insert", "prefix": None, "values": [[KEY, text]], "assert_empty": False}
    wire.write("POST", "/api/settings", [operation])

    lease.take(0)
    assert held(wire)["pid"] == os.getpid()


def test_a_server_that_went_away_does_not_hide_what_was_done(lease, wire):
    lease.take(0)
    wire.close()
    gone = Wire("http://127.0.0.1:1", "admin", Secret("pw"), timeout=1, sleep=lambda _: None)
    lease._wire = gone

    lease.give_back()
    gone.close()
