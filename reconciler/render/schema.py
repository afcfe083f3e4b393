"""The JSON schemas of a plan and of a report, `format: 1`.  What they describe is written by `render/json.py`.

A consumer may rely on every key that is required here; new keys may come within the same format.
"""

from __future__ import annotations

from typing import Any

from reconciler.diff import Verb
from reconciler.outcome import Status
from reconciler.render.json import FORMAT
from reconciler.report import BUSY, DONE, HELD, IN_PART, NOTHING_DONE
from reconciler.state import Activate
from reconciler.waves import Phase

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_TIME = {"type": "string", "pattern": "^[0-9-]{10}T[0-9:.]+Z$"}
_COUNT = {"type": "integer", "minimum": 0}


def plan_schema() -> dict[str, Any]:
    """Return the schema of a plan."""
    return {"$schema": _DIALECT, "title": "A plan of mailstack's", **_plan(), "$defs": _definitions()}


def report_schema() -> dict[str, Any]:
    """Return the schema of a report: a plan and what became of it; with `apply --report`, the run as well."""
    outcome = _object(address=_TEXT, verb=_verb(), status={"enum": [s.value for s in Status]}, detail=_TEXT)
    outcome["properties"]["stored"] = {**_TIME, "description": "when it was stored"}
    report = _object(
        format={"const": FORMAT},
        mailstack=_TEXT,
        plan={
            "anyOf": [_plan(), {"type": "null"}],
            "description": "null where the run ended before there was one",
        },
        outcomes=_list(outcome),
        facts=_list(_TEXT),
        exit_code={
            "enum": [DONE, NOTHING_DONE, IN_PART, HELD, BUSY, None],
            "description": "null while the run goes on, and for ever where it was killed",
        },
    )
    report["properties"]["run"] = _run()
    return {"$schema": _DIALECT, "title": "A report of mailstack's", **report, "$defs": _definitions()}


def _run() -> dict[str, Any]:
    return {
        **_object(
            command=_TEXT,
            stack=_TEXT,
            file=_TEXT,
            started=_TIME,
            ended={
                "anyOf": [_TIME, {"const": ""}],
                "description": "empty while the run goes on, and where it was killed",
            },
            actor=_TEXT,
            host=_TEXT,
            commit=_TEXT,
            modified={"type": "boolean", "description": "the stack file is not as the commit has it"},
            job={**_TEXT, "description": "the address of the job, where one ran it"},
            problems=_list(_object(rule=_TEXT, summary=_TEXT, detail=_TEXT, where=_TEXT)),
        ),
        "description": "who ran it, when and from which commit: with apply --report",
    }


def _plan() -> dict[str, Any]:
    return _object(
        format={"const": FORMAT},
        mailstack={**_TEXT, "description": "the version that made it"},
        stack=_object(name=_TEXT, domains=_list(_TEXT)),
        systems=_list(_object(name=_TEXT, title=_TEXT, kind=_TEXT, version=_TEXT, where=_TEXT)),
        changes=_list({"$ref": "#/$defs/change"}),
        held=_list(_held()),
        waves=_list(
            _object(
                phase={"enum": [p.name.lower().replace("_", "-") for p in Phase]},
                system=_TEXT,
                addresses=_list(_TEXT),
                activation={"enum": [a.value for a in Activate]},
            )
        ),
        findings=_list(
            _object(
                rule=_TEXT,
                severity={"enum": ["error", "warning", "hint"]},
                file=_TEXT,
                line=_COUNT,
                column=_COUNT,
                text=_TEXT,
                fix=_TEXT,
            )
        ),
        notes=_list({**_TEXT, "description": "what only a person can do"}),
        unmanaged={"type": "object", "additionalProperties": _list(_TEXT)},
        beside={
            "type": "object",
            "additionalProperties": _COUNT,
            "description": "by kind, how many are there that nobody asked for",
        },
        summary=_object(add=_COUNT, change=_COUNT, delete=_COUNT, adopt=_COUNT, held=_COUNT),
        plan_id={"type": "string", "pattern": "^[0-9a-f]{12}$"},
        complete={"type": "boolean", "description": "false where a system could not be read"},
        released={**_list(_TEXT), "description": "addresses that --release lets go, and new-server"},
        allowed_deletes={"type": ["integer", "null"], "minimum": 0, "description": "of --allow-deletes"},
    )


def _held() -> dict[str, Any]:
    held = _object(
        address=_TEXT,
        verb=_verb(),
        rule=_TEXT,
        why=_TEXT,
        release=_TEXT,
        how=_TEXT,
        reason=_TEXT,
        fields=_list({"$ref": "#/$defs/field"}),
    )
    held["properties"]["renamed_from"] = _TEXT
    return held


def _definitions() -> dict[str, Any]:
    field = {
        "type": "object",
        "properties": {
            "path": _TEXT,
            "before": {},
            "after": {},
            "secret": {"const": True, "description": "its sides are never told"},
            "pending": {"const": True, "description": "known after apply"},
        },
        "required": ["path"],
        "additionalProperties": False,
    }
    change = _object(
        address=_TEXT, verb=_verb(), system=_TEXT, reason=_TEXT, fields=_list({"$ref": "#/$defs/field"})
    )
    change["properties"]["renamed_from"] = _TEXT
    return {"field": field, "change": change}


def _verb() -> dict[str, Any]:
    return {"enum": [verb.value for verb in Verb]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
