"""Who stands between mailstack and a real server, counts the requests, and may end things before or after one."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_PASSED_ON = ("authorization", "content-type", "accept")

Hook = Callable[[int, str, str, str], bool]
"""(number, method, path, `before` or `after` the server took it) -> is the connection closed without an answer?"""


@dataclass
class Between:
    """The url to use instead of the server's; requests are the (method, path)s so far."""

    url: str = ""
    on_request: Hook | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)

    def hangs_up(self, number: int, method: str, path: str, phase: str) -> bool:
        return self.on_request is not None and self.on_request(number, method, path, phase)


@contextmanager
def between(server: str) -> Iterator[Between]:
    """Listen on loopback and pass every request on to the server at this URL."""
    middle = Between()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            number, path = len(middle.requests), self.path.partition("?")[0]
            middle.requests.append((self.command, path))
            self.close_connection = True
            if middle.hangs_up(number, self.command, path, "before"):
                return
            connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read()
            connection.close()
            if middle.hangs_up(number, self.command, path, "after"):
                return
            self.close_connection = False
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.getheader("content-type", ""))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            try:
                self.wfile.write(text)
            except ConnectionError:
                return

        do_GET = do_POST = do_PATCH = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    middle.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield middle
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
