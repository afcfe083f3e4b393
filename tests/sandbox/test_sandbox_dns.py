"""The records that the server asks for, and the keys in them."""

from __future__ import annotations

import base64
import re

import pytest

from reconciler.sandbox.dkim_keys import made_key, public_key
from reconciler.sandbox.sandbox import CONTAINER

# RFC 8032 §7.1, test 1, as PKCS #8: the seed and its public key.
SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PKCS8 = bytes.fromhex("302e020100300506032b657004220420" + SEED)


# One key of 512 bits as another program wrote it: as PKCS #1, in PKCS #8, and its public half.
RSA_PKCS1 = (
    "MIIBOgIBAAJBALfum8pMxx4yaQR0AN3ZRNTAnqYhGlVCOrXNFgLVTdIOcf+5Xs7XOcjGvQGO7aAxJlMk+yNz8TO69iS6TUnY"
    "p1UCAwEAAQJAZEN4vy1dObPHFXta4ZRHdiZOFUdkQGeq82GJhx/ZnQ//hsHYRBWB/kUl23BIgBUJ5F7KRXkTTCAqRGpy5+jt"
    "oQIhAOozEHOONsiS0OsyoeDuRA5zDRNZWTNCpi62CFvJBZG9AiEAyQ2uG1t4vFbSYi6AydIY0ciDSct/0zkNOTF6sT6VqXkC"
    "IQC4UeYhvAybwQjSAvBqcbt4T847qzdL46mc28EqU8ShVQIhALxfB+Bz7IQxqH366gmtwjlTb8bFVqc1TfFnLXhBlgGpAh8C"
    "9hHWaeqp/9bXkRjuey259JBQ94UTDdyGAl5jfnUZ"
)
RSA_PKCS8 = (
    "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAt+6bykzHHjJpBHQA3dlE1MCepiEaVUI6tc0WAtVN0g5x/7le"
    "ztc5yMa9AY7toDEmUyT7I3PxM7r2JLpNSdinVQIDAQABAkBkQ3i/LV05s8cVe1rhlEd2Jk4VR2RAZ6rzYYmHH9mdD/+GwdhE"
    "FYH+RSXbcEiAFQnkXspFeRNMICpEanLn6O2hAiEA6jMQc442yJLQ6zKh4O5EDnMNE1lZM0KmLrYIW8kFkb0CIQDJDa4bW3i8"
    "VtJiLoDJ0hjRyINJy3/TOQ05MXqxPpWpeQIhALhR5iG8DJvBCNIC8Gpxu3hPzjurN0vjqZzbwSpTxKFVAiEAvF8H4HPshDGo"
    "ffrqCa3COVNvxsVWpzVN8WcteEGWAakCHwL2EdZp6qn/1teRGO57Lbn0kFD3hRMN3IYCXmN+dRk="
)
RSA_PUBLIC = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALfum8pMxx4yaQR0AN3ZRNTAnqYhGlVCOrXNFgLVTdIOcf+5Xs7XOcjGvQGO7aAx"
    "JlMk+yNz8TO69iS6TUnYp1UCAwEAAQ=="
)


def pem(label, der):
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"


def records(client, domain="example.org"):
    answer = client.get(f"/api/dns/records/{domain}")["data"]
    return [(record["type"], record["name"], record["content"]) for record in answer]


def test_the_records_of_a_quick_start_come_in_the_servers_order(client):
    host = f"{CONTAINER}."
    srv = [
        ("_jmap", 443),
        ("_caldavs", 443),
        ("_carddavs", 443),
        ("_imaps", 993),
        ("_imap", 143),
        ("_pop3s", 995),
        ("_pop3", 110),
        ("_submissions", 465),
        ("_submission", 587),
    ]
    reports = "mailto:postmaster@example.org"
    assert [
        ("MX", "example.org.", f"10 {host}"),
        ("CNAME", "mail.example.org.", host),
        ("TXT", "example.org.", "v=spf1 mx ra=postmaster -all"),
        *(("SRV", f"{name}._tcp.example.org.", f"0 1 {port} {host}") for name, port in srv),
        ("CNAME", "autoconfig.example.org.", host),
        ("CNAME", "autodiscover.example.org.", host),
        ("TXT", "_dmarc.example.org.", f"v=DMARC1; p=reject; rua={reports}; ruf={reports}"),
        ("TXT", "_smtp._tls.example.org.", f"v=TLSRPTv1; rua={reports}"),
    ] == records(client)


