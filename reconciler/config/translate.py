"""pydantic's errors in the words of the file: where, what is wanted, an example to copy.

pydantic says what a type system sees ("Input should be a valid dictionary"); a person sees a
key that has no value.  What was written is told only where it cannot be a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from reconciler.config.faults import Faults, did_you_mean
from reconciler.config.models.secret import SecretSource, SettingValue
from reconciler.config.models.stack import Written
from reconciler.config.tree import NOTHING, Path

_ONE_PIECE = (
    "A key is written in one piece, such as session.rcpt.max-recipients: 50, and an item of a list "
    "with its number: key.0000.  A secret value is {env: NAME}, {file: path} or {command: [...]}."
)
_PLAIN = re.compile(r"[A-Za-z0-9_./$:+-][A-Za-z0-9_./$:@+ -]*")


class _Field(NamedTuple):
    """A key of the file, as its model describes it."""

    name: str
    info: FieldInfo | None

    @property
    def description(self) -> str:
        return (self.info.description if self.info else None) or ""

    @property
    def example(self) -> str:
        if self.info is None or not self.info.examples:
            return ""
        return f"For example:\n    {self.name}: {_flow(self.info.examples[0])}"


def note(error: ValidationError, model: type[BaseModel], faults: Faults, at: Path = ()) -> None:
    """Add a problem for each error; `at` is the path of the mapping that was validated."""
    for item in error.errors(include_url=False):
        loc = item["loc"]
        owner, field = _known(model, loc)
        told = _told(item["type"], item, owner, field)
        faults.add((*at, *loc), told, key=item["type"] in ("extra_forbidden", "too_short"))


def _known(model: type[BaseModel], loc: Path) -> tuple[type[BaseModel], _Field]:
    """Return the model in which a path ends, and the last field on the way."""
    owner, field = model, _Field("", None)
    kind: Any = model
    for step in loc:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            owner, field = kind, _Field(str(step), kind.model_fields.get(str(step)))
            kind = _inner(field.info.annotation) if field.info else None
        else:
            kind = _inner(get_args(kind)[-1]) if get_args(kind) else None
    return owner, field


def _inner(kind: Any) -> Any:
    """Return an annotation without Annotated and `| None`."""
    while True:
        arguments = [argument for argument in get_args(kind) if argument is not type(None)]
        if hasattr(kind, "__metadata__"):
            kind = kind.__origin__
        elif get_origin(kind) not in (dict, list) and len(arguments) == 1 and type(None) in get_args(kind):
            kind = arguments[0]
        else:
            return kind


def _told(kind: str, item: Mapping[str, Any], owner: type[BaseModel], field: _Field) -> tuple[str, str, str]:
    last = item["loc"][-1] if item["loc"] else "the file"
    name = f'"{last}"' if isinstance(last, str) else f'an item of "{field.name}"'
    value = item["input"]
    if kind == "mailstack":
        told: tuple[str, str, str] = item["ctx"]["told"]
        return told
    if kind == "extra_forbidden":
        return _unknown_key(str(item["loc"][-1]), owner)
    if kind == "missing":
        return (f"{name} is missing", f"{field.description}  {field.example}".strip(), "missing-key")
    if value is NOTHING:
        return (f"{name} has no value", f"Write one, or delete the line.  {field.example}", "no-value")
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", str(item["ctx"]["expected"]))
        return _not_one_of(name, value, options)
    if kind == "string_pattern_mismatch":
        return (
            f"{name} has a control character",
            "A text here is one line of visible signs.",
            "control-character",
        )
    if kind in ("string_too_short", "too_short"):
        return (f"{name} is empty", field.example, "empty-value")
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        if owner is Written and field.name == "settings" and last != "settings":
            return (f"{name} must be a single value", _ONE_PIECE, "setting-levels")
        return (f"{name} must be a mapping", f'Lines of "key: value" belong here.  {field.example}', "type")
    if kind == "list_type":
        return (f"{name} must be a list", field.example, "type")
    if isinstance(value, dict) and list(value.values()) == [NOTHING]:
        detail = "YAML reads {braces} as a mapping.  Put the text in quotes."
        return (f"{name} must be a text", detail, "type")
    return (f"{name} must be a single value", f"Here is a list or a mapping.  {field.example}", "type")


def _not_one_of(name: str, value: object, options: list[str]) -> tuple[str, str, str]:
    if not isinstance(value, str):
        return (f"{name} must be a single value", f"It is one of: {', '.join(options)}.", "type")
    if name == '"version"':
        return ("a version that this program does not read", "This program reads version 1.", "version")
    detail = f"{did_you_mean(value, options)}It is one of: {', '.join(options)}."
    return (f"{name} has a value that is not known", detail, "unknown-value")


def _unknown_key(key: str, owner: type[BaseModel]) -> tuple[str, str, str]:
    # A class's own fields before those that it inherits.
    known = sorted(owner.model_fields, key=lambda name: name not in owner.__annotations__)
    all_known = f"Known here: {', '.join(known)}."
    if owner is SettingValue:
        return ("a setting in several levels", _ONE_PIECE, "setting-levels")
    if issubclass(owner, SecretSource):
        # What stands here may be the secret itself, between braces.
        return ("an unknown key in a secret", all_known, "unknown-key")
    detail = did_you_mean(key, known) or did_you_mean(key.lower(), known) or _elsewhere(key) or all_known
    return (f'unknown key "{key}"', detail.rstrip(), "unknown-key")


def _elsewhere(key: str) -> str:
    """Return where a key belongs that is known somewhere else in the file."""
    places = [
        name
        for name, info in Written.model_fields.items()
        if isinstance(inner := _inner(info.annotation), type)
        and issubclass(inner, BaseModel)
        and key in inner.model_fields
        and name != "defaults"
    ]
    if key in Written.model_fields:
        return f'"{key}" belongs to the top of the file.  '
    return f'"{key}" belongs under `{places[0]}:`.  ' if places else ""


def _flow(value: object) -> str:
    """Return an example as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and ": " not in value:
        return value
    return json.dumps(value)
