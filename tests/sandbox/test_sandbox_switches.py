"""What a test may let go wrong, and how a sandbox is run."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from contextlib import closing, suppress

import pytest

from reconciler.sandbox import Sandbox
from reconciler.sandbox.versions import version_named

NEW = {"type": "individual", "name": "jane"}
# Started by the tests of `serve`.
SERVE = """
import sys
from pathlib import Path
from reconciler.sandbox import Sandbox, serve
sandbox = Sandbox(config=Path(sys.argv[1]))
serve(sandbox, lambda text: print(text, flush=True))
print("ended", flush=True)
"""


def test_requests_and_writes_are_recorded(start):
    sandbox, client = start()
    client.get("/api/principal?types=domain")
    client.post("/api/oauth", {"type": "code", "client_id": "x"})
    client.post("/api/principal", NEW)
    client.post("/api/principal", NEW)
    client.delete("/api/settings/a%2Fb")
    assert sandbox.requests == [
        ("GET", "/api/principal?types=domain"),
        ("POST", "/api/oauth"),
        ("POST", "/api/principal"),
        ("POST", "/api/principal"),
        ("DELETE", "/api/settings/a%2Fb"),
    ]
    assert sandbox.requests[2:] == sandbox.writes


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_may_fail_with_a_500_before_or_after_it_takes_effect(start, when):
    sandbox, client = start()
    sandbox.fail_write(2, when)
    client.insert(["a", "1"])
    client.get("/api/principal")
    reply = client.ask("POST", "/api/principal", NEW)
    assert (reply.status, reply.json["title"]) == (500, "Internal Server Error")
    assert (when == "after") == ("data" in client.get("/api/principal/jane"))
    assert client.ask("POST", "/api/principal", NEW | {"name": "joe"}).status == 200


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_may_end_without_an_answer(start, when):
    sandbox, client = start()
    sandbox.fail_write(when=when, how="close")
    with pytest.raises(http.client.RemoteDisconnected):
        client.post("/api/principal", NEW)
    assert (when == "after") == ("data" in client.get("/api/principal/jane"))


def test_an_injected_error_blocks_reloads_until_it_is_lifted(start):
    sandbox, client = start()
    client.insert(["server.hostname", "mail.example.org"])
    sandbox.reload_error("session.timeout", "Invalid")
    assert client.reload_errors() == {"session.timeout": {"type": "build", "error": "Invalid"}}
    assert client.mx() != "10 mail.example.org."
    sandbox.reload_error("session.timeout", None)
    assert client.reload_errors() == {}
    assert client.mx() == "10 mail.example.org."


def test_a_ban_is_stored_and_in_force_at_once(start):
    sandbox, client = start()
    sandbox.ban("203.0.113.10")
    assert client.keys("server.blocked-ip.203.0.113.10") == {"server.blocked-ip.203.0.113.10": ""}
    assert {"203.0.113.10"} == sandbox.state.blocked
    client.delete("/api/settings/server.blocked-ip.203.0.113.10")
    assert {"203.0.113.10"} == sandbox.state.blocked
    client.get("/api/reload/server.blocked-ip")
    assert set() == sandbox.state.blocked


def test_a_banned_client_is_cut_off_without_a_word(start):
    sandbox, client = start()
    sandbox.close_connections = True
    with pytest.raises(ConnectionError):
        client.get("/healthz/live")
    sandbox.close_connections = False
    assert client.ask("GET", "/healthz/live").status == 200


def test_the_hook_sees_each_request_before_and_after_it_is_carried_out(start):
    sandbox, client = start()
    seen = []
    sandbox.on_request = lambda *step: seen.append((*step, "jane" in sandbox.state.directory.by_name))
    client.get("/api/principal")
    client.post("/api/principal", NEW)
    assert seen == [
        (0, "GET", "/api/principal", "before", False),
        (0, "GET", "/api/principal", "after", False),
        (1, "POST", "/api/principal", "before", False),
        (1, "POST", "/api/principal", "after", True),
    ]


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_hook_may_cut_the_connection(start, where):
    sandbox, client = start()
    sandbox.on_request = lambda number, method, path, phase: phase == where
    with pytest.raises(http.client.RemoteDisconnected):
        client.post("/api/principal", NEW)
    sandbox.on_request = None
    assert (where == "after") == ("data" in client.get("/api/principal/jane"))


def test_stop_waits_for_the_request_that_is_being_carried_out(start):
    sandbox, client = start()
    is_in, may_go_on = threading.Event(), threading.Event()

    def hold(number, method, path, phase):
        is_in.set()
        may_go_on.wait(10)

    sandbox.on_request = hold

    def ask():
        # The answer may or may not get through before the connection is cut.
        with suppress(OSError, http.client.HTTPException):
            client.post("/api/principal", NEW)

    asking = threading.Thread(target=ask)
    asking.start()
    is_in.wait(10)
    stopping = threading.Thread(target=sandbox.stop)
    stopping.start()
    may_go_on.set()
    stopping.join(10)
    asking.join(10)
    assert "jane" in sandbox.state.directory.by_name


def test_a_restart_keeps_port_and_data(start):
    sandbox, client = start()
    client.post("/api/principal", NEW)
    sandbox.restart()
    assert client.port == sandbox.port
    assert client.principal("jane")["name"] == "jane"


def test_start_and_stop_may_be_repeated(start):
    sandbox, client = start()
    sandbox.start()
    sandbox.stop()
    sandbox.stop()
    with pytest.raises(ConnectionRefusedError):
        client.get("/healthz/live")


def test_two_sandboxes_know_nothing_of_each_other(start):
    _, one = start()
    _, other = start()
    one.post("/api/principal", NEW)
    assert other.get("/api/principal")["data"]["total"] == 0


def test_requests_at_the_same_time_are_carried_out_one_after_another(start):
    _, client = start()
    threads = [
        threading.Thread(target=client.post, args=("/api/principal", {"name": f"u{number}"}))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [item["id"] for item in client.get("/api/principal")["data"]["items"]]
    assert list(range(1, 21)) == sorted(ids)


def test_a_version_that_nobody_plays_is_refused():
    with pytest.raises(
        ValueError, match=r"cannot play Stalwart '0.16.0', only 0.11.8, 0.12.2, 0.13.4, 0.15.5"
    ):
        version_named("0.16.0")


def test_a_seed_may_be_a_file(start, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(
        json.dumps(
            {
                "domains": ["example.org", "example.net"],
                "principals": [{"name": "jane", "emails": ["jane@example.net"], "roles": ["user"]}],
                "settings": {"server.hostname": "mail.example.org", "x.y": "1"},
            }
        )
    )
    _, client = start(seed=seed)
    assert client.principal("jane")["emails"] == ["jane@example.net"]
    assert client.keys("x.y", "report.domain") == {"x.y": "1", "report.domain": "example.org"}
    assert client.mx() == "10 mail.example.org."


@pytest.mark.parametrize(
    ("seed", "reason"),
    [
        (
            {"domain": ["x"]},
            "a seed is a mapping with some of the keys config_toml, domains, principals, settings",
        ),
        (
            {"principals": [{"name": "x", "emails": ["x@y"]}]},
            "the seed's principal 'x' is refused: .*notFound",
        ),
        ({"principals": [{"nope": 1}]}, "the seed's principal None is refused: .*deserialization"),
    ],
)
def test_a_seed_that_the_server_would_refuse_is_an_error(seed, reason):
    with pytest.raises(ValueError, match=reason):
        Sandbox(seed=seed)


def test_the_hostname_of_the_machine_may_be_chosen(start):
    _, client = start(hostname="Tower")
    assert client.mx() == "10 tower."


def test_the_admin_may_be_chosen(start):
    _, client = start(admin="root", password="s3cret")
    assert client.ask("GET", "/api/principal", auth="root:s3cret").status == 200
    assert client.ask("GET", "/api/principal").status == 401


@pytest.fixture
def served(tmp_path):
    """A process that serves a sandbox, and its config.toml."""
    config = tmp_path / "config.toml"
    command = [sys.executable, "-c", SERVE, str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process, config
        process.kill()


def told_port(process):
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    return int(line.rpartition(":")[2])


def health(port):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/healthz/live")
        return connection.getresponse().status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_peace_on_a_signal(served, number):
    process, _ = served
    assert health(told_port(process)) == 200
    process.send_signal(number)
    assert (process.stdout.readline(), process.wait(10)) == ("ended\n", 0)


def test_serve_restarts_on_sighup_and_tells_why_it_cannot(served):
    process, config = served
    port = told_port(process)
    good = config.read_text()
    config.write_text("broken")
    process.send_signal(signal.SIGHUP)
    assert process.stdout.readline() == "Invalid configuration file: Unexpected EOF at line 1\n"
    with pytest.raises(ConnectionRefusedError):
        health(port)
    config.write_text(good)
    process.send_signal(signal.SIGHUP)
    assert told_port(process) == port
    assert health(port) == 200
