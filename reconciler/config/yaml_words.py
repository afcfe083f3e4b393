"""YAML's own errors in the words of somebody who writes mail addresses, not grammars.

libyaml and PyYAML word the same fault differently and point at different places, so what is
told is worked out from the kind of the error and the text around it.  No part of a value is
ever quoted: it may be a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from reconciler.errors import Problem, Where

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_GLUED = re.compile(r"\s*(?:- +)?([A-Za-z_][A-Za-z0-9_.-]*):(?![\s/]|$)")

_SPACES = "YAML indents with spaces only.  Replace the tab by spaces."
_QUOTE_COLON = 'A text that contains ": " must be in quotes.'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """What PyYAML reports, with the lines at hand; positions count from 0."""

    what: str
    context: str
    lines: list[str]
    line: int
    column: int
    context_line: int
    context_column: int

    @property
    def sign(self) -> str:
        """Return the character at the fault, or nothing at the end of a line."""
        text = self.text_of(self.line)
        return text[self.column : self.column + 1]

    @property
    def before(self) -> str:
        """Return what stands in the line before the fault."""
        return self.text_of(self.line)[: self.column]

    def text_of(self, line: int) -> str:
        return self.lines[line] if 0 <= line < len(self.lines) else ""


def explain(error: Any, text: str, file: str) -> Problem:
    """Return what a yaml.YAMLError means for the person who wrote the text."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _unprintable(text, file)
    start = getattr(error, "context_mark", None) or mark
    fault = _Fault(
        what=str(error.problem),
        context=str(error.context or ""),
        lines=text.splitlines(),
        line=mark.line,
        column=mark.column,
        context_line=start.line,
        context_column=start.column,
    )
    line, column, summary, detail = _told(fault)
    last = max(len(fault.lines) - 1, 0)
    if line > last:  # libyaml places an unexpected end on the line after the last
        line, column = last, len(fault.text_of(last))
    return Problem(
        where=Where(file=file, line=line + 1, column=column + 1),
        summary=summary,
        detail=detail,
        rule="yaml-syntax",
    )


def _unprintable(text: str, file: str) -> Problem:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return Problem(where=Where(file=file), summary="this is no YAML text", rule="yaml-syntax")
    before = text[: found.start()]
    line = before.count("\n")
    return Problem(
        where=Where(file=file, line=line + 1, column=found.start() - before.rfind("\n")),
        summary="a control character",
        detail=f"The character U+{ord(found.group()):04X} here is invisible and not allowed.  Delete it.",
        rule="yaml-syntax",
    )


def _told(fault: _Fault) -> tuple[int, int, str, str]:
    """Return line, column, summary and detail."""
    here = (fault.line, fault.column)
    what, context = fault.what, fault.context
    if "tab character" in what or ("start any token" in what and fault.sign == "\t"):
        return (*here, "a tab in the indentation", _SPACES)
    if "start any token" in what or "node content" in what:
        return _sign_at_start(fault)
    if "mapping values" in what:
        return _second_colon(fault)
    if "sequence entries" in what:
        detail = 'Begin the list on the next line, each item after "- ", or write [a, b].'
        return (*here, "a list cannot begin here", detail)
    if "scanning an alias" in context or "scanning an anchor" in context:
        return _alias_or_anchor(fault)
    if "quoted" in context or "double-quoted" in context:
        return _quotes(fault)
    if "flow" in context:
        return _brackets(fault)
    if "block scalar" in context:
        detail = 'After "|" or ">" the text begins on the next line.'
        return (fault.context_line, fault.context_column, "text on the line of a block sign", detail)
    if " tag" in context or "tag handle" in what:
        detail = (
            'A word that begins with "!" is a YAML tag.  If it is meant as text, write the value in quotes.'
        )
        return (fault.context_line, fault.context_column, "YAML tags are not read", detail)
    if "directive" in context or "incompatible" in what or "directive" in what:
        detail = 'A line that begins with "%" speaks to the YAML parser.  Delete it.'
        return (fault.line, 0, "a YAML directive that is not understood", detail)
    if "expected ':'" in what:
        return _no_colon(fault)
    if "expected key" in what or "<block end>" in what or "expected '-'" in what:
        return _does_not_fit(fault)
    return (*here, "this is no YAML", "Up to here the text is YAML; what follows is not.")


