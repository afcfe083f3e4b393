"""From path and method to the code that answers; who asks is settled first on /api.

The order of the checks is the server's (crates/http/src/request.rs, v0.15.5): on /api even an
unknown path is 401 before it is 404, and an unknown method is 404 as well.
"""

from __future__ import annotations

from reconciler.sandbox.access import Caller, authenticated
from reconciler.sandbox.answers import JSON as JSON_TYPE
from reconciler.sandbox.answers import (
    PROBLEM,
    Answer,
    RefusedError,
    bad_parameters,
    data,
    encoded,
    no_such_path,
    other,
    problem,
    unsupported,
)
from reconciler.sandbox.dkim_api import dkim_api
from reconciler.sandbox.dns import records
from reconciler.sandbox.permissions import permissions_of
from reconciler.sandbox.principal import is_app_password, is_otp
from reconciler.sandbox.principals_api import principals_api
from reconciler.sandbox.reload import shown
from reconciler.sandbox.request import Request, number, path_element
from reconciler.sandbox.session import session
from reconciler.sandbox.settings_api import settings_api
from reconciler.sandbox.state import State


def answer(state: State, request: Request, port: int) -> Answer:
    """Carry out one request and return its answer.  The caller holds the state's lock."""
    try:
        return _answer(state, request, port)
    except RefusedError as refused:
        return refused.answer


def _answer(state: State, request: Request, port: int) -> Answer:
    match request.method, request.segments:
        case "OPTIONS", ["api", *_]:
            return Answer(204, PROBLEM, b"")
        case _, ["api", *_]:
            return _api(state, request, _caller(state, request))
        case _, ["healthz", "live" | "ready", *_]:
            return problem(200, "OK" if state.version.titles_health else None, "OK")
        case "GET", ["jmap", "session", *_] if state.version.has_session_path:
            caller = _caller(state, request) if request.authorization else None
            return _session(state, port, caller)
        case "GET", [".well-known", "jmap", *_]:
            if not state.version.has_session_path:
                return _session(state, port, _caller(state, request))
            return Answer(307, "", b"", (("location", "/jmap/session"), ("cache-control", "no-cache")))
    raise no_such_path()


def _caller(state: State, request: Request) -> Caller:
    return authenticated(state.directory, state.active.fallback_admin, request.authorization)


def _session(state: State, port: int, caller: Caller | None) -> Answer:
    return Answer(200, JSON_TYPE, encoded(session(state.version, state.active.hostname, port, caller)))


def _api(state: State, request: Request, caller: Caller) -> Answer:
    match request.method, request.segments[1:]:
        case _, ["settings", *_]:
            return settings_api(state.settings, request, caller)
        case _, ["principal", *_]:
            return principals_api(state.directory, state.settings, request, caller)
        case _, ["dkim", *_]:
            return dkim_api(state.settings, request, caller)
        case _, ["reload", *rest]:
            caller.need("settings-reload")
            return _reload(state, request, rest[0] if rest else "")
        case "GET", ["dns", "records", domain, *_]:
            caller.need("domain-get")
            name = path_element(domain, as_form=state.version.decodes_paths_as_forms)
            return data(records(state.settings, state.active, name))
        case _, ["oauth", *_]:
            caller.need("authenticate-oauth")
            return _version(state, request, caller)
        case "GET", ["account", "auth", *_]:
            caller.need("manage-passwords")
            return _own_secrets(caller)
        case "GET", ["logs", *_]:
            caller.need("logs-view")
            return _logs(state, request)
        case "GET", ["queue", "messages"]:
            caller.need("message-queue-list")
            return data({"items": [], "total": 0, "status": True})
        case "GET", ["queue", "status"]:
            caller.need("message-queue-get")
            return data(True)
    raise no_such_path()


def _reload(state: State, request: Request, what: str) -> Answer:
    if request.method != "GET":
        raise no_such_path()
    match what:
        case "server.blocked-ip":
            return data(shown(state.reload_blocked()))
        case "certificate" | "lookup":
            return data(shown(state.reload_certificates()))
        case _:
            # Any value makes it a dry run, "false" as well; without a value it is none.
            return data(shown(state.reload(dry_run="dry-run" in request.parameters())))


def _version(state: State, request: Request, caller: Caller) -> Answer:
    """Issue a login code.  What counts is what comes with it: the version and one's permissions."""
    match request.json():
        case {"type": "code", "client_id": str(), **rest}:
            redirect = rest.get("redirect_uri")
            if not isinstance(redirect, str | None):
                raise bad_parameters()
            if redirect and redirect.startswith("http://"):
                raise other("Redirect URI must be HTTPS.")
            everything = permissions_of("admin", state.version)
            return data(
                {
                    "code": "made-by-the-sandbox",
                    "permissions": sorted(caller.permissions & everything),
                    "version": state.version.number,
                    "isEnterprise": False,
                }
            )
    raise bad_parameters()


def _own_secrets(caller: Caller) -> Answer:
    secrets = caller.principal.secrets if caller.principal else []
    names = [secret.split("$")[2] for secret in secrets if is_app_password(secret)]
    return data({"otpEnabled": any(map(is_otp, secrets)), "appPasswords": names})


def _logs(state: State, request: Request) -> Answer:
    """Return the starts of the server, newest first: all that the sandbox logs."""
    if not state.active.logs:
        raise unsupported("Tracer log path not configured")
    version = state.version.number
    details = f'version = "{version}"' if state.version.quotes_itself else f"version = {version}"
    event = f"Starting {state.version.product} v{version}"
    parameters = request.parameters()
    entries = [
        {
            "timestamp": start,
            "level": "INFO",
            "event": event,
            "event_id": "server.startup",
            "details": details,
        }
        for start in reversed(state.starts)
        if parameters.get("filter", "") in f"{start} INFO {event} (server.startup) {details}"
    ]
    limit = number(parameters.get("limit"), 100)
    start = max(number(parameters.get("page")) - 1, 0) * limit
    return data({"items": entries[start : start + limit], "total": len(entries)})
