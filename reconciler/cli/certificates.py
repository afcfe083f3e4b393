"""Certificate files -> the TLSA data that follow from them, before anything else looks at the stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reconciler.config.dns import Tlsa
from reconciler.config.load import Loaded
from reconciler.config.stack import Domain
from reconciler.errors import InputError, Problem, Where, collected
from reconciler.mail import tlsa
from reconciler.mail.errors import SyntaxProblem


def with_certificates(loaded: Loaded, *, needed: bool = True) -> Loaded:
    """Return the stack with `3 1 1` of each certificate that it names in the place of the file.

    One that cannot be read is an InputError: what it said before would otherwise count as no longer
    declared.  Without needed it is left out: whoever only looks at the stack may not have the file.
    """
    faults: list[Problem] = []
    found: dict[str, Domain] = {}
    for name, domain in loaded.stack.domains.items():
        wanted = domain.dns.mail.tlsa
        if wanted is None or wanted.certificate is None:
            continue
        made: Tlsa | None = None
        try:
            made = replace(wanted, texts=(*wanted.texts, _text(wanted.certificate.path)), certificate=None)
        except (OSError, SyntaxProblem) as error:
            why = error.strerror if isinstance(error, OSError) else error.words
            if needed or isinstance(error, SyntaxProblem):
                where = loaded.where((*domain.dns.mail.at, "tlsa", "certificate"))
                faults.append(_fault(wanted.certificate.path, str(why), where))
        mail = replace(domain.dns.mail, tlsa=made)
        found[name] = replace(domain, dns=replace(domain.dns, mail=mail))
    if faults:
        raise InputError(*collected(faults))
    if not found:
        return loaded
    return replace(loaded, stack=replace(loaded.stack, domains={**loaded.stack.domains, **found}))


def _text(path: str) -> str:
    """Return the data for the host's own certificate, which is the first in the file."""
    return tlsa.text(tlsa.of_certificate(tlsa.certificates(Path(path).read_text("utf-8", "replace"))[0]))


def _fault(path: str, why: str, where: Where) -> Problem:
    return Problem(
        where=where,
        summary="there is no certificate to make a TLSA record from",
        detail=f"{path}: {why.rstrip('.')}.\nName the PEM file with the certificate of the mail host, or write the data: "
        "3 1 1 and the SHA-256 of its public key.",
        rule="certificate",
    )
