"""Principals: the traps that a client must know."""

from __future__ import annotations

import pytest

from reconciler.sandbox import VERSIONS

OLD = ["0.11.8", "0.12.2", "0.13.4"]


def as_list(value):
    """A list of one is a string in 0.11.8, an empty one is absent in some versions."""
    return [value] if isinstance(value, str) else value or []


def account(client, name="jane", **fields):
    body = {"emails": [f"{name}@example.org"], "roles": ["user"], **fields}
    assert "data" in client.create("individual", name, **body)


def test_setting_one_relation_replaces_all_three(every):
    account(every)
    every.create("group", "sales", members=["jane"], roles=["user"])
    every.create("list", "all", members=["jane"])
    jane = every.principal("jane")
    assert (jane["memberOf"], jane["lists"], jane["roles"]) == (["sales"], ["all"], ["user"])
    every.patch("jane", ("set", "memberOf", ["sales"]), ("set", "roles", ["user"]))
    jane = every.principal("jane")
    assert (jane.get("memberOf"), jane.get("lists"), jane["roles"]) == (None, None, ["user"])
    assert "members" not in every.principal("sales")


def test_items_and_members_leave_other_relations_alone(every):
    account(every)
    every.create("group", "sales", roles=["user"])
    every.create("list", "all", members=["jane"])
    every.patch("jane", ("addItem", "memberOf", "sales"), ("removeItem", "memberOf", "nobody"))
    every.patch("all", ("set", "members", ["jane", "sales"]))
    jane = every.principal("jane")
    assert (jane["memberOf"], jane["lists"], jane["roles"]) == (["sales"], ["all"], ["user"])


def test_an_unknown_member_is_an_error_to_add_and_none_to_remove(every):
    every.create("list", "all")
    assert every.patch("all", ("addItem", "members", "ghost")) == {"error": "notFound", "item": "ghost"}
    assert every.patch("all", ("removeItem", "members", "ghost")) == {"data": None}


def test_names_are_stored_in_lower_case_and_looked_up_as_they_come(every):
    every.create("individual", "Jane")
    assert "data" in every.get("/api/principal/jane")
    assert every.get("/api/principal/Jane") == {"error": "notFound", "item": "Jane"}
    assert every.create("list", "all", members=["Jane"]) == {"error": "notFound", "item": "Jane"}


def test_names_are_one_space_for_all_types(every):
    assert every.create("individual", "Example.org") == {
        "error": "fieldAlreadyExists",
        "field": "name",
        "value": "example.org",
    }


def test_without_a_type_it_is_an_individual(every):
    every.post("/api/principal", {"name": "x"})
    assert every.principal("x")["type"] == "individual"


def test_an_address_needs_its_domain_and_belongs_to_one(every):
    account(every)
    assert every.create("individual", "joe", emails=["joe@example.net"]) == {
        "error": "notFound",
        "item": "example.net",
    }
    assert every.create("group", "joe", emails=["JANE@example.org"]) == {
        "error": "fieldAlreadyExists",
        "field": "emails",
        "value": "jane@example.org",
    }


def test_an_address_without_at_passes_post_but_not_patch(every):
    assert "data" in every.create("individual", "jane", emails=["jane"])
    assert every.patch("jane", ("addItem", "emails", "other")) == {
        "error": "other",
        "details": "Invalid email",
        "reason": "Email address is invalid",
    }


@pytest.mark.parametrize(("version", "item"), [("0.12.2", "b"), ("0.13.4", None)])
def test_the_domain_follows_the_first_at_up_to_0_12(start, version, item):
    _, client = start(version, seed={"domains": ["example.org"]})
    expected = {"error": "notFound", "item": item} if item else {"data": 2}
    assert expected == client.create("individual", "jane", emails=["a@b@example.org"])


