"""`stalwart:` and `tls:` as they are written."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from reconciler.config.models.scalars import (
    FLAG_FORM,
    TEXT_FORM,
    AlsoWritten,
    Argv,
    Line,
    Model,
    Timeout,
    Word,
    as_flag,
    short,
)
from reconciler.config.models.secret import AdminSecret


class FilePlace(Model):
    """A file, here or in a container."""

    path: Word = Field(description="The path of the file.", examples=["/var/lib/bind/db.example.org"])
    container: Word | None = Field(
        default=None,
        description="The name of the container that the path is in, where only docker or podman reaches it.",
        examples=["bind9"],
    )


Place: TypeAlias = Annotated[FilePlace, BeforeValidator(short("path")), AlsoWritten((TEXT_FORM,))]


class Verify(Model):
    """How the certificate of the server's API is checked."""

    on: bool = Field(default=True, description="Whether it is checked.", examples=[True])
    authority: Word | None = Field(
        default=None, description="A file with the certificate to trust.", examples=["ca.pem"]
    )


def _verify(value: object) -> object:
    flag = as_flag(value)
    if flag is not None:
        return {"on": flag}
    return {"authority": value} if isinstance(value, str) else value


class Stalwart(Model):
    """How to reach the mail server."""

    url: Word = Field(
        description="Where its management API answers: scheme, host and port.",
        examples=["http://127.0.0.1:8080", "https://mail.example.org"],
    )
    username: Word | None = Field(default=None, description="The administrator's login.", examples=["admin"])
    password: AdminSecret | None = Field(
        default=None,
        description="Where the administrator's password lies.",
        examples=[{"env": "STALWART_PASSWORD"}],
    )
    token: AdminSecret | None = Field(
        default=None,
        description="Where an API key lies (Stalwart 0.16 and later), instead of username and password.",
        examples=[{"env": "STALWART_TOKEN"}],
    )
    config: Place | None = Field(
        default=None,
        description="The server's config.toml.  With it, settings that live there are edited in place.",
        examples=["/srv/stalwart/etc/config.toml"],
    )
    restart: Argv | None = Field(
        default=None,
        description="The command that restarts the server, a list of words; used only where that is needed.",
        examples=[["docker", "restart", "stalwart"]],
    )
    via: Line | None = Field(
        default=None,
        description="A machine to reach it from; url, files and commands are then meant as seen there.",
        examples=["ssh://root@tower"],
    )
    timeout: Timeout = Field(
        default=60,
        description="How long to wait until it is healthy again after a restart.",
        examples=["60s"],
    )
    container: Word | None = Field(
        default=None,
        description="The name of the server's container, to check that its data is on a volume.",
        examples=["stalwart"],
    )
    verify: Annotated[Verify, BeforeValidator(_verify), AlsoWritten((FLAG_FORM, TEXT_FORM))] = Field(
        default_factory=Verify,
        description="false to accept any certificate of the API, or a file with the certificate to trust.",
        examples=[False, "ca.pem"],
    )


def one_is_a_list(value: object) -> object:
    """Read a text as a list with this one item."""
    return [value] if isinstance(value, str) else value


Contacts: TypeAlias = Annotated[list[Word], BeforeValidator(one_is_a_list), AlsoWritten((TEXT_FORM,))]


class Tls(Model):
    """The certificate that the server gets for itself by ACME."""

    acme: Word = Field(
        description="The authority: letsencrypt, letsencrypt-staging, or your own name with `directory`.",
        examples=["letsencrypt"],
    )
    directory: Word | None = Field(
        default=None,
        description="The URL of the authority's ACME directory.",
        examples=["https://acme-v02.api.letsencrypt.org/directory"],
    )
    contact: Contacts = Field(
        description="Who is told when a certificate is about to run out.", examples=["postmaster"]
    )
    challenge: Literal["tls-alpn-01", "http-01", "dns-01"] = Field(
        default="tls-alpn-01",
        description="How the authority checks that the names are yours.",
        examples=["tls-alpn-01"],
    )
    domains: Contacts | None = Field(
        default=None,
        description="The names on the certificate; without it, the hostname.",
        examples=[["mail.example.org", "mta-sts.example.org"]],
    )
    renew_before: Timeout | None = Field(
        default=None,
        description="How long before its end a certificate is renewed.",
        examples=["30d"],
    )
