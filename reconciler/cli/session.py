"""One run of plan or apply, put together: the stack, the desired state, the backends, the plan."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconciler.backends.interface import Backend, Reader, ReadOnly
from reconciler.config.load import Loaded, load
from reconciler.config.keyring import Keyring
from reconciler.config.secrets import Secret, SecretRef
from reconciler.conflict import conflicts
from reconciler.desired import Desired, desire
from reconciler.diff import compare
from reconciler.errors import InputError, Problem, Where, collected
from reconciler.live import observe
from reconciler.plan import Plan, make
from reconciler.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What one run works with.  backends are keyed by the label that plans use."""

    loaded: Loaded
    desired: Desired
    keyring: Keyring
    backends: dict[str, Backend]
    allowed_deletes: int | None

    def plan(self) -> Plan:
        """Read everything and return the plan.  Reads only: what is handed on cannot write."""
        readers: list[Reader] = [ReadOnly(backend) for backend in self.backends.values()]
        live = observe(readers, self.desired)
        if problems := conflicts(self.desired, live):
            raise InputError(*collected(problems))
        return make(
            compare(self.desired, live),
            self.desired,
            live,
            allowed_deletes=self.allowed_deletes,
            notes=not_managed_yet(self.loaded),
        )


def begin(
    file: str, released: Iterable[str] = (), allowed_deletes: int | None = None, *, debug: bool = False
) -> Session:
    """Load the stack and connect to its server.  Only the server's own login is opened (design: late secrets)."""
    loaded = load(file)
    desired = desire(loaded.stack, loaded.where, released=frozenset(Address.parse(a) for a in released))
    keyring = Keyring(base=loaded.stack.base, environ=os.environ, where=loaded.where)
    backends: dict[str, Backend] = {}
    stalwart = loaded.stack.stalwart
    if stalwart is None:
        raise InputError(
            Problem(
                where=Where(file=file),
                summary="the stack does not say where its mail server is",
                detail=(
                    "Add a section such as:\n\n"
                    "    stalwart: {url: http://127.0.0.1:8080, username: admin, password: {env: STALWART_PASSWORD}}"
                ),
                rule="no-server",
            )
        )
    from reconciler.backends.stalwart.connect import connect

    backend = connect(
        stalwart.url,
        stalwart.username or "",
        _login(loaded, keyring),
        loaded.stack.name,
        timeout=stalwart.timeout,
        verify=stalwart.verify,
        tell=_tell_request if debug else None,
    )
    backends[backend.label] = backend
    return Session(
        loaded=loaded,
        desired=desired,
        keyring=keyring,
        backends=backends,
        allowed_deletes=allowed_deletes,
    )


def secrets_of(session: Session, plan: Plan) -> Callable[[Address], Secret]:
    """Return what opens a resource's secret; InputError at once for all that the plan needs and that are missing."""
    references = _references(session.loaded)
    needed = [
        references[change.address]
        for change in plan.changes
        if change.address in references and any(field.secret for field in change.fields)
    ]
    if problems := session.keyring.missing(needed):
        raise InputError(*collected(problems))
    return lambda address: session.keyring.resolve(references[address])


def _references(loaded: Loaded) -> dict[Address, SecretRef]:
    from reconciler.config.secrets import Given
    from reconciler.kinds import account, setting
    from reconciler.resource import UNSET

    found: dict[Address, SecretRef] = {}
    for domain in loaded.stack.domains.values():
        for person in domain.accounts.values():
            if person.password is not UNSET:
                found[account.address_of(person.address)] = person.password
    for key, value in loaded.stack.settings.items():
        found[setting.address_of(key)] = Given(secret=Secret(value)) if isinstance(value, str) else value
    return found


def _login(loaded: Loaded, keyring: Keyring) -> Secret:
    stalwart = loaded.stack.stalwart
    assert stalwart is not None
    if stalwart.username is None or stalwart.password is None:
        raise InputError(
            Problem(
                where=loaded.where(stalwart.at),
                summary="the stack does not say how to log in",
                detail="Stalwart 0.11 to 0.15 wants stalwart.username and stalwart.password; an API key is for 0.16.",
                rule="no-login",
            )
        )
    return keyring.resolve(stalwart.password)


def not_managed_yet(loaded: Loaded) -> tuple[str, ...]:
    """Return, in words, which declared parts this version does not manage."""
    stack = loaded.stack
    notes = []
    if any(domain.dns.declared for domain in stack.domains.values()):
        notes.append(
            "dns: this version does not manage zone files and records yet; nothing of it is compared."
        )
    if stack.stalwart is not None and stack.stalwart.config is not None:
        notes.append(
            "stalwart.config: this version does not edit config.toml yet; local keys go through the API."
        )
    if stack.stalwart is not None and stack.stalwart.via is not None:
        notes.append("stalwart.via: this version connects to the url from here.")
    return tuple(notes)


def _tell_request(line: str) -> None:
    print(line, file=sys.stderr)
