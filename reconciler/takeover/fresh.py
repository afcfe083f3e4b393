"""The text of a stack for somebody who starts from nothing.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.takeover.scalars import flow, scalar

SCHEMA = "mailstack.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `init` has been told.  Names are in their one form; what is empty is not declared."""

    domain: str
    hostname: str = ""
    addresses: tuple[str, ...] = ()
    url: str = ""
    zonefile: str = ""
    account: str = ""
    restart: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()


def variable(account: str) -> str:
    """Return the environment variable in which the password of an account is looked for."""
    return re.sub(r"[^A-Z0-9]+", "_", account.upper()).strip("_") + "_PASSWORD"


def text(answers: Answers) -> str:
    """Return the file: commented, and whole enough for `lint` to have nothing to ask."""
    sections = [
        [
            f"# yaml-language-server: $schema={SCHEMA}",
            "#",
            "# What shall be true of one mail server.  Change this file, then run",
            "#",
            "#     mailstack plan     shows what differs, and changes nothing",
            "#     mailstack apply    makes it so",
            "#",
            "# What you leave out stays as it is on the server and in the zone.",
        ],
        list(_head(answers)),
        list(_stalwart(answers)),
        list(_dns(answers)),
        list(_accounts(answers)),
        [
            "# Addresses that the server never bans: your proxy or tunnel, above all.",
            f"allowed_ips: {flow(map(scalar, answers.addresses))}"
            if answers.addresses
            else "# allowed_ips: [192.168.128.0/24]",
        ],
        [
            "# Mail is deleted only when this list says so, for example: account/bob@" + answers.domain,
            "removed: []",
        ],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _head(answers: Answers) -> Iterator[str]:
    domain = answers.domain
    yield "version: 1"
    yield f"domain: {scalar(domain)}  # a bare name below, such as alice, means alice@{domain}"
    if answers.hostname:
        yield f"hostname: {scalar(answers.hostname)}  # how the server calls itself when it talks to other servers"
    else:
        yield f"# hostname: mail.{domain}  # how the server calls itself when it talks to other servers"


def _stalwart(answers: Answers) -> Iterator[str]:
    yield "# How to reach the mail server.  Secrets never stand in this file, only where they lie."
    yield "stalwart:"
    yield f"  url: {scalar(answers.url)}"
    yield "  username: admin"
    yield "  password: {env: STALWART_PASSWORD}"
    yield _optional(
        "restart", answers.restart, "[docker, restart, stalwart]", "used only where that is needed"
    )


def _optional(key: str, argv: tuple[str, ...], example: str, words: str) -> str:
    """Return a command's line; as a comment with an example where nobody knows the command."""
    said = f"{key}: {flow(map(scalar, argv))}" if argv else f"# {key}: {example}"
    return f"  {said}  # {words}"


def _dns(answers: Answers) -> Iterator[str]:
    yield "# The records that mail needs follow from this: MX, SPF, DKIM, DMARC, TLS reports, SRV."
    yield "dns:"
    if answers.zonefile:
        yield f"  zonefile: {scalar(answers.zonefile)}"
    else:
        yield f"  # zonefile: /srv/bind/db.{answers.domain}  # without it, the records are shown, to be pasted elsewhere"
    reload = answers.reload if answers.zonefile else ()
    yield _optional("reload", reload, '[rndc, reload, "{zone}"]', "how the name server loads a changed file")
    yield "  # servers: [127.0.0.1]  # name servers to ask afterwards whether they serve the change"
    if answers.addresses:
        yield f"  addresses: {flow(map(scalar, answers.addresses))}  # where the hostname is, seen from the internet"
    else:
        yield "  # addresses: [203.0.113.10]  # where the hostname is, seen from the internet"
    yield "  mail:"
    yield "    dmarc: {policy: none, reports: postmaster}  # begin by watching; quarantine or reject later"


def _accounts(answers: Answers) -> Iterator[str]:
    if not answers.account:
        return
    yield "# Mailboxes.  postmaster and abuse must reach a person in every domain."
    yield "accounts:"
    yield f"  {scalar(answers.account)}:"
    yield f"    password: {{env: {variable(answers.account)}}}  # set when the account is made"
    others = [name for name in ("postmaster", "abuse") if name != answers.account]
    yield f"    aliases: {flow(others)}"
