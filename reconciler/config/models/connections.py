"""A file of connections as it is written: how the servers of stacks are reached, out of the stacks' own reach."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import WithJsonSchema

from reconciler.config.models.dns import DnsReach
from reconciler.config.models.scalars import Model, OrNothing
from reconciler.config.models.secret import AdminSecret
from reconciler.config.models.stalwart import Stalwart


class Connection(Model):
    """How the servers of one stack are reached.  The stack may then say none of it."""

    stalwart: Stalwart | None = Field(
        default=None,
        description="Where the mail server answers, and who manages it.",
        examples=[
            {"url": "http://127.0.0.1:8080", "username": "admin", "password": {"env": "STALWART_PASSWORD"}}
        ],
    )
    dns: Annotated[DnsReach, *OrNothing] = Field(
        default_factory=DnsReach,
        description="How the zones of all its domains are reached; {domain} in a path becomes the domain.",
        examples=[{"zonefile": "/srv/bind/db.{domain}", "reload": ["rndc", "reload", "{zone}"]}],
    )
    domains: Annotated[dict[str, Annotated[DnsReach, *OrNothing]], *OrNothing] = Field(
        default_factory=dict,
        description="The zones of single domains that are reached otherwise.",
        examples=[{"example.net": {"via": "ssh://root@ns2"}}],
    )
    secrets: Annotated[dict[str, AdminSecret], *OrNothing] = Field(
        default_factory=dict,
        description="Where secrets lie that the stack names by {env: NAME}; it may hold no command itself.",
        examples=[{"ALICE_PASSWORD": {"command": ["sops", "-d", "secrets.yaml"], "key": "alice"}}],
    )


class Connections(Model):
    """How the servers of stacks are reached: url, credentials and commands, by the name of the stack."""

    version: Annotated[Literal["1"], WithJsonSchema({"enum": [1, "1"]})] = Field(
        description="The form of this file.", examples=[1]
    )
    stacks: dict[str, Annotated[Connection, *OrNothing]] = Field(
        description="By the name of the stack.",
        examples=[{"home": {"stalwart": {"url": "http://127.0.0.1:8080", "username": "admin"}}}],
    )