def test_0_11_announces_no_calendars(start):
    _, client = start("0.11.8")
    names = {name for _, name, _ in records(client)}
    assert {"_jmap._tcp.example.org."} == {
        name for name in names if name.startswith(("_jmap", "_caldav", "_carddav"))
    }


def test_a_hostname_that_is_the_domain_makes_two_spf_records(client):
    client.insert(["server.hostname", "example.org"])
    client.reload_errors()
    assert [record[:2] for record in records(client)].count(("TXT", "example.org.")) == 2


def test_the_usual_hostname_needs_no_alias(client):
    client.insert(["server.hostname", "mail.example.org"])
    client.reload_errors()
    assert not [record for record in records(client) if record[:2] == ("CNAME", "mail.example.org.")]


def test_listeners_count_as_they_are_stored(client):
    client.post("/api/settings", [{"type": "clear", "prefix": "server.listener."}])
    client.insert(["server.listener.x.protocol", "http"], ["server.listener.x.bind", "[::]:8080"])
    assert [record for record in records(client) if record[0] == "SRV"] == []
    client.insert(["server.listener.y.protocol", "imap"], ["server.listener.y.bind.0000", "[::]:143"])
    assert [name for kind, name, _ in records(client) if kind == "SRV"] == ["_imap._tcp.example.org."]


def test_a_policy_for_mta_sts_needs_its_mx_names(client):
    client.insert(["session.mta-sts.mx.0000", "mail.example.org"])
    client.reload_errors()
    found = [record for record in records(client) if "mta-sts" in record[1]]
    assert [name for _, name, _ in found] == ["mta-sts.example.org.", "_mta-sts.example.org."]
    assert re.fullmatch(r"v=STSv1; id=\d+", found[1][2])


@pytest.mark.parametrize(("algorithm", "kind"), [("Rsa", "rsa"), ("Ed25519", "ed25519")])
def test_a_made_key_is_in_the_settings_and_in_the_records_at_once(every, algorithm, kind):
    request = {"id": None, "algorithm": algorithm, "domain": "example.org", "selector": "s"}
    assert every.post("/api/dkim", request) == {"data": None}
    public = every.get(f"/api/dkim/{kind}-example.org")["data"]
    text = f"v=DKIM1; k={kind}; h=sha256; p={public}"
    assert ("TXT", "s._domainkey.example.org.", text) in records(every)
    items = every.get(f"/api/settings/list?prefix=signature.{kind}-example.org")["data"]["items"]
    assert {
        "algorithm": f"{kind}-sha256",
        "canonicalization": "relaxed/relaxed",
        "domain": "example.org",
        "headers.0": "From",
        "headers.1": "To",
        "headers.2": "Date",
        "headers.3": "Subject",
        "headers.4": "Message-ID",
        "report": "false",
        "selector": "s",
    } == {key: value for key, value in items.items() if key != "private-key"}


def test_an_id_is_used_once_and_the_error_holds_the_private_key(client):
    for _ in range(2):
        reply = client.post("/api/dkim", {"algorithm": "Ed25519", "domain": "example.org"})
    assert (
        reply["error"],
        reply["field"],
    ) == ("fieldAlreadyExists", "signature.ed25519-example.org.private-key")
    assert reply["value"].startswith("-----BEGIN PRIVATE KEY-----\n")


def test_a_selector_says_month_and_algorithm(client):
    client.post("/api/dkim", {"algorithm": "Rsa", "domain": "example.org"})
    key = "signature.rsa-example.org.selector"
    assert re.fullmatch(r"\d{6}r", client.keys(key)[key])