def _sign_at_start(fault: _Fault) -> tuple[int, int, str, str]:
    sign = fault.sign
    here = (fault.line, fault.column)
    if not sign:
        return (*here, "a value is missing", "The file ends where a value must stand.")
    if sign in "]},":
        detail = (
            f'There is nothing open that this "{sign}" could belong to.  A text with it must be in quotes.'
        )
        return (*here, f'an unexpected "{sign}"', detail)
    detail = f'A text that begins with "{sign}" must be in quotes: write "{sign}" in quotes.'
    return (*here, f'"{sign}" without quotes', detail)


def _second_colon(fault: _Fault) -> tuple[int, int, str, str]:
    for line in range(fault.line, max(fault.line - 20, -1), -1):
        glued = _GLUED.match(fault.text_of(line))
        if glued and (line < fault.line or ": " not in fault.before):
            return _glued(line, glued)
        if line < fault.line and ": " in fault.text_of(line):
            break
    if re.search(r":\s", fault.before) or '"' in fault.before:
        return (fault.line, fault.column, "a second colon in one line", _QUOTE_COLON)
    column = len(fault.before) - len(fault.before.lstrip())
    detail = (
        "This line is indented deeper than the one above, which has a value already.  "
        "Indent it like its neighbours."
    )
    return (fault.line, column, "a key in the middle of a value", detail)


def _glued(line: int, glued: re.Match[str]) -> tuple[int, int, str, str]:
    detail = f'After the colon of a key a space is needed: "{glued.group(1)}: ...".'
    return (line, glued.end(1), "no space after the colon", detail)


def _no_colon(fault: _Fault) -> tuple[int, int, str, str]:
    text = fault.text_of(fault.context_line)
    glued = _GLUED.match(text)
    if glued:
        return _glued(fault.context_line, glued)
    detail = 'A line here is "key: value".  There is no colon with a space after it.'
    return (fault.context_line, fault.context_column, "a line without a key", detail)


def _alias_or_anchor(fault: _Fault) -> tuple[int, int, str, str]:
    sign = fault.text_of(fault.context_line)[fault.context_column : fault.context_column + 1]
    detail = f'A text that begins with "{sign}" must be in quotes: write "{sign}" in quotes.'
    return (fault.context_line, fault.context_column, f'"{sign}" without quotes', detail)


def _quotes(fault: _Fault) -> tuple[int, int, str, str]:
    if "escape" in fault.what or "hexdecimal" in fault.what or "Unicode" in fault.what:
        detail = "Inside double quotes a backslash begins an escape.  Write it twice, or use single quotes."
        return (fault.line, fault.column, "an unknown escape", detail)
    detail = "The text that begins here has no closing quote."
    return (fault.context_line, fault.context_column, "a quote that is not closed", detail)


def _brackets(fault: _Fault) -> tuple[int, int, str, str]:
    opened = fault.text_of(fault.context_line)[fault.context_column : fault.context_column + 1] or "["
    closing = "}" if opened == "{" else "]"
    if fault.line >= len(fault.lines) or not fault.sign or fault.line != fault.context_line:
        detail = f'There is no "{closing}" for this "{opened}", or a comma is missing.'
        return (fault.context_line, fault.context_column, f'"{opened}" that is not closed', detail)
    detail = (
        f'The "{opened}" of column {fault.context_column + 1} wants a "," or a "{closing}" here.  '
        "A text with one of , [ ] { } in it must be in quotes."
    )
    return (fault.line, fault.column, f'a "," or "{closing}" is missing', detail)


def _does_not_fit(fault: _Fault) -> tuple[int, int, str, str]:
    before = fault.before.strip()
    here = (fault.line, fault.column)
    if fault.sign == ":":
        return (*here, "a key is missing", "There is no text before this colon.")
    if before and not before.startswith("- ") and before != "-":
        detail = (
            "A value ends at its closing quote or bracket.  Put the whole text in quotes; "
            "a ' inside '...' is written twice."
        )
        return (*here, "text after the end of a value", detail)
    if fault.text_of(fault.line).lstrip().startswith("- "):
        detail = 'A key is expected here.  Indent the "- " like the items above it, or below its key.'
        return (*here, "a list item that belongs to nothing", detail)
    if "'-'" in fault.what or "collection" in fault.context:
        detail = 'Above are list items.  Begin this line with "- ", too, or indent it like the list\'s key.'
        return (*here, "a key inside a list", detail)
    detail = (
        "This line is indented like no line above it.  Indent it exactly like the keys that it belongs to."
    )
    return (*here, "the indentation fits nothing", detail)
