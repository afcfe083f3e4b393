"""Plans to render: of any size, with any text in them.  They need no server and no stack."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.diff import Change, FieldChange, Verb
from reconciler.guard import Held
from reconciler.plan import Plan
from reconciler.resource import UNSET, Address
from reconciler.state import Activate, Finding, System
from reconciler.waves import Phase, Wave

STALWART = System(label="stalwart", title="Stalwart", kind="stalwart", version="0.15.5", where="http://[::1]")


def added(name: str, holder: str = "alice@example.org") -> Change:
    """Return an alias that comes."""
    field = FieldChange(path="holder", before=UNSET, after=holder)
    return Change(address=Address("alias", name), verb=Verb.ADD, fields=(field,))


def removed(name: str, reason: str = "listed under removed:") -> Change:
    """Return an account that goes."""
    return Change(address=Address("account", name), verb=Verb.DELETE, reason=reason)


def held(name: str, why: str = "Nobody has said so.", release: str = "--release it") -> Held:
    return Held(change=removed(name), rule="last-admin", why=why, release=release)


def plan(
    *changes: Change,
    held: Sequence[Held] = (),
    findings: Sequence[Finding] = (),
    notes: Sequence[str] = (),
    stack: str = "home",
    systems: Sequence[System] = (STALWART,),
) -> Plan:
    """Return a plan that makes these changes in one wave."""
    wave = Wave(phase=Phase.MAILBOXES, system="stalwart", changes=changes, activate=Activate.RELOAD)
    return Plan(
        stack=stack,
        domains=("example.org",),
        systems=tuple(systems),
        waves=(wave,) if changes else (),
        held=tuple(held),
        needs={},
        notes=tuple(notes),
        findings=tuple(findings),
        unmanaged={},
        beside={},
        plan_id="0123456789ab",
    )