def test_a_key_made_again_is_another_key(client):
    keys = set()
    for _ in range(2):
        client.post("/api/dkim", {"algorithm": "Ed25519", "domain": "example.org"})
        keys.add(client.get("/api/dkim/ed25519-example.org")["data"])
        client.post("/api/settings", [{"type": "clear", "prefix": "signature."}])
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            b'{"algorithm":"rsa","domain":"x"}',
            "unknown variant `rsa`, expected `Rsa` or `Ed25519` at line 1 column 18",
        ),
        (
            b'{\n "domain": "x",\n "algorithm": "RSA"}',
            "unknown variant `RSA`, expected `Rsa` or `Ed25519` at line 3 column 19",
        ),
        (b"{}", "missing field `algorithm` at line 1 column 2"),
        (b'{"algorithm":"Rsa"}', "missing field `domain` at line 1 column 19"),
        (b"x", "expected value at line 1 column 1"),
    ],
)
def test_the_parser_of_dkim_requests_tells_its_reason(client, body, detail):
    reply = client.ask("POST", "/api/dkim", body=body)
    assert (400, detail) == (reply.status, reply.json["detail"])


def test_a_key_that_somebody_brings_along_has_its_own_public_half(client):
    client.insert(
        ["private-key", pem("PRIVATE KEY", PKCS8)],
        ["algorithm", "ed25519-sha256"],
        ["domain", "example.org"],
        ["selector", "own"],
        prefix="signature.own",
    )
    public = base64.b64encode(bytes.fromhex(PUBLIC)).decode()
    assert {"data": public} == client.get("/api/dkim/own")
    assert f"v=DKIM1; k=ed25519; h=sha256; p={public}" in [content for _, _, content in records(client)]


@pytest.mark.parametrize("key", [RSA_PKCS1, RSA_PKCS8])
def test_an_rsa_key_may_come_in_two_wrappings(key):
    assert public_key("rsa", pem("ANY KEY", base64.b64decode(key))) == RSA_PUBLIC


@pytest.mark.parametrize(
    "key", ["nope", "%{file:/x}%", pem("PRIVATE KEY", b"\x30\x03\x02\x01\x00"), pem("KEY", b"\x30\x09\x02")]
)
@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
def test_a_key_that_cannot_be_read_is_left_out(client, key, algorithm):
    pairs = [["private-key", key], ["algorithm", algorithm], ["domain", "example.org"], ["selector", "s"]]
    client.insert(*pairs, prefix="signature.bad")
    assert client.get("/api/dkim/bad")["details"] == "Failed to decode private key"
    assert not [name for _, name, _ in records(client) if "_domainkey" in name]


def test_a_missing_key_is_404(every):
    assert every.ask("GET", "/api/dkim/nope").status == 404


@pytest.mark.parametrize(("algorithm", "size"), [("Rsa", 294), ("Ed25519", 32)])
def test_a_made_key_has_the_usual_size_and_lines_of_65_characters(algorithm, size):
    text = made_key(algorithm, "seed")
    assert len(base64.b64decode(public_key(algorithm.lower(), text))) == size
    lines = text.splitlines()[1:-1]
    assert {len(line) for line in lines[:-1]} == {65}


def test_the_same_seed_makes_the_same_key():
    assert made_key("Rsa", "a") == made_key("Rsa", "a") != made_key("Rsa", "b")


def test_a_macro_in_the_database_is_expanded_for_the_display_alone(client, tmp_path):
    key = tmp_path / "key.pem"
    key.write_text(pem("PRIVATE KEY", PKCS8))
    pairs = [["private-key", f"%{{file:{key}}}%"], ["algorithm", "ed25519-sha256"], ["selector", "s"]]
    client.insert(*pairs, ["domain", "example.org"], prefix="signature.x")
    assert "s._domainkey.example.org." in [name for _, name, _ in records(client)]
    assert client.get("/api/dkim/x")["details"] == "Failed to decode private key"
