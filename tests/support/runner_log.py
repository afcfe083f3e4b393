"""What a runner of CI jobs finds in a log and in a file of outputs, as the runner of GitHub's reads them.

Commands: a line that begins with `::` after blanks, else `##[` anywhere in a line; only names that the
runner knows count.  Colours, groups and masks of secrets are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KNOWN = frozenset(
    {"set-output", "set-env", "save-state", "add-path", "add-mask", "add-matcher", "remove-matcher"}
    | {"stop-commands", "debug", "notice", "warning", "error", "group", "endgroup", "echo"}
)


@dataclass(frozen=True, kw_only=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Return the commands in a log.  What follows `stop-commands` is a command all the same here."""
    return [found for line in re.split(r"\r\n|\r|\n", log) if (found := _modern(line) or _former(line))]


def _modern(line: str) -> Command | None:
    text = line.lstrip()
    if not text.startswith("::") or "::" not in text[2:]:
        return None
    head, _, data = text[2:].partition("::")
    return _command(head, data, ",", [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")])


def _former(line: str) -> Command | None:
    _, found, text = line.partition("##[")
    if not found or "]" not in text:
        return None
    head, _, data = text.partition("]")
    return _command(head, data, ";", [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")])


def _command(head: str, data: str, comma: str, signs: list[tuple[str, str]]) -> Command | None:
    name, _, rest = head.partition(" ")
    if name.lower() not in KNOWN:
        return None
    pairs = [pair.split("=", 1) for pair in rest.strip().split(comma) if "=" in pair]
    return Command(
        name=name,
        properties={key: _read(value, signs) for key, value in pairs},
        data=_read(data, [sign for sign in signs if sign[1] in "\r\n%;]"]),
    )


def _read(text: str, signs: list[tuple[str, str]]) -> str:
    for written, sign in signs:
        text = text.replace(written, sign)
    return text


def outputs(text: str) -> dict[str, str]:
    """Return the outputs in the text of a file: `name=value`, or `name<<END`, lines, `END`."""
    lines = text.split("\n")
    assert lines.pop() == "", "the last line has no end"
    found: dict[str, str] = {}
    while lines:
        line = lines.pop(0)
        is_long = "<<" in line and ("=" not in line or line.index("<<") < line.index("="))
        name, _, rest = line.partition("<<" if is_long else "=")
        assert name and (rest or not is_long), f"the runner refuses this line: {line!r}"
        if not is_long:
            found[name] = rest
            continue
        end = lines.index(rest)
        found[name] = "\n".join(lines[:end])
        del lines[: end + 1]
    return found
