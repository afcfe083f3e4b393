"""Accounts, lists and groups as they are written."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from reconciler.config.models.scalars import NAME_FORM, Flag, Line, Loose, Model, OrNothing, Quota, wrong
from reconciler.config.models.secret import AccountPassword


class Account(Model):
    """A person's mailbox.  What is left out stays as it is on the server."""

    name: Line | None = Field(default=None, description="The person's name.", examples=["Alice Example"])
    password: AccountPassword | None = Field(
        default=None,
        description="Where it lies; set when the account is made, and again when the revision rises.",
        examples=[{"env": "ALICE_PASSWORD", "revision": 1}],
    )
    aliases: list[Loose] | None = Field(
        default=None,
        description="Further addresses of this account.  A bare name takes the domain of the account.",
        examples=[["postmaster", "abuse"]],
    )
    quota: Quota = Field(
        default=None,
        description="How much the mailbox may hold; none for no limit.",
        examples=["5GiB", "none"],
    )
    enabled: Flag | None = Field(
        default=None, description="false: nobody can log in, and mail is still received.", examples=[False]
    )
    admin: Flag | None = Field(
        default=None, description="Whether this account administers the server.", examples=[True]
    )
    login: Loose | None = Field(
        default=None,
        description="The name to log in with (Stalwart 0.11 to 0.15).  A new account gets its address.",
        examples=["alice"],
    )
    renamed_from: Loose | None = Field(
        default=None,
        description="The address that this account had before; its mail moves along.",
        examples=["alicia"],
    )


def _somebody(value: object) -> object:
    # RCPT is answered 250, and the copy vanishes (seen on Stalwart 0.15.5).
    if value == []:
        detail = (
            "The server accepts mail for it and loses it.  Name at least one member, or delete the entry."
        )
        raise wrong("nobody is a member", detail, "no-members")
    return value


Members: TypeAlias = Annotated[
    list[Loose],
    BeforeValidator(_somebody),
    WithJsonSchema({"type": "array", "minItems": 1, "items": NAME_FORM}),
]


class MailList(Model):
    """An address that passes mail on to its members."""

    name: Line | None = Field(default=None, description="What the list is for.", examples=["The whole team"])
    members: Members = Field(
        description="Who gets its mail: accounts and groups of this stack, and addresses elsewhere.",
        examples=[["alice", "bob@example.net"]],
    )


class Group(Model):
    """A shared mailbox."""

    name: Line | None = Field(default=None, description="What the group is for.", examples=["Sales"])
    members: Members = Field(
        description="Who may read it: accounts and groups of this stack.", examples=[["alice"]]
    )
    quota: Quota = Field(
        default=None, description="How much the mailbox may hold; none for no limit.", examples=["20GiB"]
    )


Accounts: TypeAlias = Annotated[dict[str, Annotated[Account, *OrNothing]], *OrNothing]
Lists: TypeAlias = Annotated[dict[str, MailList], *OrNothing]
Groups: TypeAlias = Annotated[dict[str, Group], *OrNothing]
