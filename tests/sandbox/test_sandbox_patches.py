"""Each action of a PATCH on each field: what is left afterwards."""

from __future__ import annotations

import pytest

# Asked of 0.15.5 and 0.12.2; the order of permissions and items is not the server's promise.
UNORDERED = ("enabledPermissions", "disabledPermissions", "urls", "externalMembers")


def left(client, field):
    value = client.principal("jane").get(field)
    return set(value) if field in UNORDERED and value else value


@pytest.mark.parametrize(
    ("field", "changes", "expected"),
    [
        ("secrets", [("set", "b")], ["b"]),
        ("secrets", [("set", ["b", "$app$x$y"])], ["b", "$app$x$y"]),
        ("secrets", [("addItem", "a")], ["a"]),
        ("secrets", [("addItem", "$app$x$y")], ["a", "$app$x$y"]),
        ("secrets", [("addItem", "otpauth://t")], ["otpauth://t", "a"]),
        ("secrets", [("addItem", "otpauth://t"), ("removeItem", "otpauth://")], ["a"]),
        ("secrets", [("removeItem", "a"), ("addItem", "b")], ["b"]),
        ("emails", [("addItem", "jane@example.org")], ["jane@example.org"]),
        ("emails", [("removeItem", "x@example.org")], ["jane@example.org"]),
        ("emails", [("addItem", "X@example.org")], ["jane@example.org", "x@example.org"]),
        ("enabledPermissions", [("set", ["restart", "undelete"])], {"restart", "undelete"}),
        ("enabledPermissions", [("addItem", "restart"), ("removeItem", "restart")], None),
        ("enabledPermissions", [("set", ["restart"]), ("set", ["undelete"])], {"undelete"}),
        ("disabledPermissions", [("addItem", "restart"), ("removeItem", "undelete")], {"restart"}),
        ("urls", [("set", ["a", "b"])], {"a", "b"}),
        ("urls", [("set", ["a", "b"]), ("removeItem", "a"), ("addItem", "b")], {"b"}),
        ("urls", [("set", ["a"]), ("set", [])], None),
        ("externalMembers", [("set", ["X@Example.com"]), ("addItem", "y@example.com")], {"x@example.com", "y@example.com"}),
        ("externalMembers", [("addItem", "X@example.com"), ("removeItem", "X@example.com")], {"x@example.com"}),
        ("description", [("set", "Jane")], "Jane"),
        ("locale", [("set", "en"), ("set", "")], None),
        ("quota", [("set", 5), ("set", "")], None),
        ("name", [("set", "JANE")], "jane"),
    ],
)  # fmt: skip
def test_what_actions_leave(client, field, changes, expected):
    client.create("individual", "jane", secrets=["a"], emails=["jane@example.org"])
    assert client.patch("jane", *((action, field, value) for action, value in changes)) == {"data": None}
    assert left(client, field) == expected


def test_a_permission_is_either_granted_or_taken_away(client):
    client.create("individual", "jane", enabledPermissions=["restart", "undelete"])
    client.patch("jane", ("set", "disabledPermissions", ["restart"]))
    assert (left(client, "enabledPermissions"), left(client, "disabledPermissions")) == (
        {"undelete"},
        {"restart"},
    )


@pytest.mark.parametrize(
    ("action", "field"), [("set", "enabledPermissions"), ("removeItem", "enabledPermissions")]
)
def test_a_permission_that_does_not_exist_is_refused_under_its_field(client, action, field):
    client.create("individual", "jane")
    value = ["fly"] if action == "set" else "fly"
    assert client.patch("jane", (action, field, value))["details"] == "Invalid enabledPermissions value"


def test_a_list_that_is_emptied_by_items_stays_to_be_seen_up_to_0_13(every):
    every.create("individual", "jane", urls=["a"])
    every.patch("jane", ("removeItem", "urls", "a"))
    expected = [] if every.version in ("0.12.2", "0.13.4") else None
    assert left(every, "urls") == expected


def test_an_oauth_client_may_take_any_address(client):
    client.create("individual", "jane", emails=["jane@example.org"])
    client.create("oauthClient", "app")
    assert client.patch("app", ("addItem", "emails", "jane@example.org")) == {"data": None}


def test_a_post_takes_texts_for_lists_and_lists_for_quotas(every):
    every.post("/api/principal", {"id": 99, "usedQuota": 7, "name": "jane", "urls": "a", "quota": ["5"]})
    jane = every.principal("jane")
    assert jane["urls"] in ("a", ["a"])
    assert (jane["quota"], "usedQuota" in jane) == (5, False)
    every.post("/api/principal", {"name": "joe", "quota": "much"})
    assert "quota" not in every.principal("joe")


def test_an_unknown_role_is_not_found(client):
    assert client.create("individual", "jane", roles=["ghost"]) == {"error": "notFound", "item": "ghost"}
