"""The server's answers -> resources, and changes -> the server's words."""

from __future__ import annotations

import pytest

from reconciler.backends.stalwart.rest import requests, settings
from reconciler.backends.stalwart.rest.mailboxes import Target
from reconciler.backends.stalwart.rest.principals import Principal, index_of, principal_of, resources_of
from reconciler.backends.stalwart.versions import traits_of
from reconciler.diff import Change, FieldChange, Verb
from reconciler.kinds.account import Account
from reconciler.kinds.alias import Alias
from reconciler.kinds.catch_all import CatchAll
from reconciler.kinds.group import Group
from reconciler.kinds.mailing_list import MailingList
from reconciler.resource import Address

NEW, OLD = traits_of("0.15.5"), traits_of("0.12.2")


@pytest.mark.parametrize(
    "item",
    [
        {"emails": "a@x", "secrets": "s", "roles": "user"},
        {"emails": ["a@x"], "secrets": ["s"], "roles": ["user"], "members": [], "quota": 0},
    ],
    ids=["0.11 writes one as text", "0.12 and later"],
)
def test_versions_are_evened_out(item):
    found = principal_of({"type": "individual", "name": "a", **item})

    assert found == Principal(
        type="individual", name="a", emails=("a@x",), secrets=("s",), roles=frozenset({"user"})
    )


def test_one_principal_is_an_account_its_aliases_and_its_catch_all():
    item = {"type": "individual", "name": "a", "emails": ["a@x", "b@x", "@x"], "roles": ["user", "admin"]}

    assert list(resources_of(index_of([principal_of(item)]))) == [
        Account(address=Address("account", "a@x"), name="", quota=0, login="a", enabled=True, admin=True),
        Alias(address=Address("alias", "b@x"), holder="a@x"),
        CatchAll(address=Address("catch_all", "x"), holder="a@x"),
    ]


@pytest.mark.parametrize(
    ("fields", "enabled"),
    [
        ({"roles": ["user"]}, True),
        ({"enabledPermissions": ["authenticate"]}, True),
        ({"roles": ["user"], "disabledPermissions": ["authenticate"]}, False),
        ({}, False),
    ],
)
def test_who_may_log_in_is_enabled(fields, enabled):
    item = {"type": "individual", "name": "a", "emails": ["a@x"], **fields}
    (account,) = resources_of(index_of([principal_of(item)]))

    assert isinstance(account, Account) and account.enabled is enabled


def test_members_are_known_by_their_addresses_and_by_their_login_where_they_have_none():
    index = index_of(
        principal_of(item)
        for item in (
            {"type": "individual", "name": "alice", "emails": ["alice@x"]},
            {"type": "individual", "name": "robot"},
            {"type": "list", "name": "l", "emails": ["l@x"], "members": ["alice", "robot", "gone"],
             "externalMembers": ["z@y"]},
            {"type": "group", "name": "g", "emails": ["g@x"], "members": ["alice"], "quota": 7},
        )
    )  # fmt: skip
    found = {resource.address: resource for resource in resources_of(index)}

    assert found[Address("list", "l@x")] == MailingList(
        address=Address("list", "l@x"),
        name="",
        members=frozenset({"alice@x", "login:robot", "login:gone", "z@y"}),
    )
    assert found[Address("group", "g@x")] == Group(
        address=Address("group", "g@x"), name="", quota=7, members=frozenset({"alice@x"})
    )


def _operations(*fields: FieldChange, traits=NEW, password=None, **principal) -> list:
    where = Address("account", "a@x")
    known = Principal(type="individual", name="a", emails=("a@x",), **principal)
    change = Change(
        address=where,
        verb=Verb.CHANGE,
        before=Account(address=where),
        after=Account(address=where),
        fields=fields,
    )
    target = Target(address=where, principal=known, update=change)
    return [
        (op["action"], op["field"], op["value"])
        for op in requests.operations(target, lambda _: None, password, traits)
    ]


def field(path, before, after):
    return FieldChange(path=path, before=before, after=after)


@pytest.mark.parametrize(
    ("change", "roles", "expected"),
    [
        (field("enabled", True, False), {"user"}, [("addItem", "disabledPermissions", "authenticate")]),
        (field("enabled", False, True), {"user"}, [("removeItem", "disabledPermissions", "authenticate")]),
        (
            field("enabled", False, True),
            set(),
            [("removeItem", "disabledPermissions", "authenticate"), ("addItem", "roles", "user")],
        ),
        (field("admin", False, True), {"user"}, [("addItem", "roles", "admin")]),
        (
            field("admin", True, False),
            {"admin"},
            [("removeItem", "roles", "admin"), ("addItem", "roles", "user")],
        ),
        (field("quota", 0, 5), {"user"}, [("set", "quota", 5)]),
        (field("name", "A", "B"), {"user"}, [("set", "description", "B")]),
        (field("login", "a", "b"), {"user"}, [("set", "name", "b")]),
    ],
    ids=str,
)
def test_roles_and_relations_are_never_set_as_a_whole(change, roles, expected):
    """`set` on roles, memberOf or lists replaces all three: a person would lose his mail."""
    assert _operations(change, roles=frozenset(roles)) == expected


