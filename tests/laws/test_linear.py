"""Planning is linear: names are compared about as often per resource, however many there are.  Counted, not timed."""

from __future__ import annotations

from typing import ClassVar

from mail_server import MailServer, Principal
from memory import MemoryBackend
from small import HOME, desired_of

from reconciler.config.dns import Dns
from reconciler.config.stack import Account, Alias, Domain, Stack
from reconciler.conflict import conflicts
from reconciler.diff import compare
from reconciler.live import observe
from reconciler.plan import make


class Counted(str):
    """A text that counts how often it is compared or looked up."""

    __slots__ = ()
    times: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Counted.times += 1
        return str.__eq__(self, other)

    def __lt__(self, other: str) -> bool:
        Counted.times += 1
        return str.__lt__(self, other)

    def __hash__(self) -> int:
        Counted.times += 1
        return str.__hash__(self)


def comparisons(number: int) -> int:
    """Return how often names are compared for a plan over this many accounts with an alias each."""
    people = [Counted(f"p{n:05}@{HOME}") for n in range(number)]
    further = [Counted(f"a{n:05}@{HOME}") for n in range(number)]
    server = MailServer()
    server.domains.add(HOME)
    for n, (name, alias) in enumerate(zip(people, further, strict=True)):
        if n % 5:  # every fifth is to be made
            emails = (name, alias) if n % 3 else (name,)
            server.principals[n] = Principal(kind="account", login=name, emails=emails, quota=n % 2)
    home = Domain(
        name=HOME,
        dns=Dns(zone=HOME),
        accounts={name: Account(address=name, quota=1) for name in people},
        # Each alias moves on to the next one.
        aliases={a: Alias(address=a, target=people[n - 1]) for n, a in enumerate(further)},
    )
    desired = desired_of(Stack(name="home", file="s.yaml", base="/", version=1, domains={HOME: home}))
    Counted.times = 0
    live = observe([MemoryBackend(server, "home")], desired)
    assert () == conflicts(desired, live)
    plan = make(compare(desired, live), desired, live)
    assert number < len(plan.changes)
    return Counted.times


def test_the_work_of_planning_grows_with_the_number_of_resources_and_not_faster() -> None:
    assert comparisons(4_000) < 2.3 * comparisons(2_000)
