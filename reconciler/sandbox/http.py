"""HTTP/1.1 on loopback: connections, requests, answers; one thread for each connection.

Python's own http.server parses headers as e-mail, which costs more than all the rest of a
request; here are only the few headers that matter.  An answer is one write, so that Nagle's
algorithm and delayed acknowledgements never meet.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import BinaryIO

from reconciler.sandbox.answers import Answer
from reconciler.sandbox.request import Request

_HOST = "127.0.0.1"
_MAX_LINE = 65536
_MAX_BODY = 1024 * 1024  # a longer one is read and forgotten (crates/http/src/management/mod.rs:96)

# None closes the connection without an answer.
Handler = Callable[[Request], Answer | None]


class HttpServer:
    """Listens on a port of the loopback interface and answers with what the handler returns."""

    def __init__(
        self, port: int, handler: Handler, is_open: Callable[[], bool], now: Callable[[], float]
    ) -> None:
        """Bind the port (0: any free one).  `is_open` says whether a new connection is to be served."""
        self._handler = handler
        self._now = now
        self._is_open = is_open
        self._listener = socket.create_server((_HOST, port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._waker, self._wake = socket.socketpair()
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._acceptor = threading.Thread(target=self._accept, name="sandbox", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """Stop listening, cut every connection, and wait until no request is being carried out."""
        self._waker.close()
        self._acceptor.join()
        self._wake.close()
        self._listener.close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while all(key.fileobj is self._listener for key, _ in selector.select()):
                try:
                    connection, _ = self._listener.accept()
                except ConnectionError:
                    continue
                if not self._is_open():
                    connection.close()
                    continue
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._connections.add(connection)
                self._threads.add(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            # A client that goes away in the middle is its own affair.
            with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
                self._converse(stream, connection)
        finally:
            self._connections.discard(connection)
            self._threads.discard(threading.current_thread())

    def _converse(self, stream: BinaryIO, connection: socket.socket) -> None:
        lives_on = True
        while lives_on and (read := _read(stream, connection)):
            request, lives_on = read
            answer = self._handler(request)
            if answer is None:
                return
            connection.sendall(_written(answer, self._now(), is_head=request.method == "HEAD"))


def _read(stream: BinaryIO, connection: socket.socket) -> tuple[Request, bool] | None:
    """Return the next request, and whether the connection lives on; None when there is no more.

    What is no HTTP/1 request ends the connection.
    """
    words = stream.readline(_MAX_LINE).split()
    if len(words) != 3:
        return None
    method, target, protocol = (word.decode("latin-1") for word in words)
    headers = {}
    while (line := stream.readline(_MAX_LINE)).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit():
        return None
    body = stream.read(int(length))
    if len(body) < int(length):
        return None
    path, _, query = target.partition("?")
    request = Request(
        method=method,
        path=path,
        query=query,
        authorization=headers.get("authorization"),
        body=body if len(body) <= _MAX_BODY else None,
    )
    return request, protocol == "HTTP/1.1" and headers.get("connection", "").lower() != "close"


def _written(answer: Answer, now: float, *, is_head: bool) -> bytes:
    reason = HTTPStatus(answer.status).phrase
    headers = [f"HTTP/1.1 {answer.status} {reason}", f"content-length: {len(answer.body)}"]
    headers.append(f"date: {formatdate(now, usegmt=True)}")
    if answer.type:
        headers.append(f"content-type: {answer.type}")
    headers += [f"{name}: {value}" for name, value in answer.headers]
    head = "\r\n".join([*headers, "", ""]).encode("latin-1")
    return head if is_head else head + answer.body
