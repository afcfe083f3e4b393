"""/api/principal: routes, permissions, and the side effects of a write."""

from __future__ import annotations

from reconciler.sandbox.access import Caller
from reconciler.sandbox.answers import Answer, bad_parameters, data, no_such_path, unknown_item, unsupported
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.patch import read_changes
from reconciler.sandbox.principal import TYPES
from reconciler.sandbox.principal_create import create_principal, read_new_principal
from reconciler.sandbox.principal_patch import patch_principal
from reconciler.sandbox.principal_read import listed, shown
from reconciler.sandbox.request import Request, path_element
from reconciler.sandbox.settings import Settings

_LISTED = ("individual", "group", "list", "domain", "tenant", "role", "apiKey", "oauthClient", "resource")


def principals_api(directory: Directory, settings: Settings, request: Request, caller: Caller) -> Answer:
    """Answer a request below /api/principal."""
    element = request.segments[2] if len(request.segments) > 2 else None
    match request.method, element:
        case "POST", None:
            return _create(directory, settings, request, caller)
        case "POST", "deploy" if directory.version.has_deploy:
            # Differs from the plain POST only where accounts live in LDAP or SQL.
            return _create(directory, settings, request, caller)
        case "GET", None:
            return _list(directory, request, caller)
        case "DELETE", None:
            return _delete_all(directory, request, caller)
        case _, None:
            raise no_such_path()
    return _one(directory, request, caller, element or "")


def _create(directory: Directory, settings: Settings, request: Request, caller: Caller) -> Answer:
    new = read_new_principal(request.json(), directory.version)
    caller.need(f"{TYPES[new.type]}-create")
    number = create_principal(directory, new, caller)
    if new.type == "domain" and settings.get("report.domain") is None:
        # The first domain becomes the domain of the reports.
        settings.insert([("report.domain", directory.by_id[number].name)])
    return data(number)


def _list(directory: Directory, request: Request, caller: Caller) -> Answer:
    parameters = request.parameters()
    named = parameters.get("types") or parameters.get("type", "")
    types = {"individual" if name == "superuser" else name for name in named.split(",") if name in TYPES}
    # Unknown types are ignored: when nothing is left, every type is meant.
    for kind in types or _LISTED:
        caller.need(f"{TYPES[kind]}-list")
    if "tenant" in types:
        raise unsupported("Enterprise feature")
    if request.query not in directory.answers:
        directory.answers[request.query] = data(listed(directory, parameters, types))
    return directory.answers[request.query]


def _delete_all(directory: Directory, request: Request, caller: Caller) -> Answer:
    """Delete every principal of a type.  The server does it after the answer, the sandbox before."""
    parameters = request.parameters()
    kind = parameters.get("type", "")
    if kind not in TYPES:
        raise bad_parameters("Invalid type")
    if parameters.get("confirm") != "true":
        raise bad_parameters("Missing confirmation parameter")
    caller.need(f"{TYPES[kind]}-delete")
    found = [principal for principal in directory.by_id.values() if principal.type == kind]
    for principal in found:
        directory.remove(principal)
    return data(bool(found))


def _one(directory: Directory, request: Request, caller: Caller, element: str) -> Answer:
    name = path_element(element, as_form=directory.version.decodes_paths_as_forms)
    principal = directory.get(name)
    if not principal:
        raise unknown_item(name)
    kind = TYPES[principal.type]
    match request.method:
        case "GET":
            caller.need(f"{kind}-get")
            return data(shown(directory, principal))
        case "DELETE":
            caller.need(f"{kind}-delete")
            directory.remove(principal)
            return data(None)
        case "PATCH":
            caller.need(f"{kind}-update")
            patch_principal(directory, principal, read_changes(request.json(), directory.version), caller)
            return data(None)
    raise no_such_path()
