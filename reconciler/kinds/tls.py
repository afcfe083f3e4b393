"""How the server gets its certificate: one ACME account at one authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.config.normal import names
from reconciler.config.stack import Stack
from reconciler.config.stack import Tls as Written
from reconciler.kinds.declared import Declared, Inexpressible, as_it_is, is_line
from reconciler.resource import UNSET, Address, Unset

# How long before its end a certificate is renewed where nobody says otherwise: 30 days (0.11 to 0.15).
_USUAL = 30 * 86400


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


def entry(found: Tls, hostname: str | None) -> Written:
    """Return what `tls:` says for a live ACME account, under this hostname.  Raises Inexpressible."""
    contact = sorted(found.contact) if isinstance(found.contact, frozenset) else []
    domains = sorted(found.domains) if isinstance(found.domains, frozenset) else []
    if not found.directory.startswith("https://") or not is_line(found.directory + found.address.name):
        raise Inexpressible("its directory is no https URL")
    if found.challenge not in ("tls-alpn-01", "http-01", "dns-01"):
        raise Inexpressible("its challenge is none that a stack names")
    if not contact or not all(as_it_is(names.address, text, "") for text in contact):
        raise Inexpressible("its contact is no mail address")
    if not domains or not all(as_it_is(names.domain, text) for text in domains):
        raise Inexpressible("its domains are none that a stack can name")
    seconds = found.renew_before
    return Written(
        acme=found.address.name,
        directory=found.directory,
        contact=tuple(contact),
        challenge=found.challenge,
        domains=() if domains == [hostname] else tuple(domains),
        renew_before=seconds if isinstance(seconds, int) and seconds not in (-1, 0, _USUAL) else UNSET,
    )
