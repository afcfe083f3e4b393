"""The JSON that other programs read: valid by its schema, and beside the text where both are wanted."""

from __future__ import annotations

import json

import jsonschema
import pytest
from cli import ROOT

RICH = """\
hostname: mail.example.org
accounts:
  alice: {password: {env: ALICE_PASSWORD}, aliases: [postmaster], quota: 5GiB}
  bob: {enabled: false}
lists: {team: {members: [alice, carol@example.net]}}
groups: {sales: {members: [alice]}}
catch_all: alice
allowed_ips: [203.0.113.10]
settings: {session.rcpt.max-recipients: 50}
"""


@pytest.fixture
def rich(project):
    project.stack(RICH)
    return project


def _validated(text: str, schema: str) -> dict:
    data = json.loads(text)
    jsonschema.validate(data, json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text()))
    return data


def test_a_plan_is_valid_by_its_schema(rich):
    data = _validated(rich.run("plan", "--format", "json").out, "plan")

    assert data["summary"] == {"add": 8, "change": 1, "delete": 0, "adopt": 0, "held": 0}
    assert data["systems"][0]["where"] == rich.url
    assert data["complete"] is True


def test_a_plan_with_held_and_left_over_things_is_valid(rich):
    rich.api.create("domain", "example.net")
    rich.api.create("individual", "carol", "carol@example.net", "info@example.net")
    rich.api.store({"mailstack.home.activation/reload": "owed", "server.allowed-ip.198.51.100.1": ""})
    rich.stack(RICH + "removed: [domain/example.net]\n")

    data = _validated(rich.run("plan", "--format", "json").out, "plan")

    assert [(held["address"], held["rule"]) for held in data["held"]] == [
        ("domain/example.net", "domain-not-empty")
    ]
    assert "activation/reload/stalwart" in [change["address"] for change in data["changes"]]
    assert data["unmanaged"] == {
        "account": ["account/carol@example.net"],
        "alias": ["alias/info@example.net"],
        "allowed_ip": ["allowed_ip/198.51.100.1"],
    }


def test_a_report_is_valid_by_its_schema(rich):
    data = _validated(rich.run("apply", "--yes", "--format", "json").out, "report")

    assert {outcome["status"] for outcome in data["outcomes"]} == {"done"}
    assert data["exit_code"] == 0


def test_a_report_of_failures_is_valid_and_has_the_exit_code(rich):
    rich.server.reload_error("spam-filter.pyzor.host", "no name resolution")

    ended = rich.run("apply", "--yes", "--format", "json")

    data = _validated(ended.out, "report")
    assert (ended.code, data["exit_code"]) == (1, 1)
    assert {outcome["status"] for outcome in data["outcomes"]} == {"failed", "skipped"}


def test_json_goes_into_a_file_beside_the_text(rich):
    planned = rich.run("plan", "--json-into", "plan.json")
    assert planned.out.startswith("mailstack plan · home")
    _validated((rich.folder / "plan.json").read_text(), "plan")

    applied = rich.run("apply", "--yes", "--json-into", "report.json")
    assert "\nDone: 8 added" in applied.out
    _validated((rich.folder / "report.json").read_text(), "report")


def test_json_is_alone_on_stdout(rich):
    """Talk goes to stderr, so that a pipe into another program works."""
    json.loads(rich.run("apply", "--yes", "--format", "json", "--debug").out)


@pytest.mark.parametrize("what", ["stack", "plan", "report"])
def test_the_schemas_are_printed_as_they_stand_in_the_repository(alone, what):
    names = {"stack": "mailstack.schema.json"}
    text = (ROOT / "schemas" / names.get(what, f"{what}.schema.json")).read_text()

    assert alone.run("schema", what).out == text


@pytest.mark.parametrize("option", ["--out", "--json-into"])
def test_a_file_that_cannot_be_written_is_an_error_with_words(project, option):
    ended = project.run("plan", option, "none/plan.json")

    assert ended.code == 1
    assert ended.err.startswith("error: none/plan.json cannot be written\n")
