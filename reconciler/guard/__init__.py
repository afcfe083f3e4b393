"""Rules that hold a change: one function a rule, in a file by what it protects.

context    what the rules look at, and how they hold
logins     nobody is locked out
mailboxes  no mail stops that the file does not say should stop
records    DNS that is not ours, that a zone needs, that protects
servers    the server is the one that it was
rules      all of them, and the limit on removals that go at once
"""

from __future__ import annotations

from reconciler.guard.context import Held
from reconciler.guard.rules import held_changes

__all__ = ["Held", "held_changes"]
