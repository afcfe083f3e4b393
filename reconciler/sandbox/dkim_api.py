"""/api/dkim: make a signing key, read the public half of one.

Both halves live in the settings, under signature.<id>; there is no way to delete but to clear
those keys.  Signing would begin with the next reload, the public half can be read at once.
"""

from __future__ import annotations

import re
import time
from typing import Final

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import (
    Answer,
    RefusedError,
    already_exists,
    bad_parameters,
    data,
    no_such_path,
    other,
    quoted,
)
from reconciler.sandbox.dkim_keys import UnreadableKeyError, made_key, public_key
from reconciler.sandbox.request import Request, decoded, path_element
from reconciler.sandbox.settings import Settings

_HEADERS: Final = ("From", "To", "Date", "Subject", "Message-ID")


def dkim_api(settings: Settings, request: Request, caller: Caller) -> Answer:
    """Answer a request below /api/dkim."""
    match request.method:
        case "GET":
            caller.need("dkim-signature-get")
            if len(request.segments) < 3:
                raise no_such_path()
            as_form = settings.version.decodes_paths_as_forms
            return data(_public(settings, path_element(request.segments[2], as_form=as_form)))
        case "POST":
            caller.need("dkim-signature-create")
            return _create(settings, request.body or b"")
    raise no_such_path()


def key_algorithm(value: str | None) -> str | None:
    """Return rsa or ed25519 from a setting such as "rsa-sha256"; None where the server knows neither."""
    name, dash, _ = (value or "").partition("-")
    return name if dash and name in ("rsa", "ed25519") else None


def _public(settings: Settings, name: str) -> str:
    pem = settings.get(f"signature.{name}.private-key")
    algorithm = key_algorithm(settings.get(f"signature.{name}.algorithm"))
    if pem is None or algorithm is None:
        raise no_such_path()
    try:
        return public_key(algorithm, pem)
    except UnreadableKeyError as error:
        # Also for a macro as the value, which the database does not expand.
        raise other("Failed to decode private key") from error


def _create(settings: Settings, body: bytes) -> Answer:
    algorithm, domain, name, selector = _read(body)
    kind = algorithm.lower()
    name = name if name is not None else f"{kind}-{domain}"
    key = f"signature.{name}.private-key"
    before = settings.get(key)
    if before is not None:
        # This hands the private key to the client, and from there into logs.
        raise already_exists(key, before)
    if selector is None:
        selector = time.strftime("%Y%m", time.gmtime()) + kind[0]
    settings.insert(
        (f"signature.{name}.{field}", value)
        for field, value in {
            "private-key": made_key(algorithm, f"{name}/{settings.next_key_number()}"),
            "domain": domain,
            "selector": selector,
            "algorithm": f"{kind}-sha256",
            "canonicalization": "relaxed/relaxed",
            **{f"headers.{number}": header for number, header in enumerate(_HEADERS)},
            "report": "false",
        }.items()
    )
    return data(None)


def _read(body: bytes) -> tuple[str, str, str | None, str | None]:
    """Return algorithm, domain, id and selector.  Here alone a 400 tells the parser's reason."""
    try:
        value = decoded(body)
    except RefusedError as error:
        raise bad_parameters("expected value at line 1 column 1") from error
    match value:
        case {"algorithm": "Rsa" | "Ed25519" as algorithm, "domain": str(domain), **rest}:
            name, selector = rest.get("id"), rest.get("selector")
            if isinstance(name, str | None) and isinstance(selector, str | None):
                return algorithm, domain, name, selector
        case {"algorithm": str(unknown)}:
            if unknown in ("Rsa", "Ed25519"):
                raise bad_parameters(f"missing field `domain` {_place(body.rstrip())}")
            detail = f"unknown variant `{unknown}`, expected `Rsa` or `Ed25519`"
            found = re.search(rb'"algorithm"\s*:\s*' + re.escape(quoted(unknown).encode()), body)
            raise bad_parameters(f"{detail} {_place(body[: found.end()] if found else body)}")
        case dict() if "algorithm" not in value:
            raise bad_parameters(f"missing field `algorithm` {_place(body.rstrip())}")
    raise bad_parameters(f"invalid type, expected a string {_place(body.rstrip())}")


def _place(read: bytes) -> str:
    """Return where a parser stands that has read so far."""
    lines = read.split(b"\n")
    return f"at line {len(lines)} column {len(lines[-1])}"
