"""A saved plan: its JSON -> a Plan to show.  Pure.

A plan file is a public artefact: it holds addresses and values, and no secret.  Nothing is applied
from it; the plan is always made again and compared with it (reviewed.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.diff import Change, FieldChange, Verb
from reconciler.errors import InputError, Problem, Where
from reconciler.guard import Held
from reconciler.kinds.record import Record, parts_of
from reconciler.plan import Plan
from reconciler.resource import UNSET, Address, Pending
from reconciler.state import Activate, Finding, System
from reconciler.waves import Phase, Wave

FORMAT = 1


def parse(text: str, file: str) -> Plan:
    """Return the plan of a file, as far as it can be shown: changes without their resources.

    The file may come from anywhere: every part is looked at.  InputError where one is not as it should be.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(file, f"It is not JSON: {error}") from None
    if not isinstance(data, dict) or "plan_id" not in data or "waves" not in data:
        raise _unusable(
            file, "It is JSON, but not a plan of mailstack's. Make one with: mailstack plan --out FILE"
        )
    if data.get("format") != FORMAT:
        raise _unusable(
            file,
            f"It has the format {data.get('format')!r:.40}, and this version reads format {FORMAT}. Make the plan again.",
        )
    try:
        return _plan(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(
            file, f"A part of it is missing or of the wrong kind ({error}). Make the plan again."
        ) from None


def discreet(plan: Plan) -> Plan:
    """Return the plan without the names of what is live and not declared: only their number.

    A saved plan is shown to whoever sees the pull request, and those names are nobody's business there.
    """
    numbers = Counter(plan.beside) + Counter({kind: len(names) for kind, names in plan.unmanaged.items()})
    return replace(plan, unmanaged={}, beside=dict(sorted(numbers.items())))


def _plan(data: Mapping[str, Any]) -> Plan:
    changes = {_text(item["address"]): _change(item) for item in data["changes"]}
    waves = tuple(
        Wave(
            phase=Phase[_text(item["phase"]).upper().replace("-", "_")],
            system=_text(item["system"]),
            changes=tuple(changes[address] for address in _texts(item["addresses"])),
            activate=Activate(item["activation"]),
        )
        for item in data["waves"]
    )
    allowed_deletes = data.get("allowed_deletes")
    return Plan(
        stack=_text(data["stack"]["name"]),
        domains=_texts(data["stack"]["domains"]),
        systems=tuple(map(_system, data["systems"])),
        waves=waves,
        held=tuple(map(_held, data["held"])),
        needs={},
        notes=_texts(data["notes"]),
        findings=tuple(map(_finding, data["findings"])),
        unmanaged={kind: _texts(names) for kind, names in data["unmanaged"].items()},
        beside={kind: _number(number) for kind, number in data["beside"].items()},
        plan_id=_text(data["plan_id"]),
        complete=bool(data["complete"]),
        released=_texts(data.get("released", [])),
        allowed_deletes=None if allowed_deletes is None else _number(allowed_deletes),
    )


def _system(item: Mapping[str, Any]) -> System:
    return System(
        label=_text(item["name"]),
        title=_text(item["title"]),
        kind=_text(item["kind"]),
        version=_text(item["version"]),
        where=_text(item["where"]),
    )


def _held(item: Mapping[str, Any]) -> Held:
    return Held(
        change=_change(item),
        rule=_text(item["rule"]),
        why=_text(item["why"]),
        release=_text(item["release"]),
        how=_text(item["how"]),
    )


def _finding(item: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=_text(item["rule"]),
        severity=_text(item["severity"]),
        text=_text(item["text"]),
        fix=_text(item["fix"]),
        file=_text(item["file"]),
        line=_number(item["line"]),
        column=_number(item["column"]),
    )


def _change(item: Mapping[str, Any]) -> Change:
    renamed_from = item.get("renamed_from")
    return Change(
        address=_address(item["address"]),
        verb=Verb(item["verb"]),
        fields=tuple(_field(field) for field in item["fields"]),
        renamed_from=None if renamed_from is None else _address(renamed_from),
        reason=_text(item["reason"]),
    )


def _address(value: object) -> Address:
    """Return an address, as whole as who tells of it expects: a record has a zone, a name and a type."""
    address = Address.parse(_text(value))
    if not address.kind or (address.kind == Record.KIND and parts_of(address) is None):
        raise ValueError(f"{value!r:.40} is no address")
    return address


def _field(item: Mapping[str, Any]) -> FieldChange:
    path = _text(item["path"])
    if item.get("secret"):
        return FieldChange(path=path, before=None, after=None, secret=True)
    after: object = _value(item["after"]) if "after" in item else UNSET
    if item.get("pending"):
        after = Pending(Address("", ""), "")
    before = _value(item["before"]) if "before" in item else UNSET
    return FieldChange(path=path, before=before, after=after)


def _value(value: object) -> object:
    if isinstance(value, list):
        return frozenset(_texts(value))
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{value!r:.40} is no value")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r:.40} is no text")


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_text, value))
    raise TypeError(f"{value!r:.40} is no list")


def _number(value: object) -> int:
    if isinstance(value, int):
        return value
    raise TypeError(f"{value!r:.40} is no number")


def _unusable(file: str, detail: str) -> InputError:
    return InputError(
        Problem(
            where=Where(file=file),
            summary="this is no plan that can be used",
            detail=detail,
            rule="plan-file",
        )
    )
