"""Lists of principals: types, fields, pages, filters."""

from __future__ import annotations

import pytest


def names(reply):
    return [item["name"] for item in reply["data"]["items"]]


def test_a_list_is_sorted_filtered_by_type_and_paged(every):
    for name in ("zoe", "adam", "Bob"):
        every.create("individual", name)
    every.create("list", "all")
    assert names(every.get("/api/principal?types=individual")) == ["adam", "bob", "zoe"]
    assert names(every.get("/api/principal?type=list,nope")) == ["all"]
    assert names(every.get("/api/principal?types=account")) == ["adam", "all", "bob", "example.org", "zoe"]
    page = every.get("/api/principal?types=individual&limit=2&page=2")
    assert (names(page), page["data"]["total"]) == (["zoe"], 3)
    assert every.get("/api/principal?types=individual&count=1")["data"] == {"items": [], "total": 3}


def test_a_list_gives_the_fields_that_are_asked_for(client):
    client.create("individual", "jane", emails=["jane@example.org"], description="Jane")
    reply = client.get("/api/principal?types=individual&fields=emails,nope")
    assert reply["data"]["items"] == [{"id": 2, "type": "individual", "emails": ["jane@example.org"]}]
    assert "description" in client.get("/api/principal?types=individual&fields=nope")["data"]["items"][0]


def test_a_list_is_never_older_than_the_last_write(client):
    query = "/api/principal?types=individual,list&fields=name,members"
    client.create("individual", "jane")
    client.create("list", "all")
    assert [{item["name"]: item.get("members")} for item in client.get(query)["data"]["items"]] == [
        {"all": None},
        {"jane": None},
    ]
    client.patch("all", ("addItem", "members", "jane"))
    assert client.get(query)["data"]["items"][0]["members"] == ["jane"]
    client.delete("/api/principal/jane")
    assert names(client.get(query)) == ["all"]


def test_a_domain_counts_its_addresses(every):
    every.create("individual", "jane", emails=["jane@example.org", "@example.org"])
    assert every.principal("example.org")["members"] == 2


@pytest.mark.parametrize(("version", "found"), [("0.11.8", ["jane"]), ("0.12.2", [])])
def test_a_filter_means_whole_words_from_0_12_on(start, version, found):
    _, client = start(version)
    client.create("individual", "jane", description="Jane Doe")
    assert found == names(client.get("/api/principal?filter=jan"))
    assert names(client.get("/api/principal?filter=Doe")) == ["jane"]