SECRETS = ("$6$old$hash", "$app$phone$hash", "otpauth://totp/x")


def test_a_new_password_replaces_the_old_one_and_nothing_else():
    change = FieldChange(path="password", before=None, after=None, secret=True)

    assert _operations(change, traits=NEW, password="new", secrets=SECRETS) == [("addItem", "secrets", "new")]
    assert _operations(change, traits=OLD, password="new", secrets=SECRETS) == [
        ("removeItem", "secrets", "$6$old$hash"),
        ("addItem", "secrets", "new"),
    ]


def test_who_is_made_can_log_in_and_get_mail():
    """Without the role an individual or a group has no permission at all."""
    where = Address("account", "a@x")
    disabled = Account(address=where, enabled=False, admin=True, quota=5, name="A")
    target = Target(address=where, principal=None, create=disabled, claims=["a@x", "b@x"])

    assert requests.creation(target, lambda _: None, "hash") == {
        "type": "individual",
        "name": "a@x",
        "emails": ["a@x", "b@x"],
        "roles": ["user", "admin"],
        "description": "A",
        "quota": 5,
        "secrets": ["hash"],
        "disabledPermissions": ["authenticate"],
    }


def test_a_list_is_made_with_its_members_by_name_or_by_address():
    where = Address("list", "l@x")
    made = MailingList(address=where, members=frozenset({"a@x", "z@y"}))
    target = Target(address=where, principal=None, create=made, claims=["l@x"])

    assert requests.creation(target, {"a@x": "alice"}.get, None) == {
        "type": "list",
        "name": "l@x",
        "emails": ["l@x"],
        "members": ["alice"],
        "externalMembers": ["z@y"],
    }


@pytest.mark.parametrize(
    ("key", "network"),
    [
        ("server.allowed-ip.203.0.113.10", "203.0.113.10"),
        ("server.allowed-ip.203.0.113.10/32", "203.0.113.10"),
        ("server.allowed-ip.192.168.128.0/24", "192.168.128.0/24"),
        ("server.allowed-ip.192.168.128.9/24", "192.168.128.0/24"),
        ("server.allowed-ip.2001:DB8::1", "2001:db8::1"),
        ("server.allowed-ip.0.0.0.0/0", None),
        ("server.allowed-ip.10.0.0.0/7", None),
        ("server.allowed-ip.nonsense", None),
        ("server.allowed-ip.", None),
        ("server.blocked-ip.203.0.113.10", None),
    ],
)
def test_a_network_is_known_however_a_person_wrote_it(key, network):
    assert settings.network_of(key, settings.ALLOWED) == network


def test_a_network_is_deleted_under_the_key_that_it_has():
    stored = {"server.allowed-ip.203.0.113.10/32": ""}

    assert (
        settings.key_as_stored(stored, settings.ALLOWED, "203.0.113.10")
        == "server.allowed-ip.203.0.113.10/32"
    )
    assert settings.key_as_stored({}, settings.ALLOWED, "203.0.113.10") == "server.allowed-ip.203.0.113.10"


def test_a_malformed_address_is_an_error_that_blocks_every_reload():
    (finding,) = settings.findings_of({"server.blocked-ip.x": "", "server.allowed-ip.203.0.113.1": ""})

    assert (finding.rule, finding.severity, finding.fix) == (
        "STW-10",
        "error",
        "delete the setting server.blocked-ip.x",
    )


def test_the_default_key_of_a_domain_takes_the_plain_address():
    """The server signs with `rsa-<domain>` by default; a further key is known by its id as well."""
    stored = {
        "signature.another.domain": "x.org",
        "signature.another.algorithm": "rsa-sha256",
        "signature.rsa-x.org.domain": "x.org",
        "signature.rsa-x.org.algorithm": "rsa-sha256",
        "signature.rsa-x.org.au.domain": "x.org.au",
        "signature.rsa-x.org.au.algorithm": "rsa-sha256",
        "signature.torn.domain": "x.org",
    }

    def ids(name):
        return settings.ids_of(Address("dkim_key", name), stored)

    assert ids("x.org/rsa") == ("rsa-x.org",)
    assert ids("x.org/rsa/another") == ("another",)
    assert ids("x.org.au/rsa") == ("rsa-x.org.au",)
    assert ids("x.org/ed25519") == ()
