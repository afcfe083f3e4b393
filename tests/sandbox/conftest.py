"""A client that hides nothing: status, content type and JSON of each answer."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest

from reconciler.sandbox import VERSIONS, Sandbox

ADMIN = "admin:admin-pw"


@dataclass(frozen=True)
class Reply:
    status: int
    type: str | None
    json: object
    realms: str | None


class Client:
    """Asks one sandbox; every request is a connection of its own."""

    def __init__(self, port: int, version: str) -> None:
        self.port = port
        self.version = version

    def ask(self, method, path, value=None, *, body=None, auth=ADMIN) -> Reply:
        headers = {"Authorization": "Basic " + base64.b64encode(auth.encode()).decode()} if auth else {}
        if body is None and value is not None:
            body = json.dumps(value, separators=(",", ":")).encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read()
            return Reply(
                response.status,
                response.getheader("content-type"),
                json.loads(text) if text else None,
                response.getheader("www-authenticate"),
            )

    def get(self, path, auth=ADMIN):
        return self.ask("GET", path, auth=auth).json

    def post(self, path, value, auth=ADMIN):
        return self.ask("POST", path, value, auth=auth).json

    def patch(self, name, *changes, auth=ADMIN):
        """Changes are (action, field, value)."""
        body = [{"action": a, "field": f, "value": v} for a, f, v in changes]
        return self.ask("PATCH", f"/api/principal/{name}", body, auth=auth).json

    def delete(self, path, auth=ADMIN):
        return self.ask("DELETE", path, auth=auth).json

    def principal(self, name):
        return self.get(f"/api/principal/{name}")["data"]

    def create(self, kind, name, **fields):
        return self.post("/api/principal", {"type": kind, "name": name, **fields})

    def insert(self, *pairs, prefix=None, must_be_new=False):
        """Write settings; the pairs are (key, value)."""
        operation = {"type": "insert", "prefix": prefix, "values": pairs, "assert_empty": must_be_new}
        return self.post("/api/settings", [operation])

    def keys(self, *keys):
        return self.get(f"/api/settings/keys?keys={','.join(keys)}")["data"]

    def reload_errors(self, query=""):
        return self.get(f"/api/reload{query}")["data"]["errors"]

    def mx(self, domain="example.org"):
        return self.get(f"/api/dns/records/{domain}")["data"][0]["content"]


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Sandbox, Client]]]:
    """Start a sandbox with these arguments; it is stopped at the end of the test."""
    with ExitStack() as stack:

        def started(*args, **keywords) -> tuple[Sandbox, Client]:
            sandbox = stack.enter_context(Sandbox(*args, **keywords))
            return sandbox, Client(sandbox.port, sandbox.state.version.number)

        yield started


@pytest.fixture
def client(start) -> Client:
    """A client of a 0.15.5 that has the domain example.org."""
    return start(seed={"domains": ["example.org"]})[1]


@pytest.fixture(params=list(VERSIONS))
def every(start, request) -> Client:
    """A client of each version in turn, with the domain example.org."""
    return start(request.param, seed={"domains": ["example.org"]})[1]
