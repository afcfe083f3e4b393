"""The changes of a principal's own fields: name, texts, quota, secrets, addresses, permissions, lists.

The functions change the principal of a Patch, or raise RefusedError.  The server's code for them is
crates/directory/src/backend/internal/manage.rs, v0.15.5 and v0.12.2.
"""

from __future__ import annotations

from reconciler.sandbox.addresses import sanitized
from reconciler.sandbox.answers import already_exists, other, quoted
from reconciler.sandbox.patch import Patch
from reconciler.sandbox.principal import is_app_password, is_otp, one_password
from reconciler.sandbox.principal_create import (
    check_domain,
    check_permission,
    check_permission_exists,
    domain_of,
)


def rename(patch: Patch, name: str) -> None:
    if name == patch.principal.name:
        return
    if name in patch.directory.by_name:
        raise already_exists("name", name)
    patch.principal.name = name


def set_text(patch: Patch, key: str, text: str) -> None:
    patch.principal.texts.pop(key, None)
    if text:
        patch.principal.texts[key] = text
        patch.ends_in_emails = False


def set_quota(patch: Patch, quota: int | None) -> None:
    # 0 is kept and shown, unlike in a POST.
    patch.principal.quota = quota
    if quota is not None:
        patch.ends_in_emails = False


def set_secrets(patch: Patch, secrets: list[str]) -> None:
    patch.principal.secrets = one_password(secrets) if patch.directory.version.sorts else secrets
    patch.ends_in_emails = patch.ends_in_emails and not secrets


def add_secret(patch: Patch, secret: str) -> None:
    """Up to 0.13 append (an OTP goes first); later an OTP or a password replaces the one there was."""
    secrets = patch.principal.secrets
    if secret in secrets:
        return
    patch.ends_in_emails = False
    if not patch.directory.version.sorts:
        patch.principal.secrets = [secret, *secrets] if is_otp(secret) else [*secrets, secret]
    elif is_app_password(secret):
        patch.principal.secrets = [*secrets, secret]
    else:
        kept = [s for s in secrets if is_app_password(s) or is_otp(s) != is_otp(secret)]
        patch.principal.secrets = [*kept, secret]


def remove_secret(patch: Patch, secret: str) -> None:
    secrets = patch.principal.secrets
    if is_app_password(secret) or is_otp(secret):
        patch.principal.secrets = [s for s in secrets if not s.startswith(secret)]
    elif secret:
        patch.principal.secrets = [s for s in secrets if s != secret]
    else:
        # Meant are the passwords; 0.14 and later take away everything else (manage.rs:1241, v0.15.5).
        removes_special = patch.directory.version.sorts
        patch.principal.secrets = [s for s in secrets if (is_app_password(s) or is_otp(s)) != removes_special]


def set_emails(patch: Patch, emails: list[str]) -> None:
    for email in emails:
        if email not in patch.principal.emails:
            _check_email(patch, email)
    patch.principal.emails = emails
    patch.hidden_emails = []
    patch.ends_in_emails = True


def _check_email(patch: Patch, email: str) -> None:
    if patch.principal.type == "oauthClient":
        return
    if email in patch.directory.by_email:
        raise already_exists("emails", email)
    domain = domain_of(email, patch.directory.version)
    if domain is None:
        raise other("Invalid email", "Email address is invalid")
    check_domain(patch.directory, domain)


def add_email(patch: Patch, email: str) -> None:
    if email in patch.principal.emails:
        return
    _check_email(patch, email)
    if patch.directory.version.sorts and patch.principal.emails and not patch.ends_in_emails:
        # The new address lies behind other data, where the actions that follow do not look.
        patch.hidden_emails.append(email)
        return
    patch.principal.emails.append(email)
    patch.ends_in_emails = True


def remove_email(patch: Patch, email: str) -> None:
    if email in patch.principal.emails:
        patch.principal.emails.remove(email)


def set_permissions(patch: Patch, key: str, names: list[str]) -> None:
    """Replace what is granted, or what is taken away; the other half stays."""
    for name in names:
        check_permission(name, key, patch.caller, patch.directory.version)
    grants = key == "enabledPermissions"
    kept = {name: granted for name, granted in patch.principal.permissions.items() if granted != grants}
    patch.principal.permissions = kept | dict.fromkeys(names, grants)
    patch.ends_in_emails = patch.ends_in_emails and not names


def add_permission(patch: Patch, key: str, name: str) -> None:
    check_permission(name, key, patch.caller, patch.directory.version)
    patch.principal.permissions[name] = key == "enabledPermissions"
    patch.ends_in_emails = False


def remove_permission(patch: Patch, key: str, name: str) -> None:
    check_permission_exists(name, key, patch.directory.version)
    if patch.principal.permissions.get(name) == (key == "enabledPermissions"):
        del patch.principal.permissions[name]


def set_items(patch: Patch, key: str, texts: list[str]) -> None:
    items = [_checked_item(key, text) for text in texts]
    patch.principal.items.pop(key, None)
    if items:
        patch.principal.items[key] = items
        patch.ends_in_emails = False


def add_item(patch: Patch, key: str, text: str) -> None:
    item = _checked_item(key, text)
    items = patch.principal.items.setdefault(key, [])
    if item not in items:
        items.append(item)
        patch.ends_in_emails = False


def remove_item(patch: Patch, key: str, text: str) -> None:
    # Compared as it stands: what addItem lower-cased must be named in lower case.
    if key in patch.principal.items:
        patch.principal.items[key] = [item for item in patch.principal.items[key] if item != text]


def _checked_item(key: str, text: str) -> str:
    """Return the item as it is stored: external members are addresses, checked and lower-cased."""
    if key == "urls":
        return text
    address = sanitized(text)
    if address is None:
        raise other("Invalid email address", f"Invalid value {quoted(text)} for {key}")
    return address
