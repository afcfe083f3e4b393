"""Who asks, and what he may do: Basic and API-key credentials, roles, permissions.

Logins are names of principals, never their addresses; the directory is asked first, then the
fallback administrator of config.toml (crates/common/src/auth/mod.rs, v0.15.5).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.answers import RefusedError, forbidden, problem, unauthorized
from reconciler.sandbox.directory import Directory
from reconciler.sandbox.passwords import UnusableHashError, matches
from reconciler.sandbox.permissions import permissions_of
from reconciler.sandbox.principal import ROLES, Principal, is_app_password, is_otp

_TOTP_MISSING: Final = (
    "A TOTP code is required to authenticate this account. "
    "Try authenticating again using 'secret$totp_token'."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The one who is logged in.  `principal` is None for the fallback administrator."""

    principal: Principal | None
    permissions: frozenset[str]

    def need(self, permission: str) -> None:
        """Raise RefusedError (403) unless the caller has the permission."""
        if permission not in self.permissions:
            raise forbidden()


def authenticated(
    directory: Directory, fallback: tuple[str, str] | None, authorization: str | None
) -> Caller:
    """Return the caller that the Authorization header names, or raise RefusedError (401, 402, 403)."""
    realms = directory.version.names_realms
    try:
        caller = _caller(directory, fallback, *_credentials(authorization or ""))
    except _UnreadableError as error:
        # The header cannot be decoded, or the stored hash cannot be used.
        raise unauthorized(with_realms=realms == "unreadable") from error
    if not caller:
        raise unauthorized(with_realms=realms == "refused")
    caller.need("authenticate")
    return caller


class _UnreadableError(Exception):
    """Not a wrong password, but something that is no credential at all."""


def _credentials(authorization: str) -> tuple[str, str]:
    """Return login and password; the login is trimmed and lower-cased.  Nothing given, nothing back."""
    scheme, blank, token = authorization.partition(" ")
    if not blank:
        return "", ""
    token = token.strip()
    if scheme.lower() == "bearer" and token.startswith("api_"):
        token = token.removeprefix("api_")
    elif scheme.lower() != "basic":
        # Tokens of OAuth are never issued here, so none is valid.
        raise _UnreadableError
    try:
        login, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _UnreadableError from error
    if not colon:
        raise _UnreadableError
    return login.strip().lower(), password


def _caller(
    directory: Directory, fallback: tuple[str, str] | None, login: str, password: str
) -> Caller | None:
    principal = directory.get(login)
    trouble: UnusableHashError | None = None
    try:
        if principal and _verified(principal, password):
            return Caller(principal=principal, permissions=role_permissions(directory, principal.id))
    except UnusableHashError as error:
        # The fallback administrator is still tried; then this is the reason of the refusal.
        trouble = error
    try:
        if fallback and login == fallback[0] and matches(fallback[1], password):
            return Caller(principal=None, permissions=permissions_of("admin", directory.version))
    except UnusableHashError as error:
        trouble = error
    if trouble:
        raise _UnreadableError from trouble
    return None


def _verified(principal: Principal, password: str) -> bool:
    for secret in filter(is_app_password, principal.secrets):
        if matches(secret.removeprefix("$app$").partition("$")[2], password):
            return True
    right = any(
        matches(secret, password)
        for secret in principal.secrets
        if not is_app_password(secret) and not is_otp(secret)
    )
    if right and any(map(is_otp, principal.secrets)):
        raise RefusedError(problem(402, "TOTP code required", _TOTP_MISSING))
    return right


def role_permissions(directory: Directory, number: int) -> frozenset[str]:
    """Return what a principal, or a role with its parents, may do: what is disabled anywhere is gone."""
    enabled: set[str] = set()
    disabled: set[str] = set()
    seen: set[int] = set()
    waiting = [number]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in ROLES.values():
            enabled |= permissions_of(directory.name_of(current), directory.version)
            continue
        for name, granted in directory.by_id[current].permissions.items():
            (enabled if granted else disabled).add(name)
        waiting += [c for c in directory.containers(current) if directory.type_of(c) == "role"]
    return frozenset(enabled - disabled)
