"""One apply at a time: the lease is taken, renewed, given back, and taken over from the dead and from nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import cli
import pytest

from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.rest.backend import RestBackend
from reconciler.backends.stalwart.rest.lease import KEY, SECONDS, Lease
from reconciler.backends.stalwart.versions import traits_of
from reconciler.config.load import load_bytes
from reconciler.config.secrets import Secret
from reconciler.desired import desire
from reconciler.diff import Change, Verb
from reconciler.errors import BusyError, WriteError
from reconciler.kinds.account import Account
from reconciler.kinds.dkim_key import DkimKey
from reconciler.kinds.setting import Setting
from reconciler.resource import Address
from reconciler.state import Activate

LOADED = load_bytes(b"version: 1\ndomain: example.org\n", "mailstack.yaml")
NOTHING = desire(LOADED.stack, LOADED.where)


class Clock:
    """A time that only a test moves; waiting is moving.  ahead is by how much a machine's clock is wrong."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now

    def ahead(self, seconds: float):
        return lambda: self.now + seconds

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock):
    with cli.sandbox(now=clock) as server:
        yield server


@pytest.fixture
def connected(server, clock):
    """Return what makes connections to the server, from machines whose clocks may be wrong."""
    wires = []

    def connect(ahead=0.0):
        wires.append(Wire(server.url, "admin", Secret(cli.ADMIN_PASSWORD), timeout=5, now=clock.ahead(ahead)))
        return wires[-1]

    yield connect
    for wire in wires:
        wire.close()


@pytest.fixture
def wire(connected):
    return connected()


@pytest.fixture
def lease(wire, clock):
    lease = Lease(wire, "home", sleep=clock.sleep)
    yield lease
    lease.give_back()


@pytest.fixture
def other(connected, clock):
    other = Lease(connected(), "work", sleep=clock.sleep)
    yield other
    other.give_back()


def chain(wire) -> dict[str, dict]:
    """Return what the server keeps of leases."""
    found = wire.get("/api/settings/keys", {"keys": KEY, "prefixes": KEY})
    return {key: json.loads(text) for key, text in found.items()}


def rewrite(wire, **fields) -> None:
    """Change what the lease says of its holder."""
    write(wire, json.dumps({**chain(wire)[KEY], **fields}))


def write(wire, text: str) -> None:
    operation = {"type": "insert", "prefix": None, "values": [[KEY, text]], "assert_empty": False}
    wire.write("POST", "/api/settings", [operation])


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_taken_and_given_back(wire, lease):
    lease.take(0)
    assert chain(wire)[KEY]["pid"] == os.getpid()

    lease.give_back()
    assert chain(wire) == {}


def test_a_second_apply_is_told_who_works_and_since_when(wire, lease, other, clock):
    lease.take(0)
    clock.now += 200
    rewrite(wire, until=clock.now + 60)

    with pytest.raises(BusyError) as error:
        other.take(0)

    host = chain(wire)[KEY]["host"]
    assert str(error.value) == (
        f"another apply is writing to {wire.url}\n"
        f"    It runs for the stack home on {host} as process {os.getpid()}, since 3 minutes. "
        "Wait for it with --lock-timeout SECONDS.\n"
        "    Were it dead, its lease would end by itself after 120 seconds."
    )


def test_the_age_is_that_of_the_run_and_not_of_its_last_renewal(wire, lease, clock):
    lease.take(0)
    start = chain(wire)[KEY]["since"]
    clock.now += 60
    lease.renew(wire)

    assert (chain(wire)[KEY]["since"], chain(wire)[KEY]["until"]) == (start, start + 60 + SECONDS)


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
    other.must_hold()


@pytest.mark.parametrize("field", ["host", "boot", "space"])
def test_a_process_that_cannot_be_seen_from_here_is_not_judged_by_its_number(wire, lease, other, field):
    """Two containers may share host and start, and count their processes for themselves."""
    lease.take(0)
    rewrite(wire, **{"pid": dead_process(), field: "elsewhere"})

    with pytest.raises(BusyError):
        other.take(0)


def test_a_lease_ends_by_itself(lease, other, clock):
    lease.take(0)
    clock.now += SECONDS + 1

    other.take(0)
    other.must_hold()


@pytest.mark.parametrize("ahead", [-86400.0, -300.0, 300.0, 86400.0])
def test_clocks_that_differ_change_nothing(lease, connected, clock, ahead):
    """The end of a lease is told by the server's clock, which both see."""
    lease.take(0)
    another = Lease(connected(ahead), sleep=clock.sleep)

    clock.now += SECONDS - 2
    with pytest.raises(BusyError):
        another.take(0)
    clock.now += 4
    another.take(0)
    another.give_back()


def test_a_lease_that_is_renewed_does_not_end(wire, lease, other, clock):
    lease.take(0)
    for _ in range(4):
        clock.now += 60
        lease.renew(wire)

    with pytest.raises(BusyError):
        other.take(0)


def test_before_the_first_write_it_is_read_once_more_and_then_not_each_time(server, lease):
    lease.take(0)
    asked = len(server.requests)
    lease.must_hold()
    first = len(server.requests) - asked
    lease.must_hold()

    assert first > 0
    assert len(server.requests) - asked == first


