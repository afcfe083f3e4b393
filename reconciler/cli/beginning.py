"""`init` without `--ci`: six questions, each with a default that was found here, and the files that follow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli.found import Found, look
from reconciler.cli.import_flags import write_new
from reconciler.config.faults import UnfitError
from reconciler.config.normal import names, network
from reconciler.errors import InputError, Problem
from reconciler.takeover.fresh import SCHEMA, Answers, text, variable

_IGNORED = (".env", "plan.json", "report.json", "*.mailstack-*")
_NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the command line answers already; None is asked for."""

    domain: str | None
    hostname: str | None
    addresses: tuple[str, ...]
    url: str | None
    zonefile: str | None
    account: str | None


def answered(flags: Flags, environ: Mapping[str, str]) -> Answers:
    """Return the answers: the flags, then what a person says where there is a terminal, then what was found."""
    found = look(environ)
    if not sys.stdin.isatty():
        return _alone(flags, found)
    click.echo("A server that runs already?  `mailstack import` writes the file for you.\n", err=True)
    domain = _asked(flags.domain, "Mail domain", _first_zone(found), _fit(names.domain))
    zone = next((one for one in found.zones if one.zone == domain), None)
    usual = (zone.hostname if zone else "") or f"mail.{domain}"
    hostname = _asked(flags.hostname, "Name of the mail server", usual, _fit(names.hostname))
    told = ", ".join(zone.addresses) if zone else ""
    text = " ".join(flags.addresses) or None
    addresses = _asked(text, "Its public addresses", told or _NONE, _addresses)
    url = _asked(flags.url, "Where its API answers", found.url or "http://127.0.0.1:8080", _fit(network.url))
    zonefile = _asked(flags.zonefile, "Zone file", zone.path if zone else _NONE, _or_none)
    account = _asked(flags.account, "First account", found.account or _NONE, _account(domain))
    return _answers(found, domain, hostname, addresses, url, zonefile, account)


def _alone(flags: Flags, found: Found) -> Answers:
    """Return the answers where nobody can be asked: the domain must be said, the rest is as found or left out."""
    if flags.domain is None:
        raise InputError(
            Problem(
                summary="there is no terminal to ask on, so say at least the domain",
                detail="Such as:\n\n    mailstack init --domain example.org --hostname mail.example.org --account alice",
                rule="no-terminal",
            )
        )
    domain = _fit(names.domain)(flags.domain)
    zone = next((one for one in found.zones if one.zone == domain), None)
    hostname = _fit(names.hostname)(flags.hostname or (zone.hostname if zone else "") or f"mail.{domain}")
    known = " ".join(flags.addresses or (zone.addresses if zone else ())) or _NONE
    url = _fit(network.url)(flags.url or found.url or "http://127.0.0.1:8080")
    zonefile = _or_none(flags.zonefile or (zone.path if zone else _NONE))
    account = _account(domain)(flags.account or _NONE)
    return _answers(found, domain, hostname, _addresses(known), url, zonefile, account)


def _answers(
    found: Found, domain: str, hostname: str, addresses: str, url: str, zonefile: str, account: str
) -> Answers:
    return Answers(
        domain=domain,
        hostname=hostname,
        addresses=tuple(addresses.split()),
        url=url,
        zonefile=os.path.abspath(zonefile) if zonefile else "",
        account=account,
        restart=found.restart,
        reload=found.reload,
    )


def _first_zone(found: Found) -> str | None:
    return found.zones[0].zone if found.zones else None


def _asked(flag: str | None, question: str, default: str | None, made: Callable[[str], str]) -> str:
    """Return the answer in its one form; what is unfit is asked for again, unless a flag has said it."""
    if flag is not None:
        return made(flag)

    def fit(answer: str) -> str:
        try:
            return made(answer)
        except InputError as error:
            raise click.UsageError(str(error)) from error

    answer: str = click.prompt(question, default=default, value_proc=fit, err=True)
    return answer


def _fit(made: Callable[[str], str]) -> Callable[[str], str]:
    def fit(text: str) -> str:
        try:
            return made(text.strip())
        except UnfitError as error:
            summary, detail, rule = error.told
            raise InputError(Problem(summary=f"{text}: {summary}", detail=detail, rule=rule)) from None

    return fit


def _addresses(text: str) -> str:
    """Return the addresses with a blank between them; `none` is none."""
    if text.strip().lower() == _NONE:
        return ""
    return " ".join(dict.fromkeys(_fit(network.ip)(one) for one in text.replace(",", " ").split()))


def _or_none(text: str) -> str:
    return "" if text.strip().lower() == _NONE else text.strip()


def _account(domain: str) -> Callable[[str], str]:
    def fit(text: str) -> str:
        if text.strip().lower() == _NONE:
            return ""
        whole = _fit(lambda one: names.address(one, domain))(text)
        return whole.removesuffix(f"@{domain}")

    return fit


def write_all(answers: Answers, out: str) -> None:
    """Write the stack, the schema for editors and what git shall not keep; what is there stays."""
    from reconciler.cli.schema import text_of

    write_new(out, text(answers))
    click.echo(f"written   {out}")
    folder = Path(out).parent
    for name, content in (
        (SCHEMA, text_of("stack")),
        (".gitignore", "".join(f"{line}\n" for line in _IGNORED)),
    ):
        target = folder / name
        if target.exists():
            click.echo(f"is there  {target}, left as it is")
            if name == ".gitignore" and (missing := _missing(target)):
                click.echo(f"Add to it what git shall not keep: {' '.join(missing)}")
            continue
        write_new(str(target), content)
        click.echo(f"written   {target}")


def _missing(target: Path) -> list[str]:
    lines = target.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in _IGNORED if line not in lines]


def next_steps(answers: Answers, out: str) -> str:
    """Return what to do now, to copy."""
    wanted = ["STALWART_PASSWORD=..."] + ([f"{variable(answers.account)}=..."] if answers.account else [])
    where = "" if out == "mailstack.yaml" else f" -f {out}"
    return f"Next:\n\n    export {' '.join(wanted)}\n    mailstack plan{where}"
