"""What the stack says and what no longer does anything, or less than it seems.  Pure; findings, never changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.desired import Desired
from reconciler.kinds.alias import Alias
from reconciler.kinds.record import Record, text_of
from reconciler.mail import spf
from reconciler.mail.errors import SyntaxProblem
from reconciler.resource import Address
from reconciler.state import Finding, Live


def hints(desired: Desired, live: Live) -> tuple[Finding, ...]:
    """Return what a person should tidy up in the file, in the order of the file's own keys."""
    return (
        *_gone(desired, live),
        *_renamed(desired, live),
        *_unlisted_aliases(desired, live),
        *_satisfied_elsewhere(desired, live),
        *_senders_left_out(desired, live),
    )


def _gone(desired: Desired, live: Live) -> Iterator[Finding]:
    for address in desired.removed:
        if address not in live.resources and address.kind not in live.unreadable:
            yield _hint(desired, address, "REMOVED-01", f"{address} is gone", "drop the line under removed:")
    for address in sorted(desired.forgotten):
        if address not in live.owned and address.kind not in live.unreadable:
            yield _hint(
                desired,
                address,
                "FORGET-01",
                f"{address} carries no mark of ours",
                "drop the line under forget:",
            )


def _renamed(desired: Desired, live: Live) -> Iterator[Finding]:
    for address, former in desired.renamed.items():
        if address in live.resources:
            text = f"{address} has its new address; {former} is no longer looked for"
            yield _hint(desired, address, "RENAMED-01", text, "drop renamed_from:")


def _unlisted_aliases(desired: Desired, live: Live) -> Iterator[Finding]:
    """An account whose aliases the stack lists has one more: it goes on getting that mail."""
    for address, resource in live.resources.items():
        if not isinstance(resource, Alias) or resource.holder not in desired.lists_aliases:
            continue
        if address in desired.resources or address in desired.removed:
            continue
        if any(Address(kind, address.name) in desired.resources for kind in ("account", "group", "list")):
            continue  # its address becomes somebody's own: the plan says so
        holder = Address("account", resource.holder)
        yield _hint(
            desired,
            holder,
            "ALIAS-01",
            f"{address.name} is an alias of {resource.holder} too, and the stack does not list it: it stays",
            f"add it to aliases:, or end it with removed: [{address}]",
        )


def _satisfied_elsewhere(desired: Desired, live: Live) -> Iterator[Finding]:
    for address in sorted(live.elsewhere):
        if address in desired.resources and address.kind == "allowed_ip":
            yield _hint(
                desired,
                address,
                "STW-07",
                f"{address.name} is allowed in config.toml: mailstack leaves it there and cannot take it back",
                "take it out of config.toml to have it managed here",
            )


def _senders_left_out(desired: Desired, live: Live) -> Iterator[Finding]:
    """Who may send by an SPF text that somebody wrote, and may not by the declared one that takes its place."""
    for address, wanted in desired.resources.items():
        present = live.resources.get(address) if isinstance(wanted, Record) else None
        if not isinstance(wanted, Record) or not isinstance(present, Record) or address in live.owned:
            continue
        before, after = _spf(present), _spf(wanted)
        if before is None or after is None:
            continue
        lost = [t for t in before.mechanisms if t.name != "all" and t not in after.mechanisms]
        # `ptr` is nobody whom one would miss, and what the new text covers is not missed either.
        both = spf.merge(after, [t for t in lost if t.name != "ptr"])
        lost = [term for term in lost if term in both.terms]
        if lost:
            yield replace(
                _hint(
                    desired,
                    address,
                    "SPF-08",
                    f"the live SPF of {wanted.owner.rstrip('.')} also lets {' '.join(map(spf.term_text, lost))} send, "
                    "and the declared one does not",
                    f'if they still send for you: "{spf.text(both)}"',
                ),
                severity="warning",
            )


def _spf(record: Record) -> spf.Record | None:
    """Return what an SPF record says; None where it is none, cannot be read, or leaves its text to us."""
    if (
        record.type != "TXT"
        or not record.address.name.endswith("/TXT/spf")
        or not isinstance(record.value, str)
    ):
        return None
    try:
        return spf.parse(text_of(record.value))
    except SyntaxProblem:
        return None


def _hint(desired: Desired, address: Address, rule: str, text: str, fix: str) -> Finding:
    where = desired.where(address)
    return Finding(
        rule=rule,
        severity="hint",
        text=text,
        fix=fix,
        file=where.file if where else "",
        line=where.line if where else 0,
        column=where.column if where else 0,
    )
