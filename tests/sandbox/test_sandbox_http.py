"""What a client sees of HTTP itself."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing

import pytest

FORBIDDEN_PATHS = ("/api/nope", "/api/principal/", "/api/settings", "/api")


@pytest.mark.parametrize("path", FORBIDDEN_PATHS)
def test_without_a_login_every_api_path_is_401(client, path):
    assert client.ask("GET", path, auth=None).status == 401


def test_an_unknown_path_is_404_after_the_login(client):
    assert client.ask("GET", "/api/nope").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/api/settings"), ("POST", "/api/settings/"), ("POST", "/api/reload"), ("GET", "/api/dkim")],
)
def test_a_wrong_method_and_a_trailing_slash_are_404(client, method, path):
    assert client.ask(method, path, []).status == 404


def test_a_missing_principal_is_no_404(client):
    reply = client.ask("PUT", "/api/principal/nobody", {})
    assert (reply.status, reply.json) == (200, {"error": "notFound", "item": "nobody"})


def test_a_body_of_more_than_a_megabyte_is_forgotten(client):
    body = b"[" + b" " * (1024 * 1024) + b"]"
    assert client.ask("POST", "/api/settings", body=body).status == 400
    assert client.ask("POST", "/api/settings", body=b"[ ]").status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xff"])
def test_what_is_no_json_is_400_without_a_reason(client, body):
    reply = client.ask("POST", "/api/principal", body=body)
    assert (reply.status, reply.json["detail"]) == (400, "JSON deserialization failed")


def test_a_connection_serves_many_requests(client):
    with closing(http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)) as connection:
        connection.connect()
        before = connection.sock
        for _ in range(3):
            connection.request("GET", "/healthz/live")
            connection.getresponse().read()
        assert before is connection.sock


def test_requests_may_be_sent_before_the_answers_are_read(client):
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        connection.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: connection.recv(65536), b""))
    assert text.count(b"HTTP/1.1 200 OK") == 3


def test_a_request_that_is_cut_off_is_not_carried_out(start):
    sandbox, client = start()
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(b"DELETE /api/settings/x HTTP/1.1\r\nContent-Length: 5\r\n\r\n[]")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert sandbox.requests == []


def test_head_has_no_body(client):
    with closing(http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)) as connection:
        connection.request("HEAD", "/healthz/live")
        assert connection.getresponse().read() == b""


def test_it_listens_on_loopback_only(start):
    sandbox, _ = start()
    assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"


@pytest.mark.parametrize("version", ["0.11.8", "0.12.2"])
def test_before_0_13_the_jmap_session_lies_elsewhere_and_needs_a_login(start, version):
    _, client = start(version)
    assert client.ask("GET", "/jmap/session").status == 404
    assert client.ask("GET", "/.well-known/jmap", auth=None).status == 401
    assert client.ask("GET", "/.well-known/jmap").json["username"] == "Fallback Administrator"


@pytest.mark.parametrize("version", ["0.13.4", "0.15.5"])
def test_from_0_13_on_anyone_may_see_the_session(start, version):
    _, client = start(version)
    session = client.ask("GET", "/jmap/session", auth=None).json
    assert (session["accounts"], session["username"]) == ({}, "")
    assert client.ask("GET", "/.well-known/jmap", auth=None).status == 307


def test_no_version_says_that_it_is_0_16(every):
    reply = every.ask("GET", "/jmap/session")
    assert reply.status == 404 or "urn:stalwart:jmap" not in reply.json["capabilities"]


def test_a_browser_may_ask_what_it_may_ask(client):
    assert client.ask("OPTIONS", "/api/principal", auth=None).status == 204


def test_the_queue_is_empty_and_running(client):
    assert client.get("/api/queue/status") == {"data": True}
    assert client.get("/api/queue/messages")["data"] == {"items": [], "total": 0, "status": True}


@pytest.mark.parametrize("path", ["/api/principal", "/api/principal/example.org"])
def test_principals_know_no_put(client, path):
    assert client.ask("PUT", path, {}).status == 404


def test_a_name_that_is_no_utf_8_is_taken_as_it_stands(client):
    assert client.get("/api/principal/%FF") == {"error": "notFound", "item": "%FF"}


@pytest.mark.parametrize(
    "body", [[], {"type": "code"}, {"type": "x"}, {"type": "code", "client_id": "x", "redirect_uri": 5}]
)
def test_a_login_code_needs_a_client(client, body):
    assert client.ask("POST", "/api/oauth", body).status == 400


def test_latency_makes_a_client_wait(start):
    _, client = start(latency=0.2)
    with socket.create_connection(("127.0.0.1", client.port), timeout=0.01) as connection:
        connection.sendall(b"GET /healthz/live HTTP/1.1\r\n\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_client_may_wait_for_leave_to_send_its_body(client):
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz/live HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_it_cannot_read_ends_the_connection(client, text):
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(text)
        assert connection.recv(1) == b""
