"""`dns:` of one domain: names made absolute, files found, servers and addresses canonical."""

from __future__ import annotations

import re

from reconciler.config import dns as normal
from reconciler.config.faults import UnfitError, did_you_mean
from reconciler.config.models import dns as written
from reconciler.config.normal import names, network
from reconciler.config.normal.mail import mail_records
from reconciler.config.normal.scope import Scope
from reconciler.config.tree import Path

RECORD_TYPES: frozenset[str] = frozenset(
    (
        *("A", "AAAA", "AFSDB", "APL", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC", "DHCID", "DNAME"),
        *("DNSKEY", "DS", "EUI48", "EUI64", "HINFO", "HIP", "HTTPS", "IPSECKEY", "KEY", "KX", "LOC", "MX"),
        *("NAPTR", "NID", "NS", "OPENPGPKEY", "PTR", "RP", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"),
        *("URI", "ZONEMD"),
    )
)
_GENERIC = re.compile(r"TYPE[0-9]{1,5}")  # RFC 3597 section 5


def dns(model: written.Dns, at: Path, scope: Scope, *, declared: bool) -> normal.Dns:
    """Return one domain's `dns:`; what is unfit is noted and left out."""
    attempt = scope.faults.attempt
    records = (_record(record, (*at, "records", i), scope) for i, record in enumerate(model.records))
    return normal.Dns(
        at=at,
        declared=declared,
        zone=_zone(model.zone, (*at, "zone"), scope),
        zonefile=scope.place(model.zonefile, (*at, "zonefile"), remote=model.via is not None),
        reload=tuple(model.reload or ()),
        servers=scope.each((*at, "servers"), network.name_server, model.servers),
        ttl=model.ttl,
        addresses=scope.distinct((*at, "addresses"), network.ip, model.addresses),
        via=attempt((*at, "via"), network.ssh, model.via) if model.via is not None else None,
        timeout=model.timeout,
        mail=mail_records(model.mail, (*at, "mail"), scope),
        records=tuple(record for record in records if record is not None),
    )


def _zone(written_zone: str | None, at: Path, scope: Scope) -> str:
    if written_zone is None:
        return scope.home
    zone = scope.faults.attempt(at, names.domain, written_zone)
    if zone and zone != scope.home and not scope.home.endswith(f".{zone}"):
        detail = f"{scope.home} is not in the zone {zone}, so its records cannot stand there."
        scope.faults.add(at, ("a zone that does not hold the domain", detail, "zone"))
    return zone or scope.home


def _record(model: written.Record, at: Path, scope: Scope) -> normal.Record | None:
    name = scope.faults.attempt((*at, "name"), names.owner, model.name, scope.home)
    kind = scope.faults.attempt((*at, "type"), _type, model.type)
    if name is None or kind is None:
        return None
    return normal.Record(at=at, name=name, type=kind, value=model.value.strip(), ttl=model.ttl)


def _type(text: str) -> str:
    kind = text.upper()
    if kind == "SOA":
        detail = "The SOA stays in the zone file, where mailstack raises its serial when records change."
        raise UnfitError("a record that is not declared", detail, "record-type")
    if is_type(kind):
        return kind
    detail = f"{did_you_mean(kind, RECORD_TYPES)}A type without a name is written TYPE65280 (RFC 3597)."
    raise UnfitError("not a record type", detail, "record-type")


def is_type(text: str) -> bool:
    """Is this the type of a record that a stack may name?"""
    return text in RECORD_TYPES or _GENERIC.fullmatch(text) is not None
