"""Servers that are no Stalwart, and a client that asks a server what we claim about it."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, str, str] | tuple[int, str, str, dict[str, str]]  # status, content type, text, headers
PROBLEM = "application/problem+json"


@dataclass
class Impostor:
    """Something that listens where a Stalwart should be.  asked are the (method, path)s, in order."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[str, str, bool], Answer]) -> Iterator[Impostor]:
    """Listen on loopback and answer what `answer(method, path, has a login)` says."""
    impostor = Impostor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            path = self.path.partition("?")[0]
            impostor.asked.append((self.command, path))
            status, kind, text, *more = answer(self.command, path, "authorization" in self.headers)
            body = text.encode()
            self.send_response(status)
            if kind:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for headers in more:
                for name, value in headers.items():
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    impostor.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield impostor
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Api:
    """Asks a server's management API, each time on a connection of its own."""

    url: str
    password: str
    login: str = "admin"

    def ask(self, method: str, path: str, value: object = None) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        token = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        body = None if value is None else json.dumps(value)
        with closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)) as connection:
            connection.request(method, path, body=body, headers={"Authorization": f"Basic {token}"})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None

    def data(self, method: str, path: str, value: object = None) -> Any:
        """Return the `data` of a granted request."""
        status, answer = self.ask(method, path, value)
        assert status == 200 and "data" in answer, (method, path, status, answer)
        return answer["data"]

    def store(self, settings: dict[str, str]) -> None:
        """Store settings by their keys."""
        body = {"type": "insert", "prefix": None, "values": list(settings.items()), "assert_empty": False}
        self.data("POST", "/api/settings", [body])

    def keys(self, *keys: str) -> dict[str, str]:
        return self.data("GET", f"/api/settings/keys?keys={','.join(keys)}")

    def below(self, prefix: str) -> dict[str, str]:
        return self.data("GET", f"/api/settings/list?prefix={prefix}")["items"]

    def principal(self, name: str) -> dict[str, Any]:
        return self.data("GET", f"/api/principal/{name}")

    def create(self, kind: str, name: str, *emails: str, **fields: object) -> None:
        """Create a principal; who is no domain has the role user unless the fields say otherwise."""
        body: dict[str, object] = {"type": kind, "name": name}
        if kind == "individual":
            body["roles"] = ["user"]
        if emails:
            body["emails"] = list(emails)
        self.data("POST", "/api/principal", body | fields)

    def patch(self, name: str, action: str, field: str, value: object) -> None:
        """Change one field of a principal."""
        self.data("PATCH", f"/api/principal/{name}", [{"action": action, "field": field, "value": value}])

    def names(self, *kinds: str) -> list[str]:
        path = f"/api/principal?types={','.join(kinds)}&fields=name&limit=0"
        return sorted(item["name"] for item in self.data("GET", path)["items"])

    def may_log_in(self, login: str, password: str) -> bool:
        """Does the server take this login?"""
        return Api(self.url, password, login).ask("GET", "/api/account/auth")[0] == 200
