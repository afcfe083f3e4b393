"""Edits as a careful person would make them: `golden/`, one readable file a case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.backends.dns.zonefile.edits import Add, Adopt, Delete, Edit, Forget, Replace
from reconciler.backends.dns.zonefile.zone import Zone

CASES = sorted((Path(__file__).parent / "golden").glob("*.zone"))
OPTION = re.compile(r"(ttl|mark)=(\S+) ")


def sections(path: Path) -> tuple[bytes, str, bytes]:
    _, before, edits, after, _ = re.split(r"(?m)^=== \w+ ===\n", path.read_text("utf-8"))
    return before.encode(), edits, after.encode()


def parsed(edits: str) -> tuple[list[Edit], int | None]:
    found: list[Edit] = []
    serial = None
    for line in edits.splitlines():
        verb, owner, rest = line.split(None, 2) if line.count(" ") > 1 else (*line.split(), "")
        if verb == "serial":
            serial = int(owner)
            continue
        rrtype, rest = rest.split(None, 1)
        options = dict(OPTION.findall(rest))
        value = OPTION.sub("", rest)
        key = {"owner": "example.org." if owner == "@" else f"{owner}.example.org.", "rrtype": rrtype}
        ttl = int(options["ttl"]) if "ttl" in options else None
        stack = options.get("mark")
        match verb:
            case "+":
                found.append(Add(**key, value=value, ttl=ttl, stack=stack))
            case "~":
                before, after = value.split(" -> ")
                found.append(Replace(**key, before=before, value=after, ttl=ttl, stack=stack))
            case "-":
                found.append(Delete(**key, value=value))
            case ">":
                found.append(Adopt(**key, value=value, stack=options["mark"]))
            case "<":
                found.append(Forget(**key, value=value))
    return found, serial


def without_checks(data: bytes) -> bytes:
    return re.sub(rb"(mailstack:[^:\s]+:)[0-9a-f]{6}", rb"\1%%%%%%", data)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_edit(path):
    before, text, after = sections(path)
    edits, serial = parsed(text)
    zone = Zone.parse(before, name="example.org", file=path.name)
    assert after.decode() == without_checks(zone.edit(edits, serial=serial)).decode()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_new_text_holds_valid_marks_only(path):
    before, text, _ = sections(path)
    edits, serial = parsed(text)
    after = Zone.parse(before, name="example.org", file=path.name).edit(edits, serial=serial)
    marked = Zone.parse(after, name="example.org", file=path.name).marked
    assert all(record.mark.is_valid for record in marked if record.mark.stack == "home")
