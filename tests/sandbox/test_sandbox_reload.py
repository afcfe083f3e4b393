"""Stored is not active: what a reload puts in force, and what keeps it from doing so."""

from __future__ import annotations

import pytest

from reconciler.sandbox.sandbox import CONTAINER

PYZOR = {
    "type": "build",
    "error": "Invalid address: failed to lookup address information: Name or service not known",
}


def test_a_hostname_counts_after_the_reload(every):
    every.insert(["server.hostname", "mail.example.org"])
    assert f"10 {CONTAINER}." == every.mx()
    assert every.reload_errors() == {}
    assert every.mx() == "10 mail.example.org."


def test_the_database_may_set_the_hostname_when_the_file_does_not(every):
    every.insert(["lookup.default.hostname", "Mail.example.org"])
    every.reload_errors()
    assert every.mx() == "10 mail.example.org."
    every.insert(["server.hostname", "MX.example.org"])
    every.reload_errors()
    assert every.mx() == "10 MX.example.org."


def test_any_error_keeps_everything_as_it_was(every):
    every.insert(["server.hostname", "mail.example.org"], ["server.allowed-ip.10.0.0.0/33", ""])
    fault = {"type": "parse", "error": 'Invalid IP address "10.0.0.0/33"'}
    assert {"server.allowed-ip": fault} == every.reload_errors()
    assert f"10 {CONTAINER}." == every.mx()
    every.delete("/api/settings/server.allowed-ip.10.0.0.0%2F33")
    assert every.reload_errors() == {}
    assert every.mx() == "10 mail.example.org."


def test_a_start_takes_over_what_a_reload_refuses(start):
    sandbox, client = start(resolves=False)
    client.insert(["server.hostname", "mail.example.org"])
    assert client.reload_errors() == {"spam-filter.pyzor.host": PYZOR}
    sandbox.restart()
    assert client.mx() == "10 mail.example.org."


def test_without_name_resolution_no_reload_applies_until_pyzor_is_off(start):
    _, client = start(resolves=False)
    client.insert(["server.hostname", "mail.example.org"])
    assert client.reload_errors() == {"spam-filter.pyzor.host": PYZOR}
    assert f"10 {CONTAINER}." == client.mx()
    client.insert(["spam-filter.pyzor.enable", "false"])
    assert client.reload_errors() == {}
    assert client.mx() == "10 mail.example.org."


@pytest.mark.parametrize(
    ("query", "is_applied"),
    [
        ("", True),
        ("?dry-run", True),
        ("?dry-run=", True),
        ("?dry-run=true", False),
        ("?dry-run=false", False),
    ],
)
def test_a_dry_run_is_one_by_having_a_value(client, query, is_applied):
    client.insert(["server.hostname", "mail.example.org"])
    assert client.reload_errors(query) == {}
    assert is_applied == (client.mx() == "10 mail.example.org.")


def test_a_dry_run_still_replaces_the_blocked_addresses(start):
    sandbox, client = start()
    client.insert(["server.blocked-ip.192.0.2.1", ""], ["server.blocked-ip.198.51.100.0/24", ""])
    client.reload_errors("?dry-run=true")
    assert ({"192.0.2.1"}, frozenset()) == (sandbox.state.blocked, sandbox.state.active.blocked_networks)


def test_blocked_addresses_have_a_reload_of_their_own(start):
    sandbox, client = start(resolves=False)
    client.insert(
        ["server.blocked-ip.192.0.2.1", ""],
        ["server.blocked-ip.bad", ""],
        ["server.allowed-ip.192.0.2.2", ""],
    )
    fault = {"type": "parse", "error": 'Invalid IP address value "bad".'}
    assert {"server.blocked-ip": fault} == client.reload_errors("/server.blocked-ip")
    assert ({"192.0.2.1"}, frozenset()) == (sandbox.state.blocked, sandbox.state.active.allowed_ips)


