"""Settings: two stores, and the ways in which one hides the other."""

from __future__ import annotations

import pytest

from reconciler.sandbox import Sandbox
from reconciler.sandbox.local_keys import local_keys
from reconciler.sandbox.versions import VERSIONS

LATEST = VERSIONS["0.15.5"]


@pytest.mark.parametrize(
    ("key", "is_local"),
    [
        ("server.hostname", True),
        ("server.allowed-ip.1.2.3.4", False),
        ("server.blocked-ip.::1", False),
        ("storage.data", True),
        ("storage.data2", False),
        ("store.x.y", True),
        ("storex", False),
        ("report.domain", False),
        ("certificate.x.cert", True),
        ("authentication.fallback-admin.user", True),
        ("authentication.master.user", False),
    ],
)
def test_some_keys_belong_to_the_file(key, is_local):
    assert is_local == (key in local_keys({}, LATEST))


def test_the_file_may_name_its_own_patterns():
    own = {"config.local-keys.0000": "queue.*", "config.local-keys.0001": "!queue.x*"}
    keys = local_keys(own, LATEST)
    assert [key in keys for key in ("queue.a", "queue.x.y", "server.hostname", "config.local-keys.0002")] == [
        True,
        False,
        False,
        True,
    ]


def test_before_0_13_own_patterns_do_not_include_themselves():
    keys = local_keys({"config.local-keys.0000": "queue.*"}, VERSIONS["0.12.2"])
    assert "config.local-keys.0001" not in keys


def test_the_cluster_key_of_0_11_is_in_the_database():
    assert ["cluster.key" in local_keys({}, VERSIONS[number]) for number in ("0.11.8", "0.12.2")] == [
        False,
        True,
    ]


def test_a_key_of_the_file_hides_the_database_for_ever(start):
    _, client = start(seed={"config_toml": 'report.domain = "file.example.org"\n'})
    assert client.insert(["report.domain", "new.example.org"]) == {"data": None}
    assert client.keys("report.domain") == {"report.domain": "file.example.org"}
    assert client.delete("/api/settings/report.domain") == {"data": None}
    assert client.keys("report.domain") == {"report.domain": "file.example.org"}


def test_only_clear_reaches_the_key_of_the_file(start):
    _, client = start(seed={"config_toml": 'report.domain = "file.example.org"\n'})
    client.post("/api/settings", [{"type": "clear", "prefix": "report."}])
    assert client.keys("report.domain") == {}


def test_a_local_key_in_the_database_shows_only_when_it_is_asked_for_by_name(start):
    sandbox, client = start()
    with sandbox.state.lock:
        sandbox.state.settings.db["server.hostname"] = "lost.example.org"
    assert client.keys("server.hostname") == {"server.hostname": "lost.example.org"}
    assert "hostname" not in client.get("/api/settings/list?prefix=server")["data"]["items"]


def test_clear_takes_a_raw_prefix(client):
    client.insert(["signature.a.x", "1"], ["signature.a.uk.x", "1"], ["signature.ab.x", "1"])
    client.post("/api/settings", [{"type": "clear", "prefix": "signature.a."}])
    assert client.get("/api/settings/keys?prefixes=signature")["data"] == {"signature.ab.x": "1"}


def test_a_filter_with_capitals_clears_nothing(client):
    client.insert(["x.a", "One"], ["x.b", "two"])
    for words in ("ONE", "one"):
        client.post("/api/settings", [{"type": "clear", "prefix": "x.", "filter": words}])
        left = client.get("/api/settings/keys?prefixes=x")["data"]
        assert ("x.a" in left) == (words == "ONE")
    assert left == {"x.b": "two"}


def test_operations_before_the_one_that_fails_stay(client):
    reply = client.post(
        "/api/settings",
        [
            {"type": "insert", "prefix": "x", "values": [["a", "1"]], "assert_empty": False},
            {"type": "insert", "prefix": "x", "values": [["b", "1"]], "assert_empty": True},
            {"type": "insert", "prefix": "x", "values": [["c", "1"]], "assert_empty": False},
        ],
    )
    assert reply == {"error": "assertFailed"}
    assert client.get("/api/settings/keys?prefixes=x")["data"] == {"x.a": "1"}


