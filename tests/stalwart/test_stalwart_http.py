"""The client: reads are repeated, writes never, limits are waited out, and no answer is taken for another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from servers import PROBLEM, answering

from reconciler.backends.stalwart.http import Forbidden, Refused, Uncertain, Wire
from reconciler.config.secrets import Secret
from reconciler.errors import ReadError

JSON = "application/json; charset=utf-8"


@contextmanager
def wired(*answers: tuple[int, str, str]) -> Iterator[tuple[Wire, list, list]]:
    """Give a client of a server that gives these answers in turn, the last one for ever."""
    left = list(answers)

    def answer(*_):
        return left.pop(0) if len(left) > 1 else left[0]

    slept: list[float] = []
    with answering(answer) as server:
        wire = Wire(server.url, "admin", Secret("pw"), timeout=5, sleep=slept.append)
        try:
            yield wire, server.asked, slept
        finally:
            wire.close()


def problem(status: int, detail: str = "why") -> tuple[int, str, str]:
    return status, PROBLEM, json.dumps({"status": status, "title": "T", "detail": detail})


OK = (200, JSON, '{"data": {"a": "b"}}')


def test_the_data_of_an_answer_is_returned():
    with wired(OK) as (wire, asked, _):
        assert wire.get("/api/x") == {"a": "b"}
        assert asked == [("GET", "/api/x")]


def test_a_read_is_repeated_with_growing_pauses():
    with wired(problem(500), problem(503), OK) as (wire, asked, slept):
        assert wire.get("/api/x") == {"a": "b"}
        assert (len(asked), slept) == (3, [0.25, 0.5])


def test_a_read_is_given_up_after_four_times():
    with wired(problem(500)) as (wire, asked, slept):
        with pytest.raises(ReadError, match=r"/api/x answered 500\n    why"):
            wire.get("/api/x")
        assert (len(asked), slept) == (4, [0.25, 0.5, 1.0])


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_write_that_failed_on_their_side_is_uncertain_and_never_repeated(status):
    with wired(problem(status)) as (wire, asked, slept):
        with pytest.raises(Uncertain):
            wire.write("POST", "/api/x", {})
        assert (asked, slept) == ([("POST", "/api/x")], [])


def test_a_write_that_was_refused_did_nothing():
    refusal = '{"error": "fieldAlreadyExists", "field": "emails", "value": "canary-private-key"}'
    with wired((200, JSON, refusal)) as (wire, asked, _):
        with pytest.raises(Refused) as caught:
            wire.write("POST", "/api/x", {})
        assert (caught.value.code, caught.value.item) == ("fieldAlreadyExists", "emails")
        assert str(caught.value) == "The server says that this emails is taken already."
        assert len(asked) == 1


def test_a_write_to_nobody_did_nothing():
    wire = Wire("http://127.0.0.1:1", "admin", Secret("pw"), timeout=5, sleep=lambda _: None)
    with pytest.raises(Refused) as caught:
        wire.write("POST", "/api/x", {})
    wire.close()
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limit_is_waited_out_also_by_a_write(method):
    """429 comes before anything is done."""
    with wired(problem(429), problem(429), OK) as (wire, asked, slept):
        found = wire.get("/api/x") if method == "GET" else wire.write("POST", "/api/x", {})
        assert (found, len(asked), slept) == ({"a": "b"}, 3, [5.0, 5.0])


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7.0), ("3600", 30.0), ("Wed, 25 Nov 2026 18:00:00 GMT", 5.0), ("-1", 5.0)],
    ids=["seconds", "an hour", "a date", "nonsense"],
)
def test_a_server_may_say_how_long_to_wait(said, waited):
    with wired((*problem(429), {"Retry-After": said}), OK) as (wire, _, slept):
        assert wire.get("/api/x") == {"a": "b"}
        assert slept == [waited]


def test_a_limit_is_not_waited_out_for_ever():
    with wired(problem(429)) as (wire, _, slept):
        with pytest.raises(ReadError, match="limits our requests"):
            wire.get("/api/x")
        assert 65 <= sum(slept) <= 100


def test_too_many_wrong_logins_are_not_waited_out():
    """The next try would only prolong the ban."""
    with wired(problem(429, "Too Many Authentication Attempts")) as (wire, asked, slept):
        with pytest.raises(ReadError):
            wire.get("/api/x")
        assert (len(asked), slept) == (1, [])


def test_what_may_not_be_seen_is_not_absent():
    with wired(problem(403)) as (wire, asked, _), pytest.raises(Forbidden, match="admin may not use /api/x"):
        wire.get("/api/x")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [(200, "text/html", "<html>"), (200, JSON, "[]"), (502, "text/html", "<html>"), (404, "", "")],
    ids=["html", "a list", "bad gateway", "nothing"],
)
def test_what_is_no_stalwart_is_said_to_be_none(answer):
    with (
        wired(answer) as (wire, _, _),
        pytest.raises(ReadError, match="answered with something that is not Stalwart's"),
    ):
        wire.get("/api/x")


def test_each_request_is_told_without_its_query_and_body():
    told: list[str] = []
    with answering(lambda *_: OK) as server:
        wire = Wire(server.url, "admin", Secret("canary"), timeout=5, tell=told.append)
        wire.status_without_login("/api/first")
        wire.get("/api/x", {"q": "canary"})
        wire.write("POST", "/api/y", {"secret": "canary"})
        wire.close()

    assert told == [
        "GET /api/first -> 200, 20 bytes",
        "GET /api/x -> 200, 20 bytes",
        "POST /api/y -> 200, 20 bytes",
    ]


def test_the_first_question_comes_without_a_login():
    seen = []

    def answer(method, path, has_login):
        seen.append(has_login)
        return problem(401)

    with answering(answer) as server:
        wire = Wire(server.url, "admin", Secret("pw"), timeout=5)
        assert wire.status_without_login("/api/principal") == (401, PROBLEM, "")
        wire.close()

    assert (seen, wire.own_address) == ([False], "127.0.0.1")
