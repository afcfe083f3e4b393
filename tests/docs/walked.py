"""A page of docs, walked as a reader walks it: its commands run, its edits made, its output compared.

    ```console      each "$ " line is run; what stands below it is what it says
    ```diff         the lines are changed in mailstack.yaml
    ```yaml NAME    what the file NAME holds now

What the machine decides - the port, the folder, a plan's id - is written in the page's own way.
MAILSTACK_GOLDEN=write takes what was said into the page.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cli

WRITES = os.environ.get("MAILSTACK_GOLDEN") == "write"
# Stands in a page for a plan that an apply shows once more.
_AGAIN = "[the plan, as above]"
_BLOCK = re.compile(
    r"^```(?P<kind>console|diff|yaml)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Walk:
    """A reader in a folder.  names maps what the page writes to what it is here, longest first."""

    page: Path
    project: cli.Project
    names: Mapping[str, str]
    said: list[str] = field(default_factory=list)

    def walk(self) -> str:
        """Do all that the page says; return the page with what really came of it."""
        text = _BLOCK.sub(self._done, self.page.read_text(encoding="utf-8"))
        if WRITES:
            self.page.write_text(text, encoding="utf-8")
        return text

    def _done(self, block: re.Match[str]) -> str:
        kind, name, text = block["kind"], block["name"], block["text"]
        head = f"```{kind}" + (f" {name}" if name else "") + "\n"
        match kind:
            case "console":
                return head + "".join(map(self._ran, re.split(r"^(?=\$ )", text, flags=re.MULTILINE))) + "```"
            case "diff":
                self._edit(text)
                return head + text + "```"
            case _ if name:
                return head + self._shown(self._file(name).read_text(encoding="utf-8")) + "```"
            case _:
                return block[0]

    def _ran(self, part: str) -> str:
        if not part.startswith("$ "):
            return part
        line = part.splitlines()[0]
        words = shlex.split(self._here(line[2:]))
        if words[0] == "export":
            self.project.environ.update(word.split("=", 1) for word in words[1:])
            return f"{line}\n"
        assert words[0] == "mailstack", f"{line}: only our own commands are run"
        ended = self.project.run(*words[1:])
        assert ended.code == 0, f"{line}\n{ended}"
        said = self._shown(ended.err + ended.out)
        if f"\n{_AGAIN}\n" in part:
            said = f"{_AGAIN}\n\n" + said[said.index("mailstack apply · ") :]
        return f"{line}\n{said}"

    def _edit(self, text: str) -> None:
        file = self._file("mailstack.yaml")
        found = file.read_text(encoding="utf-8")
        gone = "".join(line[1:] for line in text.splitlines(True) if line.startswith("-"))
        come = "".join(line[1:] for line in text.splitlines(True) if line.startswith("+"))
        assert found.count(gone) == 1, f"not in the file: {gone}"
        file.write_text(found.replace(gone, come), encoding="utf-8")

    def _file(self, name: str) -> Path:
        return self.project.folder / name

    def _here(self, text: str) -> str:
        for written, real in self.names.items():
            text = text.replace(written, real)
        return text

    def _shown(self, text: str) -> str:
        for written, real in self.names.items():
            text = text.replace(real, written)
        return text
