"""Sections that fit a size.  What is told first gets room first; what is left out is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.render.markdown import code

# More lines than this are folded away, where a section may be.
_UNFOLDED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Lines that are told together or not at all.  number is how many things they are about."""

    lines: tuple[str, ...]
    number: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title and a fence with items.  noun names several of what it counts.  title is ours, not from outside."""

    title: str
    items: tuple[Item, ...]
    noun: str
    language: str = "diff"
    folds: bool = False

    @property
    def number(self) -> int:
        return sum(item.number for item in self.items)

    @property
    def short(self) -> str:
        """The section in one line, where there is no room for more."""
        return f"**{self.title}:** {self.number:,}, for which there is no room here\n"

    def shown(self, room: int) -> str:
        """Return the section in at most room bytes, cut between two items; nothing where even its title has no room."""
        fence = "`" * max(3, code.longest_run(item.text for item in self.items) + 1)
        folded = self.folds and sum(len(item.lines) for item in self.items) > _UNFOLDED
        whole = self._framed(self.items, 0, fence, folded=folded)
        if code.size(whole) <= room:
            return whole
        used = code.size(self._framed((), self.number, fence, folded=folded))
        kept: list[Item] = []
        for item in self.items:
            used += code.size(item.text)
            if used > room:
                break
            kept.append(item)
        if kept:
            left = self.number - sum(item.number for item in kept)
            return self._framed(kept, left, fence, folded=folded)
        return self.short if code.size(self.short) <= room else ""

    def _framed(self, items: Sequence[Item], left: int, fence: str, *, folded: bool) -> str:
        lines = "".join(item.text for item in items)
        more = f"\n… and {left:,} more {self.noun}\n" if left else ""
        body = f"{fence}{self.language}\n{lines}{fence}\n{more}"
        title = f"{self.title}: {self.number:,}"
        if folded:
            return f"<details><summary><b>{title}</b></summary>\n\n{body}\n</details>\n"
        return f"**{title}**\n\n{body}"


def fitted(head: str, sections: Sequence[Section], foot: str, max_bytes: int) -> str:
    """Return head, sections and foot with a blank line between them, in at most max_bytes."""
    told = [section for section in sections if section.items]
    room = max_bytes - code.size(head) - code.size(foot) - len(told) - 1
    return "\n".join([head, *_shown(told, room), foot])


def _shown(sections: Sequence[Section], room: int) -> Iterator[str]:
    """Yield the sections.  Each takes what it needs, up to half of what the ones after it leave over at the least."""
    after = [code.size(section.short) for section in sections]
    for index, section in enumerate(sections):
        free = room - sum(after[index + 1 :])
        is_last = index == len(sections) - 1
        text = section.shown(free if is_last else max(free // 2, free - _wanted(sections[index + 1 :])))
        room -= code.size(text)
        if text:
            yield text


def _wanted(sections: Sequence[Section]) -> int:
    """Return about how many bytes sections would take in full."""
    return sum(200 + sum(code.size(item.text) for item in section.items) for section in sections)
