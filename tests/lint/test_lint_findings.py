"""Findings for people, for programs, for pull requests and for code scanning."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema

from reconciler.lint.judge import Result
from reconciler.lint.rules import RULES
from reconciler.render import findings, github
from reconciler.state import Finding

ERROR = Finding(
    rule="MX-02",
    severity="error",
    text="the MX of example.org names an address",
    fix="example.org. IN MX 10 mail.example.org.",
    file="db.example.org",
    line=6,
    column=3,
)
HINT = Finding(rule="SPF-07", severity="hint", text="no SPF text: 100 %, a:b\x1b", fix="")
RESULT = Result(findings=(ERROR, HINT), skipped=("NS-03",), accepted=((HINT, "on purpose"),))


def test_text_says_where_what_and_how_to_mend_it():
    assert findings.as_text(RESULT) == (
        "db.example.org:6:3: error MX-02  the MX of example.org names an address\n"
        "    example.org. IN MX 10 mail.example.org.\n"
        "hint SPF-07  no SPF text: 100 %, a:b\\x1b\n"
        "ignored SPF-07  no SPF text: 100 %, a:b\\x1b (on purpose)\n"
        "\n"
        "1 error, 1 hint · mailstack explain MX-02 says more\n"
        "not checked, for want of what they look at: NS-03\n"
    )


def test_what_lint_never_judges_is_counted_and_what_it_could_judge_is_named():
    result = Result(findings=(), skipped=("HOST-06", "NET-01", "SRV-01", "STW-15"))

    assert findings.as_text(result, RULES) == (
        "Nothing found.\n"
        "not checked, for want of what they look at: SRV-01\n"
        "not checked here: 1 that plan and apply judge and 2 that need the network; mailstack explain lists them\n"
    )


def test_only_what_has_a_page_is_said_to_have_more():
    result = Result(findings=(replace(ERROR, rule="config-header"),), skipped=())

    assert findings.as_text(result, RULES).splitlines()[-1] == "1 error"


def test_nothing_found_is_said():
    assert findings.as_text(Result(findings=(), skipped=())) == "Nothing found.\n"


def test_json_has_every_part_of_a_finding():
    data = json.loads(findings.as_json(RESULT))

    assert data["findings"][0] == {
        "rule": "MX-02",
        "severity": "error",
        "file": "db.example.org",
        "line": 6,
        "column": 3,
        "text": "the MX of example.org names an address",
        "fix": "example.org. IN MX 10 mail.example.org.",
    }
    assert data["ignored"][0]["reason"] == "on purpose"
    assert (data["format"], data["skipped"]) == (1, ["NS-03"])


def test_annotations_escape_what_ends_a_command():
    assert github.commands(github.of_findings(RESULT.findings, str)) == (
        "::error file=db.example.org,line=6,col=3,title=MX-02::the MX of example.org names an address"
        "%0Aexample.org. IN MX 10 mail.example.org.\n"
        "::notice title=SPF-07::no SPF text: 100 %25, a:b\\x1b\n"
    )


def test_sarif_has_a_rule_for_each_result_and_a_place():
    run = json.loads(findings.as_sarif(RESULT, RULES))["runs"][0]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["MX-02", "SPF-07"]
    assert [(r["ruleId"], r["level"]) for r in run["results"]] == [("MX-02", "error"), ("SPF-07", "note")]
    assert run["results"][0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "db.example.org"},
                "region": {"startLine": 6, "startColumn": 3},
            }
        }
    ]
    assert "locations" not in run["results"][1]


# What the public schema of SARIF 2.1.0 asks of the parts that we write.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "run": {
            "type": "object",
            "required": ["tool"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}}
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "shortDescription": {"$ref": "#/$defs/message"},
                "fullDescription": {"$ref": "#/$defs/message"},
                "help": {"$ref": "#/$defs/message"},
                "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "level": {"$ref": "#/$defs/level"},
                "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
            },
        },
        "location": {
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$"}}
                        },
                        "region": {
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            }
                        },
                    },
                }
            }
        },
    },
}


def test_sarif_has_what_its_schema_asks_for():
    odd = replace(ERROR, file="a b/ü#db:é.zone", line=0, column=0)

    data = json.loads(findings.as_sarif(Result(findings=(ERROR, HINT, odd), skipped=()), RULES))

    jsonschema.Draft202012Validator(SARIF).validate(data)
    assert data["runs"][0]["results"][2]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "a%20b/%C3%BC%23db%3A%C3%A9.zone"
    }


def test_sarif_names_files_as_the_repository_does():
    data = json.loads(findings.as_sarif(RESULT, RULES, lambda file: f"zones/{file}"))

    location = data["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "zones/db.example.org"


def test_the_same_findings_give_the_same_bytes():
    assert findings.as_sarif(RESULT, RULES) == findings.as_sarif(RESULT, RULES)
    assert findings.as_json(RESULT) == findings.as_json(RESULT)
