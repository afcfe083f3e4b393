"""What stands between `${{` and `}}` in a workflow, evaluated as GitHub's runner does.

Literals, contexts with `.name` and `['name']`, `! == != < <= > >= && ||`, brackets, and the functions that
our files use.  Not here: the `*` filter, hashFiles, and what needs a runner (a function that is not
known raises, so a file cannot use it unseen).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Functions = Mapping[str, Callable[..., Any]]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>&&|\|\||[=!<>]=|[()\[\].,!<>]))"
)
_SPAN = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


class Unknown(Exception):
    """The expression uses what this stand-in does not know."""


def text_of(value: Any) -> str:
    """Return a value as it is put into a text."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case Mapping() | list():
            return "Object" if isinstance(value, Mapping) else "Array"
    return str(value)


def is_true(value: Any) -> bool:
    return value not in (None, False, 0, "") or isinstance(value, Mapping | list)


def filled(value: Any, contexts: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """Return a value of the file with every expression in it evaluated.

    A text that is one expression becomes that expression's value; in a longer text it becomes a text.
    """
    if isinstance(value, Mapping):
        return {key: filled(part, contexts, functions) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, contexts, functions) for part in value]
    if not isinstance(value, str):
        return value
    if whole := _SPAN.fullmatch(value.strip()):
        return evaluate(whole[1], contexts, functions)
    return _SPAN.sub(lambda span: text_of(evaluate(span[1], contexts, functions)), value)


def condition(text: str, contexts: Mapping[str, Any], functions: Functions) -> bool:
    """Return whether an `if:` holds.  Without a function of the status in it, `success()` is meant as well."""
    inner = whole[1] if (whole := _SPAN.fullmatch(text.strip())) else text
    holds = is_true(evaluate(inner, contexts, functions))
    if re.search(r"\b(success|failure|always|cancelled)\s*\(", inner):
        return holds
    return holds and functions["success"]()


def evaluate(text: str, contexts: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """Return the value of one expression."""
    return _Parser(text, contexts, {**_FUNCTIONS, **(functions or {})}).whole()


class _Parser:
    """Evaluates while it reads: what stands here has no effects, so both sides of && may be asked."""

    def __init__(self, text: str, contexts: Mapping[str, Any], functions: Functions) -> None:
        self._text, self._contexts, self._functions = text, contexts, functions
        self._tokens = list(self._split(text))
        self._at = 0

    def _split(self, text: str) -> Sequence[tuple[str, str]]:
        found, at = [], 0
        while text[at:].strip():
            token = _TOKEN.match(text, at)
            if token is None:
                raise Unknown(f"{text!r}, from {text[at:]!r}")
            found.append((str(token.lastgroup), token[str(token.lastgroup)]))
            at = token.end()
        return found

    def whole(self) -> Any:
        value = self._either()
        if self._at != len(self._tokens):
            raise Unknown(f"{self._text!r}: more than one expression")
        return value

    def _next_is(self, *signs: str) -> str:
        kind, word = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind == "sign" and word in signs:
            self._at += 1
            return word
        return ""

    def _wanted(self, sign: str) -> None:
        if not self._next_is(sign):
            raise Unknown(f"{self._text!r}: no {sign}")

    def _either(self) -> Any:
        value = self._both()
        while self._next_is("||"):
            other = self._both()
            value = value if is_true(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._next_is("&&"):
            other = self._compared()
            value = other if is_true(value) else value
        return value

    def _compared(self) -> Any:
        value = self._single()
        while sign := self._next_is("==", "!=", "<=", ">=", "<", ">"):
            value = _compare(sign, value, self._single())
        return value

    def _single(self) -> Any:
        if self._next_is("!"):
            return not is_true(self._single())
        if self._next_is("("):
            value = self._either()
            self._wanted(")")
            return value
        kind, word = self._tokens[self._at]
        self._at += 1
        match kind:
            case "text":
                return word[1:-1].replace("''", "'")
            case "number":
                return float(word)
            case "name" if word in _WORDS:
                return _WORDS[word]
            case "name" if self._next_is("("):
                return self._called(word)
            case "name":
                return self._inside(self._context(word))
        raise Unknown(f"{self._text!r}, at {word!r}")

    def _context(self, name: str) -> Any:
        if name not in self._contexts:
            raise Unknown(f"{self._text!r}: the context {name} is not to be had here")
        return self._contexts[name]

    def _called(self, name: str) -> Any:
        given = []
        while not self._next_is(")"):
            given.append(self._either())
            self._next_is(",")
        if name not in self._functions:
            raise Unknown(f"{self._text!r}: the function {name}")
        return self._inside(self._functions[name](*given))

    def _inside(self, value: Any) -> Any:
        while sign := self._next_is(".", "["):
            if sign == ".":
                key: Any = self._tokens[self._at][1]
                self._at += 1
            else:
                key = self._either()
                self._wanted("]")
            value = _member(value, key)
        return value


def _member(value: Any, key: Any) -> Any:
    """Return a part; of what is not there, nothing, which is what GitHub does."""
    if isinstance(value, Mapping):
        found = next((k for k in value if k.lower() == str(key).lower()), None)
        return None if found is None else value[found]
    if isinstance(value, list) and isinstance(key, float) and 0 <= key < len(value):
        return value[int(key)]
    return None


def _number(value: Any) -> float:
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case str():
            try:
                return float(value or 0)
            except ValueError:
                return float("nan")
    return float("nan")


def _compare(sign: str, left: Any, right: Any) -> bool:
    """Compare as GitHub does: texts without regard to case, different types as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        a: Any = left.lower()
        b: Any = right.lower()
    else:
        a, b = _number(left), _number(right)
    return {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_compare("==", part, what) for part in where)
    return text_of(what).lower() in text_of(where).lower()


_FUNCTIONS: Functions = {
    "fromJSON": lambda text: json.loads(text),
    "toJSON": lambda value: json.dumps(value, indent=2),
    "contains": _contains,
    "startsWith": lambda text, start: text_of(text).lower().startswith(text_of(start).lower()),
    "endsWith": lambda text, end: text_of(text).lower().endswith(text_of(end).lower()),
    "format": lambda text, *values: re.sub(r"\{(\d+)\}", lambda m: text_of(values[int(m[1])]), text),
}
