"""Logins, roles and permissions."""

from __future__ import annotations

import base64
import hashlib
import http.client
from contextlib import closing

import argon2
import pytest

from reconciler.sandbox import VERSIONS
from reconciler.sandbox.permissions import permissions_of

HASHED = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(
    "pw", salt=b"the same in tests"
)


def digest(algorithm: str, salt: bytes = b"") -> str:
    return base64.b64encode(hashlib.new(algorithm, b"pw" + salt).digest() + salt).decode()


def status(client, login, password):
    return client.ask("GET", "/api/account/auth", auth=f"{login}:{password}").status


@pytest.mark.parametrize(
    "secret",
    [
        "pw",
        "{PLAIN}pw",
        "{clear}pw",
        "$app$phone$pw",
        HASHED,
        "{ARGON2ID}" + HASHED,
        "{SHA}" + digest("sha1"),
        "{SSHA}" + digest("sha1", b"salt"),
        "{SHA256}" + digest("sha256"),
        "{SSHA256}" + digest("sha256", b"salt"),
        "{SHA512}" + digest("sha512"),
        "{SSHA512}" + digest("sha512", b"salt"),
        "{MD5}" + digest("md5"),
    ],
)
def test_a_password_matches_its_stored_form_only(client, secret):
    client.create("individual", "jane", secrets=[secret], roles=["user"])
    assert [status(client, "jane", given) for given in ("pw", "no", "")] == [200, 401, 401]


@pytest.mark.parametrize("secret", ["$y$abc", "{BLF-CRYPT}x", "{nope"])
def test_a_stored_form_that_the_server_does_not_know_is_401_with_realms(client, secret):
    client.create("individual", "jane", secrets=[secret], roles=["user"])
    reply = client.ask("GET", "/api/account/auth", auth="jane:pw")
    assert reply.status == 401
    assert reply.realms == 'Bearer realm="Stalwart Server", Basic realm="Stalwart Server"'


@pytest.mark.parametrize("secret", ["", "{PLAIN}", "$argon2id$nope", "$6$salt$hash", "{CRYPT}xx", "{SSHA}x"])
def test_some_stored_forms_match_nothing(client, secret):
    client.create("individual", "jane", secrets=[secret], roles=["user"])
    assert [status(client, "jane", given) for given in ("pw", secret or "x")] == [401, 401]


def test_the_realms_are_named_when_the_version_says_so(start):
    realms = {}
    for version in VERSIONS:
        _, client = start(version)
        wrong = client.ask("GET", "/api/principal", auth="admin:no").realms
        unreadable = client.ask("GET", "/api/principal", auth="admin").realms
        realms[version] = (bool(wrong), bool(unreadable))
    assert realms == {
        "0.11.8": (False, False),
        "0.12.2": (True, False),
        "0.13.4": (False, True),
        "0.15.5": (False, True),
    }


def test_a_login_is_a_name_in_any_case_and_never_an_address(client):
    client.create("individual", "jane", secrets=["pw"], emails=["x@example.org"], roles=["user"])
    logins = ("jane", " JANE ", "x@example.org", "j")
    assert [status(client, login, "pw") for login in logins] == [200, 200, 401, 401]


def test_without_a_role_there_is_no_login(every):
    every.create("individual", "jane", secrets=["pw"])
    assert status(every, "jane", "pw") == 403


def test_a_disabled_permission_outweighs_every_role(client):
    client.create("individual", "jane", secrets=["pw"], roles=["user"])
    client.patch("jane", ("addItem", "disabledPermissions", "authenticate"))
    assert status(client, "jane", "pw") == 403
    client.patch("jane", ("removeItem", "disabledPermissions", "authenticate"))
    assert status(client, "jane", "pw") == 200


def test_roles_inherit(client):
    client.create("role", "reader", enabledPermissions=["authenticate", "domain-list", "group-list"])
    client.create("role", "child", roles=["reader"], disabledPermissions=["group-list"])
    client.create("individual", "jane", secrets=["pw"], roles=["child"])
    statuses = [
        client.ask("GET", f"/api/principal?types={kind}", auth="jane:pw").status
        for kind in ("domain", "group")
    ]
    assert statuses == [200, 403]


