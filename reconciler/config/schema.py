"""The JSON Schema of a stack, for editors: completion, descriptions, and red lines under mistakes.

It is made from the models, so it cannot tell another story than the loader.  An editor's
YAML parser types scalars (5 is an integer, `yes` a string), and the schema speaks of those
types; what only a loader can know (whether an account exists) is not in it.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


class _Generator(GenerateJsonSchema):
    """pydantic's schema without what a file never has: nulls for "not written", titles, defaults."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """Return the schema of a stack as data."""
    from reconciler.config.models.stack import Written

    return _schema(Written, "mailstack")


def connections_schema() -> dict[str, Any]:
    """Return the schema of a file of connections as data."""
    from reconciler.config.models.connections import Connections

    return _schema(Connections, "connections of mailstack")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    made = _unwrapped(model.model_json_schema(schema_generator=_Generator))
    for definition in made["$defs"].values():
        del definition["title"]
    definitions = made.pop("$defs")
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **made,
        "title": title,
        "$defs": definitions,
    }


def _unwrapped(node: Any) -> Any:
    """Return a schema in the one form that every pydantic agrees on: keys sorted, no `allOf` around one."""
    if isinstance(node, list):
        return [_unwrapped(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _unwrapped(value) for key, value in sorted(node.items())}
    if isinstance(plain.get("allOf"), list) and len(plain["allOf"]) == 1:
        plain |= plain.pop("allOf")[0]
    return plain


def text() -> str:
    """Return the schema of a stack as the file that is published; the same models give the same bytes."""
    return _text(schema())


def connections_text() -> str:
    """Return the schema of a file of connections as the file that is published."""
    return _text(connections_schema())


def _text(made: dict[str, Any]) -> str:
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
