"""One comment a pull request and stack, one issue a stack: found by a marker in their first line, changed in place.

Only what we wrote ourselves counts: anybody can write our marker, and would then have us write into
his comment, which he can change afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.forge.interface import Forge, Note


def comment_of(forge: Forge, number: int, marker: str) -> Note | None:
    """Return our comment with this marker."""
    return _ours(forge, forge.comments(number), marker)


def keep_comment(forge: Forge, number: int, body: str, found: Note | None) -> Note:
    """Write the comment: a new one, or the found one with another text.  The same text is not written again."""
    if found is None:
        return forge.add_comment(number, body)
    return found if found.body == body else forge.change_comment(number, found, body)


def keep_issue(forge: Forge, marker: str, *, title: str, body: str, is_open: bool) -> Note | None:
    """Open, change or close the issue with this marker.  Nothing is opened only to be closed.

    A closed one is opened again: one issue tells the whole history of a stack.
    """
    found = _ours(forge, forge.issues(), marker)
    if found is None:
        return forge.add_issue(title, body) if is_open else None
    if (found.title, found.body, found.is_open) == (title, body, is_open) or not (is_open or found.is_open):
        return found
    return forge.change_issue(found, title=title, body=body, is_open=is_open)


def _ours(forge: Forge, notes: Iterable[Note], marker: str) -> Note | None:
    for note in notes:
        if note.body.startswith(f"{marker}\n") and note.author == forge.login():
            return note
    return None