@pytest.mark.parametrize("version", list(VERSIONS))
def test_aliases_are_sorted_from_0_14_on(start, version):
    _, client = start(version, seed={"domains": ["example.org"]})
    account(client, emails=["jane@example.org", "z@example.org", "B@example.org"])
    given = ["jane@example.org", "z@example.org", "b@example.org"]
    expected = given if version in OLD else [given[0], given[2], given[1]]
    assert expected == client.principal("jane")["emails"]


@pytest.mark.parametrize("version", list(VERSIONS))
def test_without_its_primary_address_the_next_alias_moves_up(start, version):
    _, client = start(version, seed={"domains": ["example.org"]})
    account(client, emails=["jane@example.org", "z@example.org", "b@example.org"])
    client.patch("jane", ("removeItem", "emails", "jane@example.org"))
    expected = ["z@example.org", "b@example.org"] if version in OLD else ["b@example.org", "z@example.org"]
    assert expected == client.principal("jane")["emails"]


def test_an_address_cannot_be_removed_and_added_again_in_one_patch(every):
    account(every, emails=["jane@example.org", "a@example.org"])
    assert every.patch(
        "jane", ("removeItem", "emails", "a@example.org"), ("addItem", "emails", "a@example.org")
    ) == {"error": "fieldAlreadyExists", "field": "emails", "value": "a@example.org"}
    assert every.principal("jane")["emails"] == ["jane@example.org", "a@example.org"]


def test_from_0_14_on_an_added_address_is_hidden_from_the_rest_of_the_patch(every):
    account(every, description="something behind the addresses")
    every.patch("jane", ("addItem", "emails", "a@example.org"), ("removeItem", "emails", "a@example.org"))
    left = as_list(every.principal("jane")["emails"])
    assert ("a@example.org" in left) == (every.version not in OLD)


def test_an_address_moves_from_one_to_another_in_two_patches(every):
    account(every, emails=["jane@example.org", "info@example.org"])
    account(every, "joe")
    every.patch("jane", ("set", "emails", ["jane@example.org"]))
    assert every.patch("joe", ("addItem", "emails", "info@example.org")) == {"data": None}


@pytest.mark.parametrize("version", list(VERSIONS))
def test_up_to_0_13_a_second_password_stands_beside_the_first(start, version):
    _, client = start(version)
    client.create("individual", "jane", secrets=["one", "$app$phone$x"], roles=["user"])
    client.patch("jane", ("addItem", "secrets", "two"))
    expected = ["one", "$app$phone$x", "two"] if version in OLD else ["two", "$app$phone$x"]
    assert expected == client.principal("jane")["secrets"]


@pytest.mark.parametrize("version", list(VERSIONS))
def test_from_0_14_on_only_the_first_password_of_a_list_is_kept(start, version):
    _, client = start(version)
    client.create("individual", "jane", secrets=["one", "two"])
    assert (["one", "two"] if version in OLD else ["one"]) == client.principal("jane")["secrets"]


@pytest.mark.parametrize("version", list(VERSIONS))
def test_removing_the_empty_secret_does_not_mean_the_same_in_all_versions(start, version):
    _, client = start(version)
    client.create("individual", "jane", secrets=["one", "$app$phone$x"])
    client.patch("jane", ("removeItem", "secrets", ""))
    left = as_list(client.principal("jane")["secrets"])
    assert (["$app$phone$x"] if version in OLD else ["one"]) == left


def test_app_passwords_go_by_their_beginning(every):
    every.create("individual", "jane", secrets=["$app$phone$x", "$app$phone$y", "$app$pc$z"])
    every.patch("jane", ("removeItem", "secrets", "$app$phone$"))
    assert as_list(every.principal("jane")["secrets"]) == ["$app$pc$z"]


@pytest.mark.parametrize("version", list(VERSIONS))
def test_lists_of_one_and_of_none_look_different_in_each_version(start, version):
    _, client = start(version, seed={"domains": ["example.org"]})
    account(client, secrets=["x"])
    jane, domain = client.principal("jane"), client.principal("example.org")
    one = "x" if version == "0.11.8" else ["x"]
    none = [] if version in ("0.12.2", "0.13.4") else None
    assert (one, none, none) == (jane["secrets"], domain.get("emails"), domain.get("secrets"))


