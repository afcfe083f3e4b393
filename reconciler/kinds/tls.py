"""How the server gets its certificate: one ACME account at one authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.stack import Stack
from reconciler.kinds.declared import Declared
from reconciler.resource import UNSET, Address, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """directory is the authority's URL, contact mail addresses, domains the certificate's names, renew_before seconds."""

    KIND: ClassVar[str] = "tls"

    address: Address
    directory: str
    challenge: str | Unset = UNSET
    contact: frozenset[str] | Unset = UNSET
    domains: frozenset[str] | Unset = UNSET
    renew_before: int | Unset = UNSET


def address_of(name: str) -> Address:
    """Return the address of the ACME account with this name."""
    return Address(Tls.KIND, name)


def declared(stack: Stack) -> Iterator[Declared]:
    tls = stack.tls
    if tls is None:
        return
    resource = Tls(
        address=address_of(tls.acme),
        directory=tls.directory,
        challenge=tls.challenge,
        contact=frozenset(tls.contact),
        domains=frozenset(tls.domains or ((stack.hostname,) if stack.hostname else ())) or UNSET,
        renew_before=tls.renew_before,
    )
    yield Declared(resource=resource, at=tls.at)
