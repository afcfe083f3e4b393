"""Parked domains with mail in them, and a file that is to serve two zones."""

from __future__ import annotations

from reconciler.config.faults import Faults
from reconciler.config.stack import Domain, Stack
from reconciler.resource import UNSET


def parked(stack: Stack, faults: Faults) -> None:
    """A parked domain receives no mail, so nobody has an address in it."""
    for domain in stack.domains.values():
        if not domain.parked:
            continue
        inside = _first_inside(domain)
        if inside:
            detail = f"{domain.name} is parked: its DNS says that it receives no mail.  Delete `type: parked`, or {inside}."
            faults.add((*domain.at, "type"), ("a parked domain with mail", detail, "parked"))


def _first_inside(domain: Domain) -> str:
    for key, things in (
        ("accounts", domain.accounts),
        ("aliases", domain.aliases),
        ("lists", domain.lists),
        ("groups", domain.groups),
    ):
        if things:
            return f"its {key}"
    return "its catch_all" if domain.catch_all not in (UNSET, None) else ""
