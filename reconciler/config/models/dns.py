"""`dns:` as it is written."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from reconciler.config.models.mail import Mail, MailForms
from reconciler.config.models.scalars import (
    Argv,
    Duration,
    Line,
    Loose,
    Model,
    OrNoItems,
    OrNothing,
    Timeout,
    Word,
)
from reconciler.config.models.stalwart import Place


class Record(Model):
    """One DNS record."""

    name: Loose = Field(
        description='Relative to the domain, "@" for the domain itself, or absolute with a final dot.',
        examples=["www", "@"],
    )
    type: Word = Field(description="The type.", examples=["A", "TXT"])
    value: Loose = Field(
        description="The data, as a zone file would have it.",
        examples=["203.0.113.20", "10 mail.example.org."],
    )
    ttl: Duration | None = Field(
        default=None,
        description="How long it may be remembered; without it, a live one stays.",
        examples=["1h", 300],
    )


class DnsReach(Model):
    """How a zone is reached, written and asked."""

    zonefile: Place | None = Field(
        default=None,
        description="The zone file to edit.  Without it the records are shown, to be pasted elsewhere.",
        examples=["/srv/bind/db.example.org", {"container": "bind9", "path": "/var/lib/bind/db.example.org"}],
    )
    reload: Argv | None = Field(
        default=None,
        description="The command that makes the name server load it; {zone} and {zonefile} are filled in.",
        examples=[["docker", "exec", "bind", "rndc", "reload", "{zone}"]],
    )
    servers: Annotated[list[Word], *OrNoItems] = Field(
        default_factory=list,
        description="Name servers that are asked afterwards, to prove that they serve the change.",
        examples=[["127.0.0.1"]],
    )
    via: Line | None = Field(
        default=None,
        description="A machine to work from; the file and the command are then meant as seen there.",
        examples=["ssh://root@tower"],
    )
    timeout: Timeout = Field(
        default=10, description="How long to wait until the name servers serve a change.", examples=["10s"]
    )


class Dns(DnsReach):
    """Where the zone of the domain lives, and which records it shall have."""

    zone: Word | None = Field(
        default=None, description="The zone in that file; without it, the domain.", examples=["example.org"]
    )
    ttl: Duration | None = Field(
        default=None, description="The TTL of records that do not say their own.", examples=["1h"]
    )
    addresses: Annotated[list[Word], *OrNoItems] = Field(
        default_factory=list,
        description="The public addresses of the hostname: A and AAAA.",
        examples=[["203.0.113.10"]],
    )
    mail: MailForms = Field(
        default_factory=Mail,
        description="The records that mail needs.",
        examples=[{"dmarc": {"policy": "none", "reports": "postmaster"}}, ["mx", "spf", "dkim"]],
    )
    records: Annotated[list[Record], *OrNoItems] = Field(
        default_factory=list,
        description="Further records.",
        examples=[[{"name": "www", "type": "A", "value": "203.0.113.20"}]],
    )


DnsForms: TypeAlias = Annotated[Dns, *OrNothing]
