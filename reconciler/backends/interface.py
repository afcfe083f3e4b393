"""What the phases ask of a live system.  One adapter each: read it, write changes, make them count.

A backend's read() reads only: it changes nothing, not even a counter (law 2).  The plan command
holds a ReadOnly, which has no other method, so that it cannot write by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from reconciler.config.secrets import Secret
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.outcome import Outcome
from reconciler.resource import Address
from reconciler.state import Activate, Reading

SecretOf: TypeAlias = Callable[[Address], Secret]
"""Opens the one secret of a resource; InputError when its source is missing."""


class Reader(Protocol):
    """The half of a backend that plan may hold."""

    @property
    def label(self) -> str:
        """The system's short name in plans: what Placement.system says."""
        ...

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        """Return what the system holds.  Reads only.

        kinds limits it to what an apply must look at again; None is everything.  Raises ReadError
        when the system cannot be read at all; a part that we may not see is `unreadable`.
        """
        ...


class Backend(Reader, Protocol):
    """One live system."""

    def write(self, changes: Sequence[Change], secret_of: SecretOf, activate: Activate) -> Iterator[Outcome]:
        """Make the changes of one wave, in their order, and yield an outcome for each as it is stored.

        What belongs to one object of the system goes in one request.  DONE here means stored; apply
        reads it back after activate().  A change whose need failed inside the same wave is SKIPPED.
        activate is what the wave will ask for afterwards: the backend leaves a trace of it that the
        next plan finds should this run end before.
        """
        ...

    def activate(self, activate: Activate) -> None:
        """Make what is stored count, and take the trace away.  Raises WriteError where it does not count."""
        ...

    def lock(self, timeout: float) -> None:
        """Become the only writer, waiting up to timeout seconds.  BusyError names the holder."""
        ...

    def unlock(self) -> None:
        """Let others write."""
        ...

    def facts(self) -> tuple[str, ...]:
        """Return what a person should know after a run, in sentences: a new serial, where a backup lies."""
        ...


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """A backend that cannot write: it has no such method."""

    _backend: Reader

    @property
    def label(self) -> str:
        return self._backend.label

    def read(self, desired: Desired, kinds: frozenset[str] | None = None) -> Reading:
        return self._backend.read(desired, kinds)
