"""A folder with a stack and a zone file, and perhaps the name server that serves it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cli
import named


@dataclass
class Site:
    """A folder with a zone file, the stack for it, and the name server that serves it."""

    project: cli.Project
    zonefile: Path
    named: named.Named | None = None

    def stack(self, dns: str = "", top: str = "", **keys: object) -> None:
        """Write the stack: `dns` lines beside zonefile, servers and reload, `top` lines beside the rest.

        A key of None is left out.
        """
        known: dict[str, object] = {"zonefile": str(self.zonefile), "mail": [], "timeout": "5s"}
        if self.named is not None:
            known |= {"servers": [self.named.server], "reload": self.named.reload}
        known |= keys
        lines = [f"  {key}: {json.dumps(value)}" for key, value in known.items() if value is not None]
        lines += [f"  {line}" for line in dns.splitlines()]
        self.project.stack("\n".join(["dns:", *lines, top]) + "\n")

    def records(self, *records: tuple[str, ...], **keys: object) -> None:
        """Write a stack that declares these records: (name, type, value), and perhaps a TTL."""
        written = [dict(zip(("name", "type", "value", "ttl"), one, strict=False)) for one in records]
        self.stack(f"records: {json.dumps(written)}", **keys)

    def plan(self, *options: str) -> cli.Ended:
        return self.project.run("plan", *options)

    def apply(self, *options: str) -> cli.Ended:
        return self.project.run("apply", "--yes", *options)

    @property
    def text(self) -> str:
        return self.zonefile.read_bytes().decode("latin-1")

    def beside(self) -> set[str]:
        """Return what mailstack left beside the zone file."""
        return {path.name for path in self.zonefile.parent.iterdir() if ".mailstack-" in path.name}

    def difference(self, before: str) -> tuple[list[str], list[str]]:
        """Return the lines that are gone since, and those that are new."""
        old, new = before.splitlines(), self.text.splitlines()
        return [line for line in old if line not in new], [line for line in new if line not in old]
