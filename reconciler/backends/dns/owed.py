"""Is a zone file served, and is a reload owed?  Reads only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.backends.dns import activation, words
from reconciler.backends.dns.activation import ZoneFile
from reconciler.backends.dns.expected import Expected
from reconciler.backends.dns.read import Contents
from reconciler.backends.dns.zonefile.zone import Zone
from reconciler.desired import Desired
from reconciler.kinds.record import Record
from reconciler.state import Finding

# So many records are asked for, at most, to see whether a file is served.
_ASKED_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the name servers say of a file.

    sample are records whose answers prove that it is loaded; unproved tells of servers that prove nothing.
    """

    is_unserved: bool = False
    sample: tuple[Expected, ...] = ()
    unproved: tuple[Finding, ...] = ()


def served(where: ZoneFile, zone: Zone, found: Contents, desired: Desired) -> Served:
    """Ask whether the file is what is served.

    What carries our mark was seen served once, so under an equal serial only what others wrote is
    asked for; under another one, which an inline-signed zone has anyway, some of all.
    """
    answers = activation.serials(where)
    answering = [server for server, serial in answers.items() if not isinstance(serial, str)]
    declared = [address for address in found.resources if address in desired.resources]
    new = [address for address in declared if address not in found.owned]
    asked = [*new, *(address for address in declared if address in found.owned)]
    sample = tuple(_sample(found.resources[address] for address in asked))
    is_equal = all(answers[server] == zone.serial for server in answering)
    questions = tuple(_sample(found.resources[address] for address in new)) if is_equal else sample
    return Served(
        is_unserved=activation.unserved_now(answering, questions),
        sample=sample,
        unproved=tuple(
            words.without_proof(where.zone, server, said)
            for server, said in answers.items()
            if isinstance(said, str)
        ),
    )


def _sample(records: Iterable[Record]) -> Iterator[Expected]:
    for record in itertools.islice(records, _ASKED_AT_MOST):
        if isinstance(record.value, str):
            yield Expected(owner=record.owner, rrtype=record.type, value=record.value)
