"""What was begun by a plan's id is kept on the server, however long it is, and beside what others keep."""

from __future__ import annotations

import cli
import pytest
from servers import Api

from reconciler.backends.stalwart.http import Wire
from reconciler.backends.stalwart.rest.plan_memory import PlanMemory
from reconciler.config.secrets import Secret


@pytest.fixture
def server():
    with cli.sandbox() as server:
        yield server


@pytest.fixture
def wire(server):
    wire = Wire(server.url, "admin", Secret(cli.ADMIN_PASSWORD))
    yield wire
    wire.close()


@pytest.mark.parametrize("number", [0, 1, 1_000, 1_001, 45_000])
def test_what_was_written_is_read_line_by_line(wire, number):
    memory = PlanMemory(wire, "home")
    lines = tuple(f"does {n:016x}" for n in range(number))

    memory.write("0123456789ab", lines)

    assert memory.read("0123456789ab") == lines


def test_only_the_plan_that_was_begun_last_is_kept(wire):
    memory = PlanMemory(wire, "home")
    memory.write("0123456789ab", ["does 1"])
    memory.write("ba9876543210", ["does 2"])

    assert (memory.read("0123456789ab"), memory.read("ba9876543210")) == ((), ("does 2",))


def test_another_stacks_memory_and_marks_are_not_touched(server, wire):
    api = Api(server.url, cli.ADMIN_PASSWORD)
    api.store({"mailstack.home.setting/a.b": "{}", "mailstack.home2.plan/x.000": "does 1"})
    memory = PlanMemory(wire, "home")
    memory.write("0123456789ab", ["does 1"])

    memory.clear()

    assert server.state.settings.listed("mailstack") == {
        "mailstack.home.setting/a.b": "{}",
        "mailstack.home2.plan/x.000": "does 1",
    }