@pytest.mark.parametrize(
    ("pairs", "errors"),
    [
        ([["server.allowed-ip.0000", "x"]], {"server.allowed-ip": 'Invalid IP address value "0000".'}),
        ([["server.blocked-ip.10.0.0.0/7", ""]], {"server.blocked-ip": 'Invalid IP address "10.0.0.0/7"'}),
        (
            [["server.allowed-ip.fe80::1%eth0", ""]],
            {"server.allowed-ip": 'Invalid IP address value "fe80::1%eth0".'},
        ),
        ([["acme.le.directory", "https://x"]], {"acme.le.contact": "Missing property"}),
        (
            [["acme.le.directory", "https://x"], ["acme.le.contact.0", "a@b"], ["acme.le.challenge", "x"]],
            {"acme.le.challenge": "Invalid challenge type"},
        ),
        ([["queue.limiter.inbound.x.enable", "true"]], {"queue.limiter.inbound.x.rate": "Missing property"}),
        ([["spam-filter.pyzor.enable", "no"]], {"spam-filter.pyzor.enable": 'Invalid boolean value "no".'}),
        ([["certificate.x.cert", "y"]], {"certificate.x.private-key": "Missing property"}),
        (
            [["certificate.x.cert", "y"], ["certificate.x.private-key", "z"]],
            {"certificate.x": "No certificates found."},
        ),
    ],
)
def test_a_fault_in_the_settings_is_named_by_its_key(client, pairs, errors):
    client.insert(*pairs)
    assert errors == {key: error["error"] for key, error in client.reload_errors().items()}


@pytest.mark.parametrize("ip", ["192.0.2.1", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32", "192.0.2.7/24"])
def test_addresses_and_networks_are_accepted(start, ip):
    sandbox, client = start()
    client.insert([f"server.allowed-ip.{ip}", "anything"])
    assert client.reload_errors() == {}
    assert {ip} == sandbox.state.active.allowed_ips


def test_a_default_that_is_deleted_blocks_every_reload(client):
    client.delete("/api/settings/queue.limiter.inbound.ip.rate")
    assert list(client.reload_errors()) == ["queue.limiter.inbound.ip.rate"]


def test_macros_are_resolved_in_the_file_and_not_in_the_database(start, tmp_path):
    name = tmp_path / "name"
    name.write_text("mail.example.org")
    text = f'server.hostname = "%{{file:{name}}}%"\nx = "%{{cfg:server.hostname}}%"\n'
    _, client = start(seed={"config_toml": text})
    client.insert(["lookup.default.domain", "%{env:NOPE}%"])
    assert client.reload_errors() == {}
    assert client.mx() == "10 mail.example.org."
    assert {"server.hostname": f"%{{file:{name}}}%"} == client.keys("server.hostname")


def test_a_macro_without_a_value_ends_the_reload_before_anything_else(start):
    text = 'a = "%{env:MAILSTACK_SANDBOX_HAS_NO_SUCH}%"\nb = "%{file:/no/such}%"\nc = "%{cfg:nope}%"\n'
    _, client = start(seed={"config_toml": text}, resolves=False)
    macro = "macro"
    assert {
        "a": {
            "type": macro,
            "error": 'Failed to obtain environment variable "MAILSTACK_SANDBOX_HAS_NO_SUCH"',
        },
        "b": {
            "type": macro,
            "error": 'Failed to read file "/no/such": No such file or directory (os error 2)',
        },
        "c": {"type": macro, "error": 'Unknown key "nope"'},
    } == client.reload_errors()


def test_a_new_admin_secret_counts_after_the_reload(start):
    text = 'authentication.fallback-admin.user = "root"\nauthentication.fallback-admin.secret = "one"\n'
    _, client = start(seed={"config_toml": text})
    assert client.ask("GET", "/api/reload").status == 401
    pairs = [
        {"type": "insert", "values": [["authentication.fallback-admin.secret", "two"]], "assert_empty": False}
    ]
    assert client.post("/api/settings", pairs, auth="root:one") == {"data": None}
    assert client.ask("GET", "/api/reload", auth="root:one").status == 200
    assert [
        client.ask("GET", "/api/principal", auth=f"root:{secret}").status for secret in ("one", "two")
    ] == [401, 200]


def test_the_log_tells_each_start(start):
    sandbox, client = start()
    sandbox.restart()
    log = client.get("/api/logs?filter=server.startup&limit=1")["data"]
    assert (
        log["items"][0]["event"],
        len(log["items"]),
        log["total"],
    ) == ("Starting Stalwart Server v0.15.5", 1, 2)


def test_without_a_log_tracer_there_is_no_log(start):
    _, client = start(seed={"config_toml": ""})
    assert client.get("/api/logs") == {"error": "unsupported", "details": "Tracer log path not configured"}


@pytest.mark.parametrize("what", ["certificate", "lookup"])
def test_partial_reloads_put_no_settings_in_force(client, what):
    client.insert(["server.hostname", "mail.example.org"], ["server.allowed-ip.bad", ""])
    assert client.reload_errors(f"/{what}") == {}
    assert client.mx() == f"10 {CONTAINER}."


def test_an_acme_provider_needs_a_directory(client):
    client.insert(["acme.le.directory", " "])
    assert list(client.reload_errors()) == ["acme.le.directory"]
