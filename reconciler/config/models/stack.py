"""The whole file as it is written, and the body of one domain."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from reconciler.config.models.dns import Dns, DnsForms
from reconciler.config.models.people import Accounts, Groups, Lists
from reconciler.config.models.scalars import Line, Loose, Model, OrNoItems, OrNothing, Word, wrong
from reconciler.config.models.secret import Setting
from reconciler.config.models.stalwart import Stalwart, Tls

_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


def _day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise wrong("not a date", "Write year, month and day, such as 2030-01-31.", "date")
    return value


class Ignore(Model):
    """A finding that is accepted, with the reason."""

    id: Word = Field(description="The rule, as `plan` and `lint` show it.", examples=["ZONE-12"])
    name: Loose | None = Field(
        default=None,
        description="What it is about; without it, all that the rule finds.",
        examples=["www.example.org"],
    )
    reason: Word = Field(description="Why it is all right.", examples=["moves to another host next week"])
    until: Annotated[Word, BeforeValidator(_day)] | None = Field(
        default=None,
        description="The day after which `lint` shows it again. A plan has no clock, and keeps to the exception.",
        examples=["2030-01-31"],
    )


class Lint(Model):
    """What the checks shall leave alone."""

    ignore: Annotated[list[Ignore], *OrNoItems] = Field(
        default_factory=list,
        description="Findings that are accepted.",
        examples=[[{"id": "ZONE-12", "name": "www.example.org", "reason": "moves next week"}]],
    )


class Body(Model):
    """What a domain holds.  What is left out stays as it is."""

    description: Line | None = Field(
        default=None, description="What the server shows beside the domain.", examples=["The family"]
    )
    type: Literal["mail", "parked"] = Field(
        default="mail",
        description="parked: the domain neither sends nor receives mail, and its DNS says so.",
        examples=["parked"],
    )
    dns: DnsForms = Field(
        default_factory=Dns,
        description="The domain's zone and records.",
        examples=[{"zonefile": "/srv/bind/db.example.org", "addresses": ["203.0.113.10"]}],
    )
    accounts: Accounts = Field(
        default_factory=dict,
        description="The mailboxes of people, by name.",
        examples=[{"alice": {"name": "Alice Example", "quota": "5GiB"}}],
    )
    aliases: Annotated[dict[str, Loose], *OrNothing] = Field(
        default_factory=dict,
        description="Further addresses, each with the one account that gets its mail.",
        examples=[{"info": "alice"}],
    )
    lists: Lists = Field(
        default_factory=dict,
        description="Addresses that pass mail on to several people.",
        examples=[{"team": {"members": ["alice", "bob@example.net"]}}],
    )
    groups: Groups = Field(
        default_factory=dict, description="Shared mailboxes.", examples=[{"sales": {"members": ["alice"]}}]
    )
    catch_all: Loose | None = Field(
        default=None,
        description="The account that gets the mail for addresses that do not exist; none for nobody.",
        examples=["alice", "none"],
    )


BodyForms: TypeAlias = Annotated[Body, *OrNothing]
Items: TypeAlias = Annotated[list[Word], *OrNoItems]


class Written(Body):
    """A stack: what shall be true of a mail server and its DNS."""

    version: Annotated[Literal["1"], WithJsonSchema({"enum": [1, "1"]})] = Field(
        description="The form of this file.", examples=[1]
    )
    stack: Word | None = Field(
        default=None,
        description="The name that marks what this stack has made; without it, the domain.",
        examples=["home"],
    )
    domain: Word = Field(description="The main domain: bare names belong to it.", examples=["example.org"])
    hostname: Word | None = Field(
        default=None,
        description="The name of the mail server: EHLO name, MX target, name on the certificate.",
        examples=["mail.example.org"],
    )
    stalwart: Stalwart | None = Field(
        default=None,
        description="Where the mail server answers, and who manages it.",
        examples=[
            {"url": "http://127.0.0.1:8080", "username": "admin", "password": {"env": "STALWART_PASSWORD"}}
        ],
    )
    tls: Tls | None = Field(
        default=None,
        description="The certificate that the server gets for itself.",
        examples=[{"acme": "letsencrypt", "contact": "postmaster"}],
    )
    domains: Annotated[dict[str, BodyForms], *OrNothing] = Field(
        default_factory=dict,
        description="Further domains, each with its own accounts, aliases, lists, groups and DNS.",
        examples=[{"example.net": {"aliases": {"info": "alice@example.org"}}}],
    )
    defaults: BodyForms = Field(
        default_factory=Body,
        description="Laid under every domain; {domain} in its texts becomes the domain.",
        examples=[{"dns": {"zonefile": "/srv/bind/db.{domain}"}}],
    )
    allowed_ips: Items = Field(
        default_factory=list,
        description="Addresses and networks that the server never bans.",
        examples=[["203.0.113.10", "192.168.128.0/24"]],
    )
    settings: Annotated[dict[str, Setting], *OrNothing] = Field(
        default_factory=dict,
        description="Anything else that Stalwart knows, by its key.",
        examples=[{"session.rcpt.max-recipients": 50}],
    )
    removed: Items = Field(
        default_factory=list,
        description="What shall go.  Nothing that holds or moves mail is removed unless it is listed here.",
        examples=[["account/bob@example.org", "alias/sales@example.org"]],
    )
    forget: Items = Field(
        default_factory=list,
        description="What is no longer this stack's and stays as it is: only the mark goes.",
        examples=[["setting/session.rcpt.max-recipients"]],
    )
    release: Items = Field(
        default_factory=list,
        description="Held changes that may be made after all.",
        examples=[["record/example.org/_dmarc/TXT/dmarc"]],
    )
    lint: Annotated[Lint, *OrNothing] = Field(
        default_factory=Lint,
        description="What the checks shall leave alone.",
        examples=[{"ignore": [{"id": "ZONE-12", "reason": "moves next week"}]}],
    )
