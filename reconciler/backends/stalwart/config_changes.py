"""Changes -> edits of a config.toml, and what the server must remember or forget of them.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler.backends.interface import SecretOf
from reconciler.backends.stalwart.config_contents import Contents
from reconciler.backends.stalwart.config_toml.editor import Delete, Edit, Set
from reconciler.backends.stalwart.rest import marks
from reconciler.backends.stalwart.rest.write_settings import Operation, delete, insert
from reconciler.diff import LISTED, MARKS_ONLY, Change, Verb
from reconciler.kinds.ban import Ban
from reconciler.kinds.hostname import Hostname
from reconciler.kinds.setting import Setting
from reconciler.resource import UNSET, Sealed, digest_of


@dataclass(slots=True, kw_only=True)
class Step:
    """What one write does.  operations go to the server first, so that nothing is set that nobody remembers.

    marks are the new ones, which go where the file goes back; unmarks those that go when the restart
    has counted.
    """

    edits: list[Edit] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    unmarks: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list, repr=False)


def step_of(changes: Sequence[Change], contents: Contents, stack: str, secret_of: SecretOf) -> Step:
    """Return what makes these changes."""
    step = Step()
    for change in changes:
        if change.verb is Verb.ACTIVATE:
            continue
        key = contents.key_of(change.address)
        if change.address.kind == Ban.KIND:
            step.edits.append(Delete(key=key))
            # A copy in the database would come forth from behind the file's.
            step.operations.append(delete(key))
        else:
            _set(change, key, contents, stack, secret_of, step)
    return step


def _set(change: Change, key: str, contents: Contents, stack: str, secret_of: SecretOf, step: Step) -> None:
    mark = marks.key_of(stack, "setting", key)
    memory = contents.memories.get(key) or marks.Memory(was=contents.values.get(key))
    if change.verb is Verb.FORGET:
        step.operations.append(delete(mark))
    elif change.verb is Verb.DELETE:
        step.unmarks.append(mark)
        if memory.was is not None and change.reason != LISTED:
            step.edits.append(Set(key=key, value=memory.was))
        elif key in contents.values:
            step.edits.append(Delete(key=key))
    else:
        value, revision = _wanted(change, secret_of, step)
        kept = marks.Memory(was=memory.was)
        if revision is not None:
            kept = marks.Memory(was=memory.was, digest=digest_of(value), revision=revision)
        step.operations.append(insert((mark, kept.text())))
        if change.verb not in MARKS_ONLY:
            step.edits.append(Set(key=key, value=value))
            step.marks += [] if key in contents.memories else [mark]


def _wanted(change: Change, secret_of: SecretOf, step: Step) -> tuple[str, int | None]:
    """Return the text to write, and its revision where it comes from outside the stack."""
    after = change.after
    if isinstance(after, Hostname):
        return after.value, None
    assert isinstance(after, Setting)
    if isinstance(after.secret, Sealed):
        text = secret_of(change.address).reveal()
        step.secrets.append(text)
        return text, after.secret.revision
    return ("" if after.value is UNSET else after.value), None