def test_quota_0_is_kept_by_patch_and_dropped_by_post(every):
    account(every, quota=0)
    assert "quota" not in every.principal("jane")
    every.patch("jane", ("set", "quota", 0))
    assert every.principal("jane")["quota"] == 0
    every.patch("jane", ("set", "quota", ""))
    assert "quota" not in every.principal("jane")


def test_an_empty_description_is_kept_by_post_and_removed_by_patch(every):
    every.create("individual", "jane", description="")
    assert every.principal("jane")["description"] == ""
    every.patch("jane", ("set", "description", ""))
    assert "description" not in every.principal("jane")


def test_external_members_are_checked_by_patch_only(every):
    every.create("list", "all", externalMembers=["Nonsense", "X@Example.com"])
    every.patch("all", ("addItem", "externalMembers", " Y@Example.com"))
    assert {"Nonsense", "X@Example.com", "y@example.com"} == set(every.principal("all")["externalMembers"])
    for refused in ("x@localhost", "x@y.invalid", "xy.com", "x@@y.com", "x.@y.com", "x@y..com"):
        assert (
            every.patch("all", ("addItem", "externalMembers", refused))["details"] == "Invalid email address"
        )


@pytest.mark.parametrize("value", [None, True, 1.5, -1, ["a", 1], [None], "x" * 513, {}])
def test_what_is_no_value_is_400(every, value):
    body = [{"action": "set", "field": "description", "value": value}]
    assert every.ask("PATCH", "/api/principal/example.org", body).status == 400


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (("set", "emails", "a@example.org"), 'String("a@example.org") for emails'),
        (("set", "description", ["a"]), 'StringList(["a"]) for description'),
        (("addItem", "members", 5), "Integer(5) for members"),
        (("set", "members", [1, 2]), "IntegerList([1, 2]) for members"),
        (("set", "type", "group"), 'String("group") for type'),
        (("removeItem", "name", "x"), 'String("x") for name'),
    ],
)
def test_the_wrong_kind_of_value_is_named(client, change, shown):
    reply = client.patch("example.org", change)
    assert {"error": "other", "details": "Invalid parameter", "reason": f"Invalid value {shown}"} == reply


@pytest.mark.parametrize("version", list(VERSIONS))
def test_from_0_14_on_a_post_ignores_what_is_no_text_in_a_list(start, version):
    _, client = start(version)
    reply = client.ask("POST", "/api/principal", {"name": "x", "urls": ["a", None, 5, "b" * 513]})
    if version in OLD:
        assert reply.status == 400
    else:
        assert client.principal("x")["urls"] == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "nope": 1},
        {"name": "x", "type": "account"},
        {"name": 5},
        {"name": "x", "quota": None},
        {"name": "x", "quota": [1, "a"]},
        {"name": "x", "description": "d" * 513},
        [],
    ],
)
def test_a_post_of_unknown_fields_or_types_is_400(every, body):
    assert every.ask("POST", "/api/principal", body).status == 400


def test_0_11_and_0_12_2_know_no_locale(every):
    reply = every.create("individual", "jane", locale="en")
    assert ("data" in reply) == (every.version not in ("0.11.8", "0.12.2"))


def test_an_empty_name_is_missing(every):
    assert every.create("individual", "") == {"error": "fieldMissing", "field": "name"}


def test_tenants_are_an_enterprise_feature(every):
    assert every.get("/api/principal?types=tenant")["error"] == "unsupported"
    assert every.create("tenant", "t") == {"error": "unsupported", "details": "Enterprise feature"}


