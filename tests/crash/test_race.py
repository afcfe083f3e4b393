"""Two applies at the same time: what is true afterwards is what one of them wanted, and nobody's work is lost.

1,000 races in the night, 50 in CI.  They are real processes that race for one server and one zone file.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import cli
import pytest

from reconciler.sandbox import Sandbox

HEAD = """\
version: 1
stack: {stack}
domain: example.org
stalwart: {{url: "{url}", username: admin, password: {{env: STALWART_PASSWORD}}}}
dns: {{zonefile: {zone}, reload: ["true"], mail: false, records: [{{name: {name}, type: A, value: 192.0.2.{number}}}]}}
"""
ZONE = """\
$TTL 1h
@ IN SOA ns1 root 1 1h 15m 1w 1h
@ IN NS ns1
ns1 IN A 192.0.2.1
mine IN A 192.0.2.99 ; by hand
"""


class Track:
    """One server, one zone file, and two folders from which somebody applies at the same time."""

    def __init__(self, folder: Path, forks: tuple[cli.Forks, cli.Forks], server: Sandbox) -> None:
        (folder / "zone").mkdir()
        self.zone = folder / "zone" / "db.example.org"
        self.zone.write_text(ZONE)
        self._forks = forks
        self.server = server
        self.racers = tuple(cli.Project(folder / name, server.url) for name in ("left", "right"))
        for racer in self.racers:
            racer.folder.mkdir()

    def write(self, racer: int, body: str, *, stack: str, name: str, number: int) -> None:
        project = self.racers[racer]
        head = HEAD.format(stack=stack, url=project.url, zone=self.zone, name=name, number=number)
        project.write("mailstack.yaml", head + body)

    def race(self) -> None:
        """Let both apply at the same time; both are told that all is done."""
        codes = self.run()
        said = [(racer.folder / name).read_text() for racer in self.racers for name in ("out.txt", "err.txt")]
        assert codes == [0, 0], said

    def run(self) -> list[int]:
        """Let both apply at the same time; return how each ended."""
        with ThreadPoolExecutor(2) as pool:
            runs = [
                pool.submit(
                    forks.run,
                    racer.folder,
                    racer.environ,
                    ["apply", "--yes", "--lock-timeout", "60"],
                )
                for forks, racer in zip(self._forks, self.racers, strict=True)
            ]
            return [run.result() for run in runs]

    def kill_the_left_at(self, number: int) -> None:
        """Let the server, when it is asked for the so-many-th time from now on, kill who runs on the left."""
        start = len(self.server.requests)

        def kill(request: int, _: str, __: str, phase: str) -> bool:
            if (request, phase) == (start + number, "before"):
                with suppress(ProcessLookupError):
                    os.kill(self._forks[0].running(), signal.SIGKILL)
            return False

        self.server.on_request = kill

    def plans(self) -> list[int]:
        """Return for each racer whether what is live is what it wants: 0, or 2 where it is not."""
        return [racer.run("plan", "--detailed-exitcode").code for racer in self.racers]


@pytest.fixture(scope="module")
def both_forks() -> Iterator[tuple[cli.Forks, cli.Forks]]:
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            forks = cli.Forks()
            stack.callback(forks.close)
            made.append(forks)
        yield made[0], made[1]


@pytest.fixture
def track(tmp_path, both_forks) -> Iterator[Track]:
    with cli.sandbox(seed={"domains": ["example.org"]}) as server:
        track = Track(tmp_path, both_forks, server)
        yield track
        assert track.racers[0].api.keys("mailstack.lease") == {}
        assert "mine IN A 192.0.2.99 ; by hand\n" in track.zone.read_text()


@pytest.fixture
def races(pytestconfig) -> int:
    if pytestconfig.getoption("--nightly"):
        return 500
    return 25 if os.environ.get("CI") else 8


def test_two_commits_of_one_stack_leave_what_one_of_them_wants(track, races):
    """Every resource differs between the two, and each declares something that the other does not."""
    for number in range(races):
        for racer, word in enumerate(("left", "right")):
            track.write(
                racer,
                f"accounts: {{alice: {{name: {word} {number}, quota: {number + 1 + racer}GiB}}}}\n"
                f"allowed_ips: [203.0.113.{1 + racer}]\n"
                f"settings: {{session.rcpt.max-recipients: {2 * number + racer + 1}, a.{word}: {number}}}\n",
                stack="home",
                name=word,
                number=number % 90 + racer + 2,
            )

        track.race()

        assert sorted(track.plans()) == [0, 2], number


def test_two_stacks_on_one_server_and_in_one_file_lose_nothing_of_each_other(track, races):
    for number in range(races):
        for racer, word in enumerate(("left", "right")):
            track.write(
                racer,
                f"accounts: {{{word}: {{name: {word} {number}}}}}\n"
                f"allowed_ips: [203.0.{racer}.{number % 250 + 1}]\n"
                f"settings: {{a.{word}: {number}}}\n",
                stack=word,
                name=f"{word}{number % 3}",
                number=number % 90 + 2,
            )

        track.race()

        assert track.plans() == [0, 0], number


def test_one_that_is_killed_stands_in_nobodys_way(track, races):
    """Wherever it was: the other one ends well at once, and the next apply leaves what its stack says."""
    ends = set()
    for number in range(races):
        for racer, word in enumerate(("left", "right")):
            track.write(
                racer,
                f"accounts: {{alice: {{name: {word} {number}}}}}\nsettings: {{a.b: {2 * number + racer}}}\n",
                stack="home",
                name=word,
                number=number % 90 + racer + 2,
            )
        track.kill_the_left_at(7 * number % 50)

        left, right = track.run()
        track.server.on_request = None

        ends.add(left)
        assert right == 0, number
        assert track.racers[1].run("apply", "--yes").code == 0
        assert track.racers[1].run("plan", "--detailed-exitcode").code == 0
    assert ends <= {0, -signal.SIGKILL} and -signal.SIGKILL in ends
