"""A saved plan: its JSON -> a Plan to show, and whether a plan made now is the same or what is left of it.  Pure.

A plan file is a public artefact: it holds addresses and values, and no secret.  Nothing is applied
from it; the plan is always made again and compared with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.diff import MARKS_ONLY, Change, FieldChange, Verb
from reconciler.errors import InputError, Problem, Where
from reconciler.guard import Held
from reconciler.plan import Phase, Plan, Wave
from reconciler.resource import UNSET, Address, Pending, plain
from reconciler.state import Activate, Finding, System

FORMAT = 1


def parse(text: str, file: str) -> Plan:
    """Return the plan of a file, as far as it can be shown: changes without their resources."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise _unusable(file, f"It is not JSON: {error}") from None
    if not isinstance(data, dict) or "plan_id" not in data or "waves" not in data:
        raise _unusable(
            file, "It is JSON, but not a plan of mailstack's. Make one with: mailstack plan --out FILE"
        )
    if data.get("format") != FORMAT:
        raise _unusable(
            file,
            f"It has the format {data.get('format')!r}, and this version reads format {FORMAT}. Make the plan again.",
        )
    try:
        return _plan(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(
            file, f"A part of it is missing or of the wrong kind ({error}). Make the plan again."
        ) from None


def what_moved(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """Return why the fresh plan is not the saved one nor what is left of it; nothing when it is.

    What the saved plan would have done and the fresh one does not is done already.  Adoptions and
    left-over activations do not count.
    """
    if saved.stack != fresh.stack:
        return (f"The plan is for the stack {saved.stack}, and this one is {fresh.stack}.",)
    known = {_signature(change) for change in saved.changes}
    planned = {change.address: change for change in saved.changes}
    held = {(h.change.address, h.change.verb) for h in saved.held}
    moved = []
    for change in fresh.changes:
        if change.verb in MARKS_ONLY or change.verb is Verb.ACTIVATE or _signature(change) in known:
            continue
        if (change.address, change.verb) in held:
            why = "it was held"
        elif change.address in planned:
            why = _difference(planned[change.address], change)
        else:
            why = "the saved plan has no such change"
        moved.append(f"{change.verb.value} {change.address}: {why}")
    return tuple(moved)


def _difference(saved: Change, fresh: Change) -> str:
    """Return what differs between two changes of one resource, field by field."""
    from deepdiff import DeepDiff

    found = DeepDiff(_told(saved), _told(fresh), ignore_order=True, view="tree")
    lines = [
        f"{'.'.join(str(key) for key in level.path(output_format='list'))} was {_shown(level.t1)}, is {_shown(level.t2)}"
        for levels in found.values()
        for level in levels
    ]
    return "; ".join(sorted(lines))


def _told(change: Change) -> dict[str, Any]:
    fields = {
        f.path: {"before": plain(f.before), "after": plain(f.after)} for f in change.fields if not f.secret
    }
    secrets = {f.path: "changes" for f in change.fields if f.secret}
    return {"verb": change.verb.value, **fields, **secrets}


def _shown(value: object) -> str:
    if value is None or type(value).__name__ == "NotPresent":
        return "nothing"
    if isinstance(value, dict):
        return f"{_shown(value.get('before'))} -> {_shown(value.get('after'))}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or '""'


def _signature(change: Change) -> str:
    fields = [
        [f.path, "secret"] if f.secret else [f.path, plain(f.before), plain(f.after)] for f in change.fields
    ]
    return json.dumps([str(change.address), change.verb.value, str(change.renamed_from or ""), fields])


def _plan(data: Mapping[str, Any]) -> Plan:
    changes = {item["address"]: _change(item) for item in data["changes"]}
    waves = tuple(
        Wave(
            phase=Phase[item["phase"].upper().replace("-", "_")],
            system=item["system"],
            changes=tuple(changes[address] for address in item["addresses"]),
            activate=Activate(item["activation"]),
        )
        for item in data["waves"]
    )
    held = tuple(
        Held(
            change=_change(item),
            rule=item["rule"],
            why=item["why"],
            release=item["release"],
            how=item["how"],
        )
        for item in data["held"]
    )
    return Plan(
        stack=data["stack"]["name"],
        domains=tuple(data["stack"]["domains"]),
        systems=tuple(
            System(label=s["name"], title=s["title"], kind=s["kind"], version=s["version"], where=s["where"])
            for s in data["systems"]
        ),
        waves=waves,
        held=held,
        needs={},
        notes=tuple(data["notes"]),
        findings=tuple(
            Finding(
                rule=f["rule"],
                severity=f["severity"],
                text=f["text"],
                fix=f["fix"],
                file=f["file"],
                line=f["line"],
                column=f["column"],
            )
            for f in data["findings"]
        ),
        unmanaged={kind: tuple(names) for kind, names in data["unmanaged"].items()},
        beside=dict(data["beside"]),
        plan_id=data["plan_id"],
        complete=data["complete"],
    )


def _change(item: Mapping[str, Any]) -> Change:
    renamed_from = item.get("renamed_from")
    return Change(
        address=Address.parse(item["address"]),
        verb=Verb(item["verb"]),
        fields=tuple(_field(field) for field in item["fields"]),
        renamed_from=Address.parse(renamed_from) if renamed_from else None,
        reason=item["reason"],
    )


def _field(item: Mapping[str, Any]) -> FieldChange:
    if item.get("secret"):
        return FieldChange(path=item["path"], before=None, after=None, secret=True)
    after = Pending(Address("", ""), "") if item.get("pending") else _value(item["after"])
    before = _value(item["before"]) if "before" in item else UNSET
    return FieldChange(path=item["path"], before=before, after=after)


def _value(value: Any) -> object:
    return frozenset(value) if isinstance(value, list) else value


def _unusable(file: str, detail: str) -> InputError:
    return InputError(
        Problem(
            where=Where(file=file),
            summary="this is no plan that can be used",
            detail=detail,
            rule="plan-file",
        )
    )
