"""A draft -> the text of mailstack.yaml, commented and in the order in which people read it.

What `load` makes of the text is the draft's stack, which a law holds.  Only what a draft can hold is
written: a password is never among it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from reconciler.config.normal.stack import AUTHORITIES
from reconciler.config.secrets import FromCommand, FromEnv, FromFile, SecretRef
from reconciler.config.stack import Domain, Stack, Stalwart, Tls
from reconciler.config.units import duration_text
from reconciler.resource import UNSET
from reconciler.takeover.dns_text import dns_lines, place
from reconciler.takeover.draft import Draft
from reconciler.takeover.fresh import SCHEMA
from reconciler.takeover.left_out import LeftOut
from reconciler.takeover.people_text import aliases_of, body_lines, short
from reconciler.takeover.scalars import flow, flow_mapping, scalar, value

_WIDTH = 100


def text(draft: Draft, told: Sequence[str] = ()) -> str:
    """Return the file.  told are the lines of its head: where it comes from."""
    stack = draft.stack
    own = aliases_of(stack)
    sections = [
        [f"# yaml-language-server: $schema={SCHEMA}", "#", *_comment(" ".join(told))],
        list(_head(stack)),
        list(stalwart_lines(stack.stalwart)) if stack.stalwart else [],
        *domain_sections(stack.domain, stack, own),
        list(_tls(stack.tls, stack.domain.name)) if stack.tls else [],
        list(_other_domains(stack, own)),
        list(_allowed(stack.allowed_ips, draft.hosts)),
        list(_settings(stack.settings)),
        list(_forget(stack)),
        list(_left_out(draft.left_out)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _comment(words: str, indent: str = "") -> list[str]:
    return [f"{indent}# {line}" for line in wrap(words, _WIDTH - 2 - len(indent), break_on_hyphens=False)]


def _head(stack: Stack) -> Iterator[str]:
    yield "version: 1"
    yield f"stack: {scalar(stack.name)}  # the name in the marks by which mailstack knows what is its own"
    yield f"domain: {scalar(stack.domain.name)}  # a bare name below, such as alice, means alice@{stack.domain.name}"
    if stack.hostname is not None:
        yield f"hostname: {scalar(stack.hostname)}  # how the server calls itself when it talks to other servers"
    else:
        yield "# hostname: mail.example.org  # the server has no name that a stack could declare: see the end"


def stalwart_lines(stalwart: Stalwart) -> Iterator[str]:
    """Yield the section that says how to reach the server."""
    yield "# How to reach the mail server.  Secrets never stand in this file, only where they lie."
    yield "stalwart:"
    yield f"  url: {scalar(stalwart.url)}"
    if stalwart.username is not None:
        yield f"  username: {scalar(stalwart.username)}"
    for key, secret in (("password", stalwart.password), ("token", stalwart.token)):
        if secret is not None:
            yield f"  {key}: {_secret(secret)}"
    if stalwart.config is not None:
        yield f"  config: {place(stalwart.config)}"
    if stalwart.restart:
        yield f"  restart: {flow(map(scalar, stalwart.restart))}"
    if stalwart.via is not None:
        yield f"  via: {scalar(str(stalwart.via))}"
    if stalwart.timeout != 60:
        yield f"  timeout: {duration_text(stalwart.timeout)}"
    if stalwart.container is not None:
        yield f"  container: {scalar(stalwart.container)}"
    if stalwart.verify is not True:
        yield f"  verify: {'false' if stalwart.verify is False else scalar(str(stalwart.verify))}"


def _secret(secret: SecretRef) -> str:
    match secret:
        case FromEnv():
            return flow_mapping([("env", scalar(secret.env))])
        case FromFile():
            return flow_mapping([("file", scalar(secret.file))])
        case FromCommand():
            pairs = [("command", flow(map(scalar, secret.command)))]
            return flow_mapping([*pairs, *([("key", scalar(secret.key))] if secret.key else [])])
        case _:
            raise AssertionError("a hash is no login")


def domain_sections(domain: Domain, stack: Stack, own: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield what the file says of one domain, section by section, not indented."""
    if domain.description is not UNSET:
        yield [f"description: {scalar(str(domain.description))}"]
    if domain.parked:
        yield ["type: parked"]
    if domain.dns.declared:
        yield list(dns_lines(domain, stack))
    yield from body_lines(domain, own)


def _other_domains(stack: Stack, own: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for number, domain in enumerate(list(stack.domains.values())[1:]):
        if number == 0:
            yield "# Further domains.  A bare name in each means an address of that domain."
            yield "domains:"
        sections = list(domain_sections(domain, stack, own))
        if not sections:
            yield f"  {scalar(domain.name)}: {{}}"
            continue
        yield f"  {scalar(domain.name)}:"
        for section in sections:
            yield from (f"    {line}" if line else "" for line in section)


def _tls(tls: Tls, home: str) -> Iterator[str]:
    yield "# The certificate: the server gets it for itself."
    yield "tls:"
    yield f"  acme: {scalar(tls.acme)}"
    if AUTHORITIES.get(tls.acme) != tls.directory:
        yield f"  directory: {scalar(tls.directory)}"
    contacts = [scalar(short(text, home)) for text in tls.contact]
    yield f"  contact: {contacts[0] if len(contacts) == 1 else flow(contacts)}"
    if tls.challenge != "tls-alpn-01":
        yield f"  challenge: {scalar(tls.challenge)}"
    if tls.domains:
        yield f"  domains: {flow(map(scalar, tls.domains))}"
    if isinstance(tls.renew_before, int):
        yield f"  renew_before: {duration_text(tls.renew_before)}"


def _allowed(networks: Iterable[str], hosts: Mapping[str, str]) -> Iterator[str]:
    lines = [(scalar(network), hosts.get(network, "")) for network in networks]
    if not lines:
        return
    width = max(len(shown) for shown, _ in lines)
    yield "# Addresses that the server never bans: your proxy or tunnel, above all."
    yield "allowed_ips:"
    for shown, host in lines:
        yield f"  - {shown:{width}}  # {_safe(host)}" if host else f"  - {shown}"


def _settings(settings: Mapping[str, object]) -> Iterator[str]:
    if settings:
        yield "# Settings of the server that are not what a new one has."
        yield "settings:"
    for key, found in settings.items():
        yield f"  {scalar(key)}: {value(str(found))}"


def _forget(stack: Stack) -> Iterator[str]:
    if stack.forget:
        yield from _comment(
            "They carry this stack's mark and are not said above: only the mark goes, they stay as they are."
        )
        yield "forget:"
    for address in stack.forget:
        yield f"  - {scalar(str(address))}"


def _left_out(found: Sequence[LeftOut]) -> Iterator[str]:
    if found:
        yield "# Not in this file, and left alone by mailstack:"
        yield "#"
    for one in found:
        yield f"#   {_safe(str(one.address))}: {_safe(one.why)}"


def _safe(words: str) -> str:
    """Return a text from outside for a comment: on one line, with nothing that a terminal would obey."""
    return words if words.isprintable() else scalar(words)
