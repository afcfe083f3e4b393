"""Import, then plan, as the command does it: on any readers, without a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reconciler.backends.dns.read import contents
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.backends.interface import Reader
from reconciler.config.dns import Dns, Place
from reconciler.config.load import load_bytes
from reconciler.config.stack import Domain, Stack
from reconciler.conflict import conflicts
from reconciler.desired import Desired, desire
from reconciler.diff import MARKS_ONLY, compare
from reconciler.kinds.record import Record
from reconciler.live import observe
from reconciler.pending import with_dkim_records
from reconciler.plan import Plan, make
from reconciler.state import Activate, Live, Placement, Reading, System
from reconciler.takeover.draft import Draft, draft
from reconciler.takeover.file import text
from reconciler.takeover.probe import probe

FILE = "mailstack.yaml"


@dataclass(frozen=True)
class ZoneReader:
    """A zone file in memory, as its backend reads it."""

    zone: str
    data: bytes
    label: str = "zone"

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        parsed = Zone.parse(self.data, name=self.zone, file="db")
        found = contents(parsed, desired, everything=True)
        return Reading(
            system=System(label=self.label, title=f"DNS {self.zone}", kind="zone"),
            resources=found.resources,
            place=self._place,
            owned=found.owned,
            foreign=found.foreign,
            elsewhere=found.elsewhere,
        )

    def _place(self, resource: object) -> Placement | None:
        mine = isinstance(resource, Record) and resource.zone == f"{self.zone}."
        return Placement(system=self.label, activate=Activate.RELOAD) if mine else None


def seed_of(domains: Sequence[str], zones: Sequence[str] = (), name: str = "home") -> Stack:
    """Return a stack with these domains; each zone is that of the domain with its name."""
    return Stack(
        name=name,
        file=FILE,
        base="/srv",
        version=1,
        domains={
            domain: Domain(name=domain, dns=Dns(zone=domain, zonefile=Place(path=f"/srv/db.{domain}")))
            if domain in zones
            else Domain(name=domain, dns=Dns(zone=domain))
            for domain in domains
        },
    )


@dataclass(frozen=True)
class Proof:
    """A draft, its text, and the plan that follows."""

    draft: Draft
    text: str
    plan: Plan
    live: Live

    def changes(self) -> list[str]:
        """Return what the plan would change; marks are none, and what is held is told too."""
        real = [c for c in self.plan.changes if c.verb not in MARKS_ONLY]
        return [
            *(f"{c.verb.value} {c.address}" for c in real),
            *(f"held {h.change.address}" for h in self.plan.held),
        ]


def proved(readers: Callable[[], Sequence[Reader]], seed: Stack) -> Proof:
    """Import and plan, the readers made anew in between."""
    first = observe(readers(), probe(seed))
    host = first.resources.get(hostname_address())
    live = observe(readers(), probe(seed, getattr(host, "value", None)))
    made = draft(live, seed)
    written = text(made, ("Written by a test.",))
    stack = load_bytes(written.encode(), replace(seed).file).stack
    assert replace(stack, base=seed.base) == made.stack, "the text says what the draft says"
    desired = desire(made.stack, lambda _: None)  # type: ignore[arg-type, return-value]  # no place is asked for
    again = observe(readers(), desired)
    assert conflicts(desired, again) == ()
    whole = with_dkim_records(desired, again)
    return Proof(made, written, make(compare(whole, again), whole, again), again)


def hostname_address():
    from reconciler.kinds import hostname

    return hostname.ADDRESS
