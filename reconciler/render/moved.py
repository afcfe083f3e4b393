"""What differs between a reviewed plan and the plan made now, in the words of a plan.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diff import Change
from reconciler.guard import Held
from reconciler.render import words
from reconciler.render.characters import printable
from reconciler.reviewed import Moved, moved_fields

# More differences than this say no more than that it is another plan.
_TOLD = 20


def moved(found: Sequence[Moved], name: str) -> str:
    """Return the differences as lines of text.  name is what the reviewed plan is called, such as its file."""
    told = found[:_TOLD]
    sections = (
        (
            f"Otherwise than in {name}:",
            [line for one in told if one.saved for line in _both(one.saved, one.fresh)],
        ),
        (f"Not in {name}:", [line for one in told if not one.saved for line in _side("now", one.fresh)]),
    )
    lines = [line for title, body in sections if body for line in (title, *body)]
    if len(found) > _TOLD:
        lines.append(f"  … and {len(found) - _TOLD:,} more")
    return "\n".join(lines)


def _both(saved: Change | Held, fresh: Change | Held) -> Iterator[str]:
    if isinstance(saved, Change) and isinstance(fresh, Change):
        saved, fresh = moved_fields(saved, fresh)
    yield from _side("was", saved)
    yield from _side("now", fresh)


def _side(when: str, side: Change | Held) -> Iterator[str]:
    change = side.change if isinstance(side, Held) else side
    sign = words.SIGNS[change.verb]
    held = "held: " if isinstance(side, Held) else ""
    yield f"  {when}  {held}{sign} {words.label(change)}  {words.name(change)}  {words.details(change)}".rstrip()
    if isinstance(side, Held):
        yield f"           {printable(side.why)}"
