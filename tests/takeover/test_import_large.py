"""An import of a provider's server: 200 domains, 10,000 accounts, and a zone of 10,000 records."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from proving import ZoneReader, proved, seed_of

from reconciler.desired import Desired
from reconciler.kinds import account, alias, domain
from reconciler.resource import Address, Resource
from reconciler.state import Placement, Reading, System

DOMAINS = [f"d{number}.example" for number in range(200)]


@dataclass
class Fetched:
    """What a server has answered."""

    label: str = "fetched"
    resources: dict[Address, Resource] = field(default_factory=dict)

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        return Reading(
            system=System(label=self.label, title="Fetched", kind="fetched"),
            resources=self.resources,
            place=lambda r: None if r.address.kind == "record" else Placement(system=self.label),
        )


def fetched(number: int) -> Fetched:
    found: list[Resource] = [domain.Domain(address=domain.address_of(name)) for name in DOMAINS]
    for n in range(number):
        home = DOMAINS[n % len(DOMAINS)]
        found.append(
            account.Account(
                address=account.address_of(f"u{n}@{home}"),
                name=f"User: {n}",
                quota=5 << 30,
                login=f"u{n}",
                enabled=True,
                admin=False,
            )
        )
        found += [
            alias.Alias(address=alias.address_of(f"a{n}.{k}@{home}"), holder=f"u{n}@{home}") for k in range(2)
        ]
    return Fetched(resources={one.address: one for one in found})


@contextmanager
def as_the_command_runs() -> Iterator[None]:
    """Collect garbage as seldom as cli/run.py has it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def test_ten_thousand_accounts_take_less_than_ten_seconds_beyond_the_fetch():
    """From the answers to the proof: draft, text, the text loaded again, desired, compared, planned."""
    server = fetched(10_000)
    records = [f"h{n} IN A 10.0.{n // 250}.{n % 250}" for n in range(10_000)]
    zone = "\n".join(["$TTL 3600", "@ IN SOA ns1 postmaster 1 2 3 4 5", *records, ""]).encode()

    with as_the_command_runs():
        begun = time.process_time()
        proof = proved(lambda: [server, ZoneReader(DOMAINS[0], zone)], seed_of(DOMAINS, DOMAINS[:1]))
        took = time.process_time() - begun

    assert proof.changes() == []
    assert len(proof.plan.changes) == 10_000, "the records are adopted"
    assert sum(len(one.accounts) for one in proof.draft.stack.domains.values()) == 10_000
    assert took < 10