def test_without_a_prefix_only_the_first_key_must_be_new(client):
    client.insert(["b", "1"])
    assert client.insert(["a", "2"], ["b", "2"], must_be_new=True) == {"data": None}
    assert client.insert(["b", "3"], must_be_new=True) == {"error": "assertFailed"}
    assert client.keys("a", "b") == {"a": "2", "b": "2"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [1],
        [{"type": "x"}],
        [{"type": "delete", "keys": [1]}],
        [{"type": "clear", "prefix": None}],
        [{"type": "clear", "prefix": "x", "filter": 1}],
        [{"type": "insert", "values": [["a", "b", "c"]], "assert_empty": False}],
        [{"type": "insert", "values": [], "assert_empty": None}],
        [{"type": "insert", "prefix": 1, "values": [], "assert_empty": False}],
    ],
)
def test_operations_have_one_form(client, body):
    assert client.ask("POST", "/api/settings", body).status == 400


def test_nothing_of_an_unreadable_body_is_done(client):
    operations = [
        {"type": "delete", "keys": ["oauth.key"]},
        {"type": "insert", "values": [["x", True]], "assert_empty": False},
    ]
    assert client.ask("POST", "/api/settings", operations).status == 400
    assert "oauth.key" in client.keys("oauth.key")


def test_a_group_gives_one_record_for_each_id(client):
    client.insert(["a.domain", "x.org"], ["a.selector", "s"], ["b.domain", "y.org"], prefix="sig")
    reply = client.get("/api/settings/group?prefix=sig&suffix=domain")
    assert reply["data"] == {
        "total": 2,
        "items": [{"_id": "a", "domain": "x.org", "selector": "s"}, {"_id": "b", "domain": "y.org"}],
    }


def test_a_group_gets_the_keys_of_an_id_that_goes_on_with_a_dot(client):
    client.insert(["a.domain", "x.org"], ["a.uk.domain", "y.org"], prefix="sig")
    reply = client.get("/api/settings/group?prefix=sig&suffix=domain")
    assert reply["data"]["items"][0] == {"_id": "a", "domain": "x.org", "uk.domain": "y.org"}


def test_pages_are_counted_from_one_and_need_a_limit(client):
    client.insert(*([name, ""] for name in "abcde"), prefix="x")
    pages = [
        list(client.get(f"/api/settings/list?prefix=x&{query}")["data"]["items"])
        for query in ("limit=2&page=2", "limit=2&page=0", "page=2", "limit=0", "limit=&page=3")
    ]
    assert [["c", "d"], ["a", "b"], list("abcde"), list("abcde"), list("abcde")] == pages


def test_keys_sort_as_text(client):
    client.insert(["x.10", ""], ["x.2", ""], ["x.1", ""])
    assert list(client.get("/api/settings/list?prefix=x")["data"]["items"]) == ["1", "10", "2"]


def test_a_write_of_a_local_key_rewrites_the_file_flat(start, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('# mine\n[server]\nhostname = "old.example.org"\n')
    _, client = start(config=config)
    client.insert(["server.x", 'say "hi"'], ["server.y", "5"], ["other", "z"])
    assert (
        config.read_text()
    ) == 'server.hostname = "old.example.org"\nserver.x = "say \\"hi\\""\nserver.y = 5\n'


def test_a_write_that_changes_nothing_leaves_the_file_alone(start, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('# mine\nserver.hostname = "mx.example.org"\n')
    _, client = start(config=config)
    client.insert(["server.hostname", "mx.example.org"], ["report.domain", "example.org"])
    client.delete("/api/settings/server.nope")
    assert config.read_text().startswith("# mine\n")


def test_when_the_file_cannot_be_written_memory_has_changed_already(tmp_path, start):
    config = tmp_path / "etc" / "config.toml"
    config.parent.mkdir()
    config.write_text('server.hostname = "mx.example.org"\n')
    sandbox, client = start(config=config)
    config.rename(tmp_path / "moved")
    config.parent.rmdir()
    reply = client.ask("POST", "/api/settings", [{"type": "clear", "prefix": "server."}])
    assert reply.status == 500
    assert client.keys("server.hostname") == {}
    (tmp_path / "etc").mkdir()
    (tmp_path / "moved").rename(config)
    sandbox.restart()
    assert client.keys("server.hostname") == {"server.hostname": "mx.example.org"}


def test_a_missing_file_is_made(tmp_path):
    config = tmp_path / "config.toml"
    Sandbox(config=config)
    assert "[authentication.fallback-admin]" in config.read_text()


def test_the_first_boot_leaves_defaults(start):
    counts = {
        version: start(version)[1].get("/api/settings/list?prefix=queue")["data"]["total"]
        for version in VERSIONS
    }
    assert counts == {"0.11.8": 10, "0.12.2": 10, "0.13.4": 72, "0.15.5": 72}