@pytest.mark.parametrize(
    ("kind", "field", "name", "reason"),
    [
        ("individual", "memberOf", "all", 'Principal "all" is not a Group, Individual.'),
        ("individual", "lists", "sales", 'Principal "sales" is not a List.'),
        ("group", "roles", "user", 'Principal "user" cannot be added as a member.'),
        ("group", "members", "all", 'Principal "all" is not one of Individual, Group.'),
        ("domain", "members", "all", 'Principal "all" is not one of .'),
    ],
)
def test_a_relation_of_the_wrong_types_is_refused(client, kind, field, name, reason):
    client.create("list", "all")
    client.create("group", "sales")
    client.create(kind, "x")
    reply = client.patch("x", ("addItem", field, name))
    assert {"error": "other", "details": f"Invalid {field} value", "reason": reason} == reply


def test_an_error_in_one_action_undoes_the_others(every):
    account(every)
    every.patch("jane", ("set", "description", "new"), ("addItem", "memberOf", "ghost"))
    assert "description" not in every.principal("jane")


def test_a_rename_leaves_addresses_and_members_as_they_are(every):
    account(every)
    every.create("list", "all", members=["jane"])
    every.patch("jane", ("set", "name", "Janet"))
    assert every.principal("all")["members"] == ["janet"]
    assert as_list(every.principal("janet")["emails"])[0] == "jane@example.org"
    assert every.get("/api/principal/jane") == {"error": "notFound", "item": "jane"}


def test_a_name_that_is_taken_cannot_be_taken_again(every):
    account(every)
    assert every.patch("jane", ("set", "name", "example.org")) == {
        "error": "fieldAlreadyExists",
        "field": "name",
        "value": "example.org",
    }


@pytest.mark.parametrize("version", list(VERSIONS))
def test_a_principal_of_more_than_100_kb_is_refused_from_0_13_on(start, version):
    _, client = start(version)
    reply = client.create("list", "all", urls=[f"{number:0512}" for number in range(200)])
    assert ("data" in reply) == (version in ("0.11.8", "0.12.2"))


def test_deleting_a_domain_leaves_its_addresses(every):
    account(every)
    assert every.delete("/api/principal/example.org") == {"data": None}
    assert as_list(every.principal("jane")["emails"])[0] == "jane@example.org"
    assert every.patch("jane", ("addItem", "emails", "x@example.org")) == {
        "error": "notFound",
        "item": "example.org",
    }


def test_deleting_takes_it_out_of_groups_and_frees_its_address(every):
    account(every)
    every.create("group", "sales", members=["jane"])
    every.delete("/api/principal/jane")
    assert "members" not in every.principal("sales")
    account(every)


def test_a_name_made_again_has_another_id(every):
    first = every.create("individual", "jane")["data"]
    every.delete("/api/principal/jane")
    assert first != every.create("individual", "jane")["data"]


def test_the_collection_is_deleted_by_type_and_with_a_confirmation_only(client):
    account(client)
    refusals = [client.delete(f"/api/principal?{query}") for query in ("type=x", "type=individual", "")]
    assert [refusal["detail"] for refusal in refusals] == [
        "Invalid type",
        "Missing confirmation parameter",
        "Invalid type",
    ]
    assert [client.delete("/api/principal?type=individual&confirm=true") for _ in range(2)] == [
        {"data": True},
        {"data": False},
    ]
    assert client.get("/api/principal")["data"]["total"] == 1


def test_the_first_domain_becomes_the_report_domain(start):
    _, client = start()
    client.create("domain", "First.example")
    client.create("domain", "second.example")
    assert client.keys("report.domain") == {"report.domain": "first.example"}


def test_a_report_domain_that_is_set_stays(start):
    _, client = start(seed={"settings": {"report.domain": "mine.example"}})
    client.create("domain", "first.example")
    assert client.keys("report.domain") == {"report.domain": "mine.example"}


@pytest.mark.parametrize(("version", "name"), [("0.11.8", "a b"), ("0.12.2", "a+b")])
def test_paths_are_forms_in_0_11(start, version, name):
    _, client = start(version)
    client.create("individual", name)
    assert name == client.principal("a+b")["name"]


def test_deploy_creates_where_it_exists(every):
    reply = every.post("/api/principal/deploy", {"name": "jane"})
    assert ("data" in reply) == (every.version in ("0.13.4", "0.15.5"))
