"""The flags of `import` as a stack that says how to reach everything, and the file that is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import click

from reconciler.cli.importing import UNKNOWN, Wanted
from reconciler.cli.zone_names import argument, place_of
from reconciler.config.dns import Dns
from reconciler.config.faults import UnfitError
from reconciler.config.load import load
from reconciler.config.normal import names, network
from reconciler.config.secrets import FromEnv, FromFile, SecretRef
from reconciler.config.stack import Domain, Stack, Stalwart
from reconciler.errors import InputError, Problem
from reconciler.kinds.mail_entry import NOTHING

T = TypeVar("T")

_VARIABLE = "STALWART_PASSWORD"


def refuse_existing(out: str) -> None:
    """Raise InputError where the file is there: what a person has written is not ours to replace."""
    if os.path.lexists(out):
        raise InputError(_is_there(out))


def write_new(out: str, text: str) -> None:
    """Write a file that is not there."""
    try:
        with open(out, "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise InputError(_is_there(out)) from None
    except OSError as error:
        raise InputError(
            Problem(summary=f"{out} cannot be written", detail=f"The system says: {error.strerror}.")
        ) from error


def write_schema(out: str) -> str | None:
    """Write the schema that the stack's first line names beside it; return its name, None where one is there."""
    from reconciler.cli.schema import text_of
    from reconciler.takeover.fresh import SCHEMA

    target = os.path.join(os.path.dirname(out), SCHEMA)
    if os.path.exists(target):
        return None
    write_new(target, text_of("stack"))
    return target


def _is_there(out: str) -> Problem:
    return Problem(
        summary=f"{out} is there already, and import overwrites nothing",
        detail=f"Name another file, or have what is missing added to this one:\n\n    mailstack import --into {out}",
        rule="file-exists",
    )


def seed_from_flags(
    url: str,
    username: str | None,
    password_env: str | None,
    password_file: str | None,
    config: str | None,
    via: str | None,
    name: str | None,
    domains: tuple[str, ...],
    out: str,
) -> Stack:
    """Return a stack that says how to reach the server, and as yet nothing else."""
    if password_env is not None and password_file is not None:
        raise click.UsageError("One password has one source: --password-env or --password-file.")
    machine = None if via is None else _fit("--via", network.ssh, via)
    password: SecretRef = FromEnv(env=password_env or _VARIABLE)
    if password_file is not None:
        password = FromFile(file=os.path.abspath(os.path.expanduser(password_file)))
    main = _fit("--domain", names.domain, domains[0]) if domains else UNKNOWN
    return Stack(
        name=name or main,
        file=out,
        base=os.path.dirname(os.path.abspath(out)),
        version=1,
        stalwart=Stalwart(
            url=_fit("--url", network.url, url),
            username=username or "admin",
            password=password,
            config=None if config is None else place_of(config, is_remote=machine is not None),
            via=machine,
        ),
        domains={main: Domain(name=main, dns=Dns(zone=main))},
    )


def seed_from_stack(file: str, out: str) -> Stack:
    """Return what a stack says of how to reach everything, without what it declares."""
    stack = load(file).stack
    domains = {
        name: Domain(
            name=name,
            dns=replace(
                Dns(zone=one.dns.zone, declared=one.dns.declared, mail=NOTHING),
                zonefile=one.dns.zonefile,
                reload=one.dns.reload,
                servers=one.dns.servers,
                via=one.dns.via,
                timeout=one.dns.timeout,
            ),
        )
        for name, one in stack.domains.items()
        if not one.parked
    }
    kept = {one.dns.zone for one in domains.values() if one.dns.zonefile}
    for name, one in domains.items():
        if one.dns.zone not in kept:  # its zone is kept elsewhere, where nothing can be read
            domains[name] = replace(one, dns=Dns(zone=name))
    return Stack(
        name=stack.name,
        file=out,
        base=os.path.dirname(os.path.abspath(out)),
        version=stack.version,
        stalwart=stack.stalwart,
        domains=domains,
    )


def wanted(
    seed: Stack, domains: tuple[str, ...], zones: tuple[str, ...], *, has_name: bool, debug: bool
) -> Wanted:
    """Return all that is asked for; the password is asked for on the terminal where nothing gives it."""
    is_remote = seed.stalwart is not None and seed.stalwart.via is not None
    return Wanted(
        seed=seed,
        domains=tuple(dict.fromkeys(_fit("--domain", names.domain, text) for text in domains)),
        zones=tuple(argument(text, is_remote=is_remote) for text in zones),
        environ=_with_password(seed),
        has_name=has_name,
        debug=debug,
    )


def _with_password(seed: Stack) -> dict[str, str]:
    """Return the environment, with the password in the variable that the stack names."""
    environ = dict(os.environ)
    password = seed.stalwart.password if seed.stalwart else None
    if isinstance(password, FromEnv) and password.env not in environ and sys.stdin.isatty():
        assert seed.stalwart is not None
        asked = f"Password of {seed.stalwart.username} at {seed.stalwart.url}"
        environ[password.env] = click.prompt(asked, hide_input=True, err=True)
    return environ


def _fit(option: str, made: Callable[[str], T], text: str) -> T:
    try:
        return made(text)
    except UnfitError as error:
        summary, detail, rule = error.told
        raise InputError(Problem(summary=f"{option} {text}: {summary}", detail=detail, rule=rule)) from None