def authorized(client, header):
    with closing(http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)) as connection:
        connection.request("GET", "/api/principal", headers={"Authorization": header})
        return connection.getresponse().status


def encoded(credentials):
    return base64.b64encode(credentials).decode()


def test_an_api_key_works_as_a_bearer_and_as_a_login(client):
    client.create("apiKey", "key", secrets=["k"], roles=["admin"])
    headers = ("Bearer api_" + encoded(b"key:k"), "basic " + encoded(b"key:k"))
    assert [authorized(client, header) for header in headers] == [200, 200]


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic " + encoded(b"admin"), "Basic " + encoded(b"\xff:x"), "Bearer x", "Digest x"],
)
def test_what_is_no_credential_is_401(client, header):
    assert authorized(client, header) == 401


def test_roles_that_hold_each_other_end_somewhere(client):
    client.create("role", "a", enabledPermissions=["authenticate"])
    client.create("role", "b", roles=["a"], enabledPermissions=["domain-list"])
    client.patch("a", ("addItem", "roles", "b"))
    client.create("individual", "jane", secrets=["pw"], roles=["a"])
    assert client.ask("GET", "/api/principal?types=domain", auth="jane:pw").status == 200


def test_an_unusable_secret_of_the_admin_is_401(start):
    text = 'authentication.fallback-admin.user = "root"\nauthentication.fallback-admin.secret = "$y$x"\n'
    _, client = start(seed={"config_toml": text})
    assert client.ask("GET", "/api/principal", auth="root:x").status == 401


def test_nobody_grants_more_than_he_has(client):
    client.create(
        "apiKey",
        "key",
        secrets=["k"],
        enabledPermissions=["authenticate", "individual-create", "email-send"],
    )
    made = {"type": "individual", "name": "jane"}
    replies = [
        client.post("/api/principal", made | fields, auth="key:k")
        for fields in ({"roles": ["user"]}, {"enabledPermissions": ["restart", "email-send"]})
    ]
    assert [reply["reason"] for reply in replies] == [
        'Your account cannot grant the "user" role',
        'Your account cannot grant the "restart" permission',
    ]
    assert "data" in client.post("/api/principal", made | {"enabledPermissions": ["email-send"]}, "key:k")


def test_a_permission_must_exist(client):
    reply = client.create("role", "x", disabledPermissions=["fly"])
    assert reply["details"] == "Invalid disabledPermissions value"
    assert reply["reason"] == 'Permission "fly" is invalid'


def test_with_an_otp_the_password_alone_is_402(client):
    client.create("individual", "jane", secrets=["pw", "otpauth://totp/x", "$app$pc$app"], roles=["user"])
    assert [status(client, "jane", given) for given in ("pw", "no", "app")] == [402, 401, 200]


def test_a_user_sees_what_he_has_beside_his_password(client):
    client.create("individual", "jane", secrets=["pw", "$app$pc$x"], roles=["user"])
    reply = client.get("/api/account/auth", auth="jane:pw")
    assert reply["data"] == {"otpEnabled": False, "appPasswords": ["pc"]}


def test_the_version_comes_with_a_login_code(every):
    reply = every.post("/api/oauth", {"type": "code", "client_id": "x", "redirect_uri": None})
    assert every.version == reply["data"]["version"]


def test_an_insecure_redirect_is_refused(client):
    reply = client.post("/api/oauth", {"type": "code", "client_id": "x", "redirect_uri": "http://x"})
    assert reply["details"] == "Redirect URI must be HTTPS."


@pytest.mark.parametrize(
    ("number", "counts"),
    [("0.15.5", {"user": 179, "admin": 266}), ("0.12.2", {"admin": 223}), ("0.11.8", {"admin": 181})],
)
def test_the_built_in_roles_have_as_many_permissions_as_on_the_server(number, counts):
    assert counts == {role: len(permissions_of(role, VERSIONS[number])) for role in counts}


def test_a_tenant_admin_stands_between_user_and_admin():
    user, tenant, admin = (
        permissions_of(role, VERSIONS["0.15.5"]) for role in ("user", "tenant-admin", "admin")
    )
    assert user < tenant < admin
