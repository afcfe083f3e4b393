"""The types of single values: a text from the file in, a typed value out.

Every scalar reaches these models as the text that was written, so each type says itself
what it accepts.  What is wrong is told in words; pydantic's own errors are translated in
`translate.py`.  The JSON Schema of a type describes what an editor's YAML parser sees,
which does type scalars: a number of seconds is an integer there, and `yes` a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeAlias

from annotated_types import MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError

from reconciler.config.tree import NOTHING
from reconciler.config.units import BYTES, BYTES_MAX, SECONDS


class Model(BaseModel):
    """A mapping of the file: known keys only, and no input in pydantic's own texts (it may be a secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


def wrong(summary: str, detail: str, rule: str) -> PydanticCustomError:
    """Return the error that a validator raises; it becomes a Problem with these texts."""
    return PydanticCustomError("mailstack", "wrong value", {"told": (summary, detail, rule)})


@dataclass(frozen=True, slots=True, eq=False)
class AlsoWritten:
    """In the schema: the value may be written in these forms, too."""

    forms: tuple[JsonSchemaValue, ...]

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        own = schema.pop("anyOf", None) or [schema]
        return {"anyOf": [*self.forms, *(form for form in own if form not in self.forms)]}


TEXT_FORM: JsonSchemaValue = {"type": "string"}
NOTHING_FORM: JsonSchemaValue = {"type": "null"}
FLAG_FORM: JsonSchemaValue = {"enum": [True, False, "yes", "no", "on", "off"]}

# No control characters: such a text ends up in one line of a record, a setting or a terminal.
_VISIBLE = r"^[^\x00-\x1f\x7f]*$"
Line: TypeAlias = Annotated[str, StringConstraints(pattern=_VISIBLE), WithJsonSchema(TEXT_FORM)]
Word: TypeAlias = Annotated[
    str, StringConstraints(pattern=_VISIBLE, min_length=1), WithJsonSchema({"type": "string", "minLength": 1})
]
# Names and values that may look like a number: an account 007, a TXT record 42.
NAME_FORM: JsonSchemaValue = {"type": ["string", "number"]}
Loose: TypeAlias = Annotated[Word, WithJsonSchema(NAME_FORM)]


def nothing_is_empty(value: object) -> object:
    """Return {} for a key without a value: everything below it is commented out."""
    return {} if value is NOTHING else value


def nothing_is_no_items(value: object) -> object:
    """Return [] for a key without a value."""
    return [] if value is NOTHING else value


OrNothing = (BeforeValidator(nothing_is_empty), AlsoWritten((NOTHING_FORM,)))
OrNoItems = (BeforeValidator(nothing_is_no_items), AlsoWritten((NOTHING_FORM,)))

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def as_flag(value: object) -> bool | None:
    """Return what a word for yes or no says, None when it is no such word."""
    return _FLAGS.get(value.lower()) if isinstance(value, str) else None


def _flag(value: object) -> object:
    flag = as_flag(value)
    if flag is None and isinstance(value, str):
        raise wrong("not true or false", "Write true or false (yes, no, on and off do as well).", "bool")
    return value if flag is None else flag


Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag), WithJsonSchema(FLAG_FORM)]

_NUMBER = re.compile(r"[0-9]{1,18}")


def _count(value: object) -> object:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise wrong("not a whole number", "Write digits only, such as 1.", "number")
    return int(value) if isinstance(value, str) else value


Revision: TypeAlias = Annotated[
    int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})
]

_DURATION = re.compile(r"[0-9]{1,12}[smhdw]?|(?:[0-9]{1,12}[smhdw])+", re.IGNORECASE)
_DURATION_FORM: JsonSchemaValue = {
    "type": ["integer", "string"],
    "minimum": 0,
    "pattern": "^([0-9]+|([0-9]+[smhdwSMHDW])+)$",
}
DURATION_MAX = 2**31 - 1  # RFC 2181 section 8, for TTLs; longer waits make no sense either


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _DURATION.fullmatch(value):
        raise wrong(
            "not a length of time", "Write a number with its unit, such as 30s, 5m, 1h or 2d.", "duration"
        )
    seconds = int(value) if value.isdigit() else 0
    for number, unit in re.findall(r"([0-9]+)([smhdw])", value.lower()):
        seconds += int(number) * SECONDS[unit]
    if seconds > DURATION_MAX:
        raise wrong("too long a time", f"At most {DURATION_MAX} seconds are possible.", "duration")
    return seconds


def _duration_above_zero(value: object) -> object:
    seconds = _duration(value)
    if seconds == 0:
        raise wrong("no time at all", "Nothing can be done in no time.  Write 10s, for example.", "duration")
    return seconds


Duration: TypeAlias = Annotated[int, BeforeValidator(_duration), WithJsonSchema(_DURATION_FORM)]
Timeout: TypeAlias = Annotated[int, BeforeValidator(_duration_above_zero), WithJsonSchema(_DURATION_FORM)]

_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([A-Za-z]*)")
_QUOTA_FORM: JsonSchemaValue = {
    "type": "string",
    "pattern": "^(none|[0-9]+(\\.[0-9]+)? ?([kKmMgGtTpP][iI]?)?[bB])$",
}


def _quota(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lower() == "none":
        return None
    found = _SIZE.fullmatch(value)
    if not found:
        raise wrong(
            "not a size", "Write a number with its unit, such as 5GiB, or none for no limit.", "quota"
        )
    number, unit = found.groups()
    factor = BYTES.get(unit.lower())
    if factor is None:
        told = (
            f'"{unit}" is no unit.' if unit else "A number alone may mean anything from bytes to gigabytes."
        )
        hint = number + (unit.upper() + "iB" if unit.lower() in {*"kmgtp"} else "GiB")
        raise wrong(
            "a size without a unit", f"{told}  Write {hint}, for example, or none for no limit.", "quota"
        )
    size = Decimal(number) * factor
    if size == 0:
        raise wrong(
            "a quota of nothing", "For the server 0 means no limit.  Write none if that is meant.", "quota"
        )
    if size != size.to_integral_value() or size > BYTES_MAX:
        raise wrong("not a size", "This is no whole number of bytes that a server can count.", "quota")
    return int(size)


Quota: TypeAlias = Annotated[int | None, BeforeValidator(_quota), WithJsonSchema(_QUOTA_FORM)]


def _argv(value: object) -> object:
    if isinstance(value, str):
        detail = "No shell reads it.  Write the words as a list: [docker, restart, stalwart]."
        raise wrong("a command is a list of words", detail, "command")
    return value


Argv: TypeAlias = Annotated[list[Loose], BeforeValidator(_argv), MinLen(1)]


def short(key: str) -> Callable[[object], object]:
    """Return a validator that reads a text as a mapping with this one key."""

    def read(value: object) -> object:
        return {key: value} if isinstance(value, str) else value

    return read


def switch(
    true: object = None, *, key: str | None = None, items: str | None = None
) -> Callable[[object], object]:
    """Return a validator for a thing that can be on or off.

    False and [] become None ("not this one"), True and nothing become `true` ({} unless given).
    With `key`, another text becomes a mapping with that key; with `items`, a list does.
    """

    def read(value: object) -> object:
        flag = as_flag(value)
        if flag is False or value == []:
            return None
        if flag or value is NOTHING:
            return {} if true is None else true
        if key and isinstance(value, str):
            return {key: value}
        if items and isinstance(value, list):
            return {items: value}
        return value

    return read
