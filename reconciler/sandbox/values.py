"""The values of a principal's fields as JSON gives them: a string, a number, or a list of one of them."""

from __future__ import annotations

from reconciler.sandbox.answers import bad_parameters
from reconciler.sandbox.principal import MAX_TEXT

# A tuple is a list of numbers, a list is one of strings (the empty one, too): `match` can tell them.
Value = str | int | list[str] | tuple[int, ...]


def read_value(value: object) -> Value:
    """Return the value, or raise RefusedError (400).  null, booleans and mixed lists are no values."""
    if not isinstance(value, list):
        return _read_scalar(value)
    items = [_read_scalar(item) for item in value]
    texts = [item for item in items if isinstance(item, str)]
    numbers = tuple(item for item in items if isinstance(item, int))
    if texts and numbers:
        raise bad_parameters()
    return numbers or texts


def _read_scalar(value: object) -> str | int:
    if isinstance(value, str) and len(value.encode()) <= MAX_TEXT:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return value
    raise bad_parameters()


def first_number(value: Value) -> int:
    """Return the number that a quota means: of a list the first one counts, a text may hold one."""
    match value:
        case int(number) | [int(number), *_]:
            return number
        case str(text) | [str(text), *_] if text.isascii() and text.isdigit():
            return int(text)
        case _:
            return 0
