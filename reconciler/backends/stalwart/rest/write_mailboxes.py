"""The steps of one wave, sent one after the other; the server has no guard against two writers at once.

A write whose end is not known (a 5xx, a connection that broke) is never blindly repeated: the
principal is read, and only where nothing of it is to be seen the write is sent once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.http import Refused, Uncertain, Wire
from reconciler.backends.stalwart.passwords import stored_form
from reconciler.backends.stalwart.rest import requests
from reconciler.backends.stalwart.rest.mailboxes import Step, Target, steps_of, targets_of
from reconciler.backends.stalwart.rest.principals import Index, Principal, principal_of
from reconciler.backends.stalwart.rest.requests import Operation
from reconciler.backends.stalwart.versions import Traits
from reconciler.diff import Change
from reconciler.errors import MailstackError, Problem, ReadError, WriteError
from reconciler.kinds.account import Account
from reconciler.outcome import Outcome, Status
from reconciler.resource import UNSET


def write(
    wire: Wire, traits: Traits, index: Index, changes: Sequence[Change], secret_of: SecretOf
) -> Iterator[Outcome]:
    """Make the changes and yield an outcome for each when its step is through."""
    targets = targets_of(changes, index)
    names = _Names(index, targets)
    failed: dict[str, str] = {}  # what later steps must not build on: a name or address, and why
    for step in steps_of(targets, index):
        cause = next((failed[n] for n in _needs(step.target, names, index) if n in failed), None)
        try:
            if cause is not None:
                yield from _outcomes(step, Status.SKIPPED, cause)
                _note_failure(step.target, failed)
                continue
            _send(wire, traits, step, names, secret_of)
        except MailstackError as error:
            _note_failure(step.target, failed)
            yield from _outcomes(step, Status.FAILED, str(error))
            continue
        if not step.release_only:
            yield from _outcomes(step, Status.DONE, "")


class _Names:
    """Which name a primary address has on the server, now and after the steps of this wave."""

    def __init__(self, index: Index, targets: Sequence[Target]) -> None:
        self._index = index
        self._made = {
            t.address.name: requests.name_of(t)
            for t in targets
            if not t.delete and t.address.kind != "domain"
        }

    def __call__(self, address: str) -> str | None:
        if address in self._made:
            return self._made[address]
        principal = self._index.of(address)
        return principal.name if principal is not None else None


def _needs(target: Target, names: _Names, index: Index) -> Iterator[str]:
    """Yield what must not have failed before: the domains, the former holders and the new members."""
    if target.delete:
        return
    for email in target.claims:
        yield f"domain {email.rpartition('@')[2]}"
        holder = index.by_address.get(email)
        if holder is not None and holder is not target.principal:
            yield holder.primary
    resource = target.create or (target.update.after if target.update else None)
    members = getattr(resource, "members", None)
    if isinstance(members, frozenset):
        yield from sorted(members)


def _note_failure(target: Target, failed: dict[str, str]) -> None:
    is_domain = target.address.kind == "domain"
    failed[f"domain {target.address.name}" if is_domain else target.address.name] = (
        f"It needs {target.address}, which failed."
    )


def _outcomes(step: Step, status: Status, detail: str) -> Iterator[Outcome]:
    for change in step.target.changes:
        yield Outcome(address=change.address, verb=change.verb, status=status, detail=detail)


def _send(wire: Wire, traits: Traits, step: Step, names: _Names, secret_of: SecretOf) -> None:
    target = step.target
    if target.delete:
        _delete(wire, target)
    elif step.release_only:
        _patch(wire, target, requests.release(target))
    elif target.principal is not None and target.create is None:
        password = _password(target, secret_of)
        if operations := requests.operations(target, names, password, traits):
            _patch(wire, target, operations)
    elif target.create is not None:
        _create(wire, target, requests.creation(target, names, _password(target, secret_of)))
    else:
        raise WriteError(
            Problem(summary=f"{target.address} is not on the server", detail="So it cannot hold an address.")
        )


def _password(target: Target, secret_of: SecretOf) -> str | None:
    """Return the password to store, where this step sets one.  It is opened here and not before."""
    is_new = isinstance(target.create, Account) and target.create.password is not UNSET
    is_raised = target.update is not None and any(f.path == "password" for f in target.update.fields)
    return stored_form(secret_of(target.address)) if is_new or is_raised else None


def _path(name: str) -> str:
    # An empty name would be DELETE /api/principal/, and without the slash all of a type go.
    assert name
    return f"/api/principal/{quote(name, safe='')}"


def _create(wire: Wire, target: Target, body: dict[str, Any]) -> None:
    def is_there(found: Principal | None) -> bool:
        return found is not None and found.emails[:1] == tuple(body.get("emails", ())[:1])

    _surely(wire, "POST", "/api/principal", body, str(body["name"]), is_there)


def _patch(wire: Wire, target: Target, operations: list[Operation]) -> None:
    assert target.principal is not None
    renamed = next((op["value"] for op in operations if op["field"] == "name"), target.principal.name)

    def is_there(found: Principal | None) -> bool:
        return found is not None and all(_holds(found, op) for op in operations)

    _surely(wire, "PATCH", _path(target.principal.name), operations, str(renamed), is_there)


def _delete(wire: Wire, target: Target) -> None:
    if target.principal is None:
        return
    try:
        _surely(
            wire, "DELETE", _path(target.principal.name), None, target.principal.name, lambda p: p is None
        )
    except Refused as error:
        if error.code != "notFound":
            raise


def _surely(
    wire: Wire,
    method: str,
    path: str,
    body: object,
    name: str,
    is_there: Callable[[Principal | None], bool],
) -> None:
    """Send a write; where its end is not known, read, and send it once more if nothing has happened."""
    try:
        wire.write(method, path, body)
        return
    except Uncertain as error:
        try:
            found = _read(wire, name)
        except ReadError:
            raise error from None
        if is_there(found):
            return
    wire.write(method, path, body)


def _read(wire: Wire, name: str) -> Principal | None:
    try:
        return principal_of(wire.get(_path(name)))
    except Refused as error:
        if error.code == "notFound":
            return None
        raise ReadError(*error.problems) from error


def _holds(found: Principal, operation: Mapping[str, Any]) -> bool:
    """Is the effect of one operation to be seen?"""
    value = operation["value"]
    field = {
        "emails": set(found.emails),
        "description": found.description,
        "quota": found.quota,
        "name": found.name,
        "secrets": set(found.secrets),
        "roles": found.roles,
        "members": found.members,
        "externalMembers": found.externals,
        "disabledPermissions": found.disabled_permissions,
    }[operation["field"]]
    match operation["action"]:
        case "set":
            return bool(field == (set(value) if isinstance(value, list) else value))
        case "addItem":
            return value in field  # type: ignore[operator]
        case _:
            return value not in field  # type: ignore[operator]
