"""The whole file in its one form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import ValidationError

from reconciler.config import stack as normal
from reconciler.config import translate
from reconciler.config.check.targets import Reference
from reconciler.config.faults import Faults
from reconciler.config.models.stack import Body, Ignore, Written
from reconciler.config.models.stalwart import Stalwart, Tls
from reconciler.config.normal import names, network
from reconciler.config.normal.defaults import body_of, laid
from reconciler.config.normal.domains import domains
from reconciler.config.normal.resources import Listed
from reconciler.config.normal.scope import Scope
from reconciler.config.normal.secrets import reference, setting
from reconciler.config.tree import NOTHING, Node, Path
from reconciler.resource import UNSET

_STACK_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")

# The directories of the authorities that need no explanation.
AUTHORITIES = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}


def stack(
    written: Written, root: Mapping[str, Node], scope: Scope, listed: Mapping[str, Listed]
) -> tuple[normal.Stack, list[Reference]]:
    """Return the normalised stack, and what in it names another entry; what is unfit is left out.

    root is the mapping that `written` was made from, listed what its removed, forget and
    release say; the scope is that of the main domain.
    """
    faults = scope.faults
    hostname = written.hostname
    made, references = domains(_bodies(written, root, scope), scope)
    whole = normal.Stack(
        name=_name(written.stack, scope) or scope.home,
        file=faults.tree.file,
        base=scope.base,
        version=int(written.version),
        hostname=None if hostname is None else faults.attempt(("hostname",), names.hostname, hostname),
        stalwart=stalwart(written.stalwart, ("stalwart",), scope),
        domains=made,
        tls=_tls(written.tls, ("tls",), scope),
        allowed_ips=scope.distinct(("allowed_ips",), network.network, written.allowed_ips),
        settings={key: setting(value, ("settings", key)) for key, value in written.settings.items()},
        revisions={
            key: 1 if value.revision is None else value.revision
            for key, value in written.settings.items()
            if value.text is None
        },
        removed=tuple(address for _, address in listed["removed"]),
        forget=tuple(address for _, address in listed["forget"]),
        release=tuple(address for _, address in listed["release"]),
        ignore=tuple(_ignore(item, ("lint", "ignore", i)) for i, item in enumerate(written.lint.ignore)),
    )
    return whole, references


def _name(text: str | None, scope: Scope) -> str | None:
    if text is not None and not _STACK_NAME.fullmatch(text):
        detail = (
            "The name stands in marks on the server and in the zone file.  Use small letters, digits, "
            "dots, hyphens and underscores, at most 63, with a letter or digit at both ends."
        )
        scope.faults.add(("stack",), ("not a stack's name", detail, "stack-name"))
    return text


def _bodies(written: Written, root: Mapping[str, Node], scope: Scope) -> dict[str, tuple[Path, Body, bool]]:
    """Return each domain's path, its body with the defaults under it, and whether it has a `dns:`."""
    bodies: dict[str, tuple[Path, Body, bool]] = {}
    entries: list[tuple[str, Path, Body, Node]] = [(scope.home, (), written, body_of(root))]
    nodes = root.get("domains")
    for key, body in written.domains.items():
        at: Path = ("domains", key)
        name = scope.faults.attempt(at, names.domain, key, key=True)
        if name is not None:
            entries.append((name, at, body, nodes[key] if isinstance(nodes, dict) else NOTHING))
    for name, at, body, node in entries:
        if name in bodies:
            first = scope.faults.place(bodies[name][0] or ("domain",))
            detail = f"{name} is declared at {first}, too.  Put everything of a domain in one place."
            scope.faults.add(at, ("a domain that is declared twice", detail, "domain-twice"), key=True)
            continue
        bodies[name] = (
            at,
            *_with_defaults(body, node, root.get("defaults", NOTHING), name, at, scope.faults),
        )
    return bodies


def _with_defaults(
    body: Body, node: Node, defaults: Node, name: str, at: Path, faults: Faults
) -> tuple[Body, bool]:
    if defaults is NOTHING:
        return body, "dns" in body.model_fields_set
    failure: ValidationError
    try:
        joined = Body.model_validate(laid(defaults, node, name) or {})
    except ValidationError as error:
        failure = error
    else:
        return joined, "dns" in joined.model_fields_set
    translate.note(failure, Body, faults, at)
    return body, "dns" in body.model_fields_set


def stalwart(written: Stalwart | None, at: Path, scope: Scope) -> normal.Stalwart | None:
    """Return how the mail server is reached; what is unfit is noted."""
    if written is None:
        return None
    _credentials(written, at, scope.faults)
    attempt = scope.faults.attempt
    authority = written.verify.authority
    return normal.Stalwart(
        at=at,
        url=attempt((*at, "url"), network.url, written.url) or written.url,
        username=written.username,
        password=reference(written.password, (*at, "password")) if written.password else None,
        token=reference(written.token, (*at, "token")) if written.token else None,
        config=scope.place(written.config, (*at, "config"), remote=written.via is not None),
        restart=tuple(written.restart or ()),
        via=attempt((*at, "via"), network.ssh, written.via) if written.via is not None else None,
        timeout=written.timeout,
        container=written.container,
        verify=written.verify.on if authority is None else scope.here(authority),
    )


def _credentials(written: Stalwart, at: Path, faults: Faults) -> None:
    """Note a login that is half there or there twice.  None at all is fine: it may come from elsewhere."""
    if written.token is not None and (written.username is not None or written.password is not None):
        detail = "Keep `token:` for Stalwart 0.16 and later, or `username:` and `password:` for servers before that."
        faults.add((*at, "token"), ("two logins", detail, "login"), key=True)
    elif written.username is not None and written.password is None and written.token is None:
        detail = "Write where it lies: password: {env: STALWART_PASSWORD}."
        faults.add((*at, "username"), ("a username without a password", detail, "login"), key=True)
    elif written.password is not None and written.username is None:
        detail = "Write whose it is: username: admin."
        faults.add((*at, "password"), ("a password without a username", detail, "login"), key=True)


def _tls(written: Tls | None, at: Path, scope: Scope) -> normal.Tls | None:
    if written is None:
        return None
    directory = written.directory or AUTHORITIES.get(written.acme)
    if directory is None or not directory.startswith("https://"):
        detail = f"Write {' or '.join(AUTHORITIES)}, or the https URL of its ACME directory as `directory:`."
        scope.faults.add((*at, "acme"), ("an authority that is not known", detail, "acme"))
    return normal.Tls(
        at=at,
        acme=written.acme,
        directory=directory or "",
        contact=scope.each((*at, "contact"), names.address, written.contact, scope.home),
        challenge=written.challenge,
        domains=scope.each((*at, "domains"), names.domain, written.domains or ()),
        renew_before=UNSET if written.renew_before is None else written.renew_before,
    )


def _ignore(written: Ignore, at: Path) -> normal.Ignore:
    return normal.Ignore(at=at, id=written.id, name=written.name, reason=written.reason, until=written.until)
