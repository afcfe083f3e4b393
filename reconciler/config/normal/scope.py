"""What the conversion of one entry needs to know of its surroundings, and the paths of files."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from reconciler.config.dns import Place
from reconciler.config.faults import Faults
from reconciler.config.models.stalwart import FilePlace
from reconciler.config.tree import Path

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a bare name and a relative path belong, and who collects what is wrong."""

    faults: Faults
    base: str  # the absolute folder of the file
    home: str  # the domain of the entry

    def each(
        self, at: Path, make: Callable[..., T], texts: Iterable[str], *arguments: object
    ) -> tuple[T, ...]:
        """Return make() of every text that is fit; the others are noted."""
        made = (self.faults.attempt((*at, index), make, text, *arguments) for index, text in enumerate(texts))
        return tuple(item for item in made if item is not None)

    def distinct(self, at: Path, make: Callable[[str], str], texts: Iterable[str]) -> tuple[str, ...]:
        """Return make() of every text that is fit and not there already; the others are noted."""
        seen: dict[str, Path] = {}
        for index, text in enumerate(texts):
            here = (*at, index)
            item = self.faults.attempt(here, make, text)
            if item in seen:
                detail = f"{item} stands already at {self.faults.place(seen[item])}.  Delete one of the two."
                self.faults.add(here, ("the same entry twice", detail, "entry-twice"))
            elif item is not None:
                seen[item] = here
        return tuple(seen)

    def place(self, written: FilePlace | None, at: Path, *, remote: bool) -> Place | None:
        """Return a file with its absolute path; one that is not here must be written as such."""
        if written is None:
            return None
        if remote or written.container is not None:
            if not written.path.startswith("/"):
                detail = "It is meant on another machine or in a container, so write it from the root: /..."
                self.faults.add((*at, "path"), ("a path that is not absolute", detail, "path"))
                return None
            return Place(path=written.path, container=written.container)
        return Place(path=self.here(written.path))

    def here(self, path: str) -> str:
        """Return the absolute path of a file that is written relative to the stack."""
        return os.path.normpath(os.path.join(self.base, os.path.expanduser(path)))