def test_two_inserts_in_the_same_instant_leave_one_holder(wire, lease, other, server):
    """A real server may tell both of them "done": the later one stays, and the first one sees it before it writes."""
    lease.take(0)
    text = json.dumps({**chain(wire)[KEY], "token": "b" * 32})
    write(wire, text)

    with pytest.raises(WriteError):
        lease.must_hold()
    lease.give_back()
    assert chain(wire)[KEY]["token"] == "b" * 32


def test_two_that_succeed_the_same_dead_one_leave_one_holder(wire, lease, other, server):
    """Both have seen that it is over; the link behind it comes into being once."""
    write(wire, json.dumps({"token": "a" * 32, "until": 1, "since": 1}))

    def first_the_other(number, method, path, phase):
        posts = [path for method, path in server.requests if method == "POST"]
        if len(posts) == start + 1 and phase == "before" and not seen:
            seen.append(number)
            other.take(0)

    start = len([path for method, path in server.requests if method == "POST"])
    seen: list[int] = []
    server.on_request = first_the_other
    with pytest.raises(BusyError, match="for the stack work"):
        lease.take(0)
    server.on_request = None

    assert seen
    other.must_hold()
    other.give_back()
    assert chain(wire) == {}


def test_a_holder_that_slept_does_not_write_when_somebody_has_succeeded_it(wire, lease, other, clock):
    lease.take(0)
    lease.must_hold()
    clock.now += SECONDS + 1
    other.take(0)

    with pytest.raises(WriteError) as error:
        lease.must_hold()
    assert str(error.value) == (
        f"this run no longer has the right to write to {wire.url}\n"
        "    It could not renew its lease for 120 seconds, or somebody deleted it, and another apply may be writing.\n"
        "    What is done stays done. Apply again."
    )
    other.must_hold()


def test_a_holder_that_slept_and_was_not_missed_goes_on(wire, lease, other, clock):
    lease.take(0)
    clock.now += SECONDS + 1

    lease.must_hold()
    with pytest.raises(BusyError):
        other.take(0)
    lease.give_back()
    assert chain(wire) == {}


def test_what_somebody_else_has_is_not_given_back(wire, lease, other, clock):
    lease.take(0)
    clock.now += SECONDS + 1
    other.take(0)

    lease.give_back()
    other.must_hold()


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"until": "tomorrow"}'])
def test_a_lease_that_nobody_can_read_is_nobodys(wire, lease, text):
    write(wire, text)

    lease.take(0)
    lease.must_hold()
    lease.give_back()
    assert chain(wire) == {}


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_insert_of_which_nobody_knows_the_end_is_read_back(wire, lease, server, when):
    """Where it was carried out, the lease is ours; it never stands in our own way."""
    server.fail_write(1, when, "close")

    lease.take(5)
    lease.must_hold()


def test_a_return_of_which_nobody_knows_the_end_is_sent_again(wire, lease, server):
    lease.take(0)
    server.fail_write(1, "before", "500")

    lease.give_back()
    assert chain(wire) == {}


def test_a_wait_that_is_stopped_leaves_nothing(wire, lease, other, clock):
    lease.take(0)
    other._sleep = _stopped

    with pytest.raises(KeyboardInterrupt):
        other.take(10)
    lease.give_back()
    assert chain(wire) == {}


def _stopped(_: float) -> None:
    raise KeyboardInterrupt


def test_a_lease_from_the_time_before_the_stack_called_lease_is_no_lease(wire, lease):
    """A stack may have that name; its marks begin in the same way."""
    mark = {
        "type": "insert",
        "prefix": None,
        "values": [["mailstack.lease.setting/a.b", "{}"]],
        "assert_empty": False,
    }
    wire.write("POST", "/api/settings", [mark])

    lease.take(0)
    lease.give_back()
    assert wire.get("/api/settings/keys", {"prefixes": KEY}) == {"mailstack.lease.setting/a.b": "{}"}


def test_a_server_that_went_away_does_not_hide_what_was_done(lease, wire):
    lease.take(0)
    wire.close()
    gone = Wire("http://127.0.0.1:1", "admin", Secret("pw"), timeout=1, sleep=lambda _: None)
    lease._wire = gone

    lease.give_back()
    gone.close()


def test_a_run_that_has_lost_its_right_writes_nothing_more(server, wire, other, clock):
    """Every kind of write looks first: settings, mailboxes, keys, and the reload that makes them count."""
    backend = RestBackend(wire, traits_of("0.15.5"), "admin", "home")
    backend.lock(0)
    backend.read(NOTHING)
    clock.now += SECONDS + 1
    other.take(0)
    before = len(server.writes)

    for change in (
        Change(
            address=Address("setting", "a.b"),
            verb=Verb.ADD,
            after=Setting(address=Address("setting", "a.b"), value="c"),
        ),
        Change(
            address=Address("account", "a@example.org"),
            verb=Verb.ADD,
            after=Account(address=Address("account", "a@example.org")),
        ),
        Change(
            address=Address("dkim_key", "example.org/rsa"),
            verb=Verb.ADD,
            after=DkimKey(address=Address("dkim_key", "example.org/rsa")),
        ),
    ):
        with pytest.raises(WriteError, match="no longer has the right to write"):
            list(backend.write([change], lambda _: Secret("pw"), Activate.NOTHING))
    with pytest.raises(WriteError, match="no longer has the right to write"):
        backend.activate(Activate.RELOAD)
    backend.unlock()

    assert (len(server.writes), chain(wire) != {}) == (before, True)
