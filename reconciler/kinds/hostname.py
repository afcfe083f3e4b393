"""The name by which the server introduces itself: EHLO, MX target, TLS name.

Without one the server takes what the operating system says, which in a container is the
container's id; that id then stands in every DNS record that the server suggests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.normal import names
from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared, Inexpressible, as_it_is
from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostname:
    """value is lower-case, without a final dot."""

    KIND: ClassVar[str] = "hostname"

    address: Address
    value: str


ADDRESS = Address(Hostname.KIND, "")


def declared(stack: Stack) -> Iterator[Declared]:
    if stack.hostname is not None:
        yield Declared(resource=Hostname(address=ADDRESS, value=stack.hostname), at=("hostname",))


def entry(found: Hostname) -> str:
    """Return what `hostname:` says for a live one.  Raises Inexpressible: a container's id is no hostname."""
    if not as_it_is(names.hostname, found.value):
        raise Inexpressible("it is no public host name")
    return found.value
